/**
 * The names of the channels and bridges that Ringfence makes. They hold the caller's uniqueid, so that the name tells the call.
 */

/** The called leg by a call's nth route, from 0. */
export const legOf = (uniqueid: string, routeIndex: number): string => `rf-${uniqueid}-${routeIndex + 1}`;
export const bridgeOf = (uniqueid: string): string => `rf-${uniqueid}`;

const CALLED_LEG = /^rf-(.+)-(\d+)$/;

export const isCalledLeg = (channel: string): boolean => CALLED_LEG.test(channel);

/** The call that a channel belongs to; a caller's own channel is its call. */
export const callerOf = (channel: string): string => CALLED_LEG.exec(channel)?.[1] ?? channel;

/** Which of its call's routes a called leg was dialled by. */
export const routeIndexOf = (leg: string): number => Number(CALLED_LEG.exec(leg)?.[2] ?? 1) - 1;

const LATER_CALL = /^(.+)\+\d+$/;

/** What a channel's nth call is called, from 1: a caller may make several, one after the other, without hanging up. */
export const nthCallOf = (channel: string, number: number): string => (number === 1 ? channel : `${channel}+${number}`);

/** The caller's channel of a call. */
export const callerChannelOf = (uniqueid: string): string => LATER_CALL.exec(uniqueid)?.[1] ?? uniqueid;
