import { join, resolve } from 'node:path';
import { labFolder } from './parts';

/** Where the lab's parts listen. Fixed, so that a person finds them again; the environment can move each. */
export interface LabSettings {
  databasePort: number;
  sipPort: number;
  ariPort: number;
  carrierPort: number;
  /** Kamailio's, for SIP and for its RPC. */
  proxyPort: number;
  proxyRpcPort: number;
  agiPort: number;
  semsPort: number;
  ratingPort: number;
  cnxccPort: number;
  restPort: number;
  /** The operator's API. */
  httpPort: number;
}

export const carrierAddress = '127.0.0.3';

const ports: Record<keyof LabSettings, { variable: string; port: number }> = {
  databasePort: { variable: 'RINGFENCE_LAB_DATABASE_PORT', port: 3316 },
  // Not 5060: an Asterisk that runs on this machine already must be able to go on.
  sipPort: { variable: 'RINGFENCE_LAB_SIP_PORT', port: 5160 },
  ariPort: { variable: 'RINGFENCE_LAB_ARI_PORT', port: 8188 },
  carrierPort: { variable: 'RINGFENCE_LAB_CARRIER_PORT', port: 5170 },
  proxyPort: { variable: 'RINGFENCE_LAB_PROXY_PORT', port: 5180 },
  proxyRpcPort: { variable: 'RINGFENCE_LAB_PROXY_RPC_PORT', port: 5181 },
  agiPort: { variable: 'RINGFENCE_LAB_AGI_PORT', port: 4673 },
  semsPort: { variable: 'RINGFENCE_LAB_SEMS_PORT', port: 8100 },
  ratingPort: { variable: 'RINGFENCE_LAB_RATING_PORT', port: 9124 },
  cnxccPort: { variable: 'RINGFENCE_LAB_CNXCC_PORT', port: 8120 },
  restPort: { variable: 'RINGFENCE_LAB_REST_PORT', port: 8110 },
  httpPort: { variable: 'RINGFENCE_LAB_HTTP_PORT', port: 8190 },
};

export function readLabSettings(environment: NodeJS.ProcessEnv): LabSettings {
  const entries = Object.entries(ports).map(([name, { variable, port }]) => {
    const text = environment[variable] ?? String(port);
    if (!/^\d{2,5}$/.test(text) || Number(text) > 65_535) throw new Error(`${variable}=${text} is not a port`);
    return [name, Number(text)];
  });
  return Object.fromEntries(entries) as LabSettings;
}

/** The variable that moves a port, for the error that names a port in use. */
export const variableOf = (name: keyof LabSettings): string => ports[name].variable;

/** A second lab of one checkout has its own folder, and its own ports. */
const stateFolder = resolve(process.env.RINGFENCE_LAB_FOLDER ?? labFolder);

export const folders = {
  database: join(stateFolder, 'database'),
  asterisk: join(stateFolder, 'asterisk'),
  carrier: join(stateFolder, 'carrier'),
  ringfence: join(stateFolder, 'ringfence'),
  kamailio: join(stateFolder, 'kamailio'),
  log: join(stateFolder, 'log'),
  bin: join(stateFolder, 'bin'),
} as const;

export const envPath = join(stateFolder, 'env');
/** In the database's folder: a new database is seeded again. */
export const seededPath = join(folders.database, 'seeded');
/** The secret of the lab's key to the operator's API. */
export const httpKeyPath = join(folders.ringfence, 'http-key');
/** The password of the lab's person at the console. */
export const consolePasswordPath = join(folders.ringfence, 'console-password');
/** The socket at which call_control of the lab's Kamailio asks. */
export const callControlPath = join(folders.ringfence, 'callcontrol');
export const ringfenceLogPath = join(folders.log, 'ringfence.log');
