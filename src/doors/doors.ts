/** The doors that there are. One line in DOORS adds a door; everything else here follows from the table (docs/doors/writing-a-door.md). */
import type { SettingsTable } from '../config/setting';
import type { ProxyGate } from '../switches/proxy/proxy-gate';
import { PROXY_SETTINGS, type ProxySettings } from '../switches/proxy/proxy-settings';
import { AGI_DOOR } from './agi/agi-door';
import { CONTROL_DOOR } from './call-control/control-door';
import { CNXCC_DOOR } from './cnxcc/cnxcc-door';
import type { Door } from './door';
import {
  type AnyDoorSettings,
  type DoorNode,
  type DoorParts,
  type DoorTable,
  doorNode,
  type NamedDoorSettings,
  type Opened,
  type OwnCallsKind,
  type ProxyCallsKind,
} from './door-kind';
import { RATING_DOOR } from './rating-engine/rating-door';
import { REST_DOOR } from './rest/rest-door';
import { SEMS_DOOR } from './sems/sems-door';

export const DOORS = {
  agi: AGI_DOOR,
  sems: SEMS_DOOR,
  callControl: CONTROL_DOOR,
  cnxcc: CNXCC_DOOR,
  ratingEngine: RATING_DOOR,
  rest: REST_DOOR,
} satisfies DoorTable;

type SettingsOf<Kind> =
  Kind extends OwnCallsKind<infer Settings extends NamedDoorSettings>
    ? Settings
    : Kind extends ProxyCallsKind<infer Settings extends AnyDoorSettings>
      ? Settings
      : never;

/** The settings of each door, and of the SIP proxy for which some of the doors speak. */
export type DoorSettings = { [Name in keyof typeof DOORS]: SettingsOf<(typeof DOORS)[Name]> } & {
  proxy: ProxySettings;
};

/** The tables of settings by which DoorSettings are read. */
export const settingsTables = (doors: DoorTable): Record<string, SettingsTable<object>> => ({
  ...Object.fromEntries(Object.entries(doors).map(([name, { settings }]) => [name, settings])),
  proxy: PROXY_SETTINGS,
});

/** Assumes settings that were read by the tables of these doors. */
const settingsOf = (name: string, settings: DoorSettings): AnyDoorSettings => settings[name as keyof typeof DOORS];

const nodeOf = (kind: OwnCallsKind, settings: AnyDoorSettings): DoorNode =>
  doorNode(kind, (settings as NamedDoorSettings).name);

/** Whether any door is open. */
export const isAnyDoorOpen = (settings: DoorSettings, doors: DoorTable = DOORS): boolean =>
  Object.keys(doors).some(name => settingsOf(name, settings).listen !== null);

/** The values of astcdr.node for calls that come by doors alone. No switch of ours has these nodes, so a call there needs no lease. */
export const doorNodes = (settings: DoorSettings, doors: DoorTable = DOORS): Set<string> =>
  new Set(
    Object.entries(doors).flatMap(([name, kind]) =>
      kind.node === null ? [] : [nodeOf(kind, settingsOf(name, settings))],
    ),
  );

/**
 * What is wrong with settings that are each right by themselves: doors that speak for a proxy are open, and no setting says how to reach
 * it.
 */
export function doorProblems(settings: DoorSettings, doors: DoorTable = DOORS): string[] {
  if (settings.proxy.rpc) return [];
  const isWrong = ([name, { node }]: [string, DoorTable[string]]) =>
    node === null && settingsOf(name, settings).listen !== null;
  const needs = `needs ${PROXY_SETTINGS.rpc.variable} too, to end calls there`;
  return Object.entries(doors)
    .filter(isWrong)
    .map(([, kind]) => `${kind.settings.listen.variable} ${needs}`);
}

/** The doors that the settings open, not listening yet. `gate`: to the SIP proxy; null if the settings name none. */
export function doorsOf(
  settings: DoorSettings,
  { gate, ...parts }: DoorParts & { gate: ProxyGate | null },
  doors: DoorTable = DOORS,
): Door[] {
  const { proxy } = settings;
  return Object.entries(doors).flatMap(([name, kind]) => {
    const own = settingsOf(name, settings);
    if (own.listen === null) return [];
    if (kind.node !== null) {
      return [kind.make(own as Opened<NamedDoorSettings>, { ...parts, node: nodeOf(kind, own) })];
    }
    return gate ? [kind.make(own as Opened<AnyDoorSettings>, { ...parts, gate, proxy })] : [];
  });
}

/** What happens to a node's calls when an operator wants them ended and only their own client can end them; null if a service ends them. */
export function leftToClient(node: string, doors: DoorTable = DOORS): string | null {
  const [word = '', name] = node.split(':', 2);
  const kind = name === undefined ? undefined : Object.values(doors).find(known => known.node === word);
  return kind && kind.node !== null ? kind.hears : null;
}
