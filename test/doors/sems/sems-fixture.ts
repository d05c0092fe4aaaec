import { posted } from '../../../lab/clients/sems';
import { doorNode } from '../../../src/doors/door-kind';
import { SEMS_DOOR, SemsDoor, type SemsDoorOptions } from '../../../src/doors/sems/sems-door';
import type { SemsSettings } from '../../../src/doors/sems/sems-settings';
import { parsePeers } from '../../../src/listeners/peers';
import type { TestDatabase } from '../../database/test-database';
import { type OpenedDoor, opened, Wire } from '../door-fixture';

export const NODE = doorNode(SEMS_DOOR, 'main');

export type TestDoor = OpenedDoor<SemsDoor>;

export const openDoor = (
  test: TestDatabase,
  {
    secondPersonAbove = null,
    ...more
  }: Partial<Omit<SemsSettings, 'listen'> & Pick<SemsDoorOptions, 'secondPersonAbove'>> = {},
): Promise<TestDoor> =>
  opened(
    test,
    NODE,
    parts =>
      new SemsDoor({
        ...parts,
        secondPersonAbove,
        settings: {
          listen: { host: '127.0.0.1', port: 0 },
          peers: parsePeers(['127.0.0.0/8']),
          managers: parsePeers(['127.0.0.1']),
          name: 'main',
          account: '{uuid}',
          capSeconds: 1800,
          secondsNumber: '00999',
          ...more,
        },
      }),
  );

/** Any call, of strings and whole numbers. */
export const callOf = (method: string, ...params: (string | number)[]): string =>
  `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${params
    .map(value => `<param><value>${typeof value === 'number' ? `<int>${value}</int>` : value}</value></param>`)
    .join('')}</params></methodCall>`;

/** Asks over a connection of its own, as SEMS does for every call; the body of the answer. */
export async function ask(port: number, body: string, from?: string): Promise<string> {
  const wire = await Wire.open(port, from);
  wire.send(posted(body));
  const answer = await wire.answer();
  wire.close();
  return answer.slice(answer.indexOf('\r\n\r\n') + 4);
}

/** The one <int> of an answer; an Error with the answer if it contains anything else. */
export function intIn(body: string): number {
  const found =
    /^<\?xml version="1\.0"\?>\r\n<methodResponse><params><param><value><int>(-?\d+)<\/int><\/value><\/param><\/params><\/methodResponse>\r\n$/.exec(
      body,
    );
  if (!found) throw new Error(`no int: ${body}`);
  return Number(found[1]);
}

export const askInt = async (port: number, body: string): Promise<number> => intIn(await ask(port, body));

export { getCredit, posted, subtractCredit } from '../../../lab/clients/sems';
