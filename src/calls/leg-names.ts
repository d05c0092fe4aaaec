/** The names of the channels and bridges that Ringfence makes. They contain the caller's uniqueid, so the name identifies the call. */

/** The called leg by a call's nth route, from 0. */
export const legOf = (uniqueid: string, routeIndex: number): string => `rf-${uniqueid}-${routeIndex + 1}`;
export const bridgeOf = (uniqueid: string): string => `rf-${uniqueid}`;

const CALLED_LEG = /^rf-(.+)-(\d+)$/;

export const isCalledLeg = (channel: string): boolean => CALLED_LEG.test(channel);

/** The call to which a channel belongs; a caller's own channel is its call. */
export const callerOf = (channel: string): string => CALLED_LEG.exec(channel)?.[1] ?? channel;

/** The route of its call by which a called leg was dialled. */
export const routeIndexOf = (leg: string): number => Number(CALLED_LEG.exec(leg)?.[2] ?? 1) - 1;

/** The called legs of the routes that were tried before a leg's. */
export const legsBefore = (leg: string): string[] =>
  Array.from({ length: routeIndexOf(leg) }, (_, routeIndex) => legOf(callerOf(leg), routeIndex));

const LATER_CALL = /^(.+)\+\d+$/;

/** The name of a channel's nth call, from 1: a caller may make several calls, one after the other, without hanging up. */
export const nthCallOf = (channel: string, number: number): string => (number === 1 ? channel : `${channel}+${number}`);

/** The caller's channel of a call. */
export const callerChannelOf = (uniqueid: string): string => LATER_CALL.exec(uniqueid)?.[1] ?? uniqueid;
