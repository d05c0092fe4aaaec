import type { CallNote } from './call-note';
import { kamailio } from './kamailio-dialogs';
import { opensips } from './opensips-dialogs';
import type { AskProxy } from './proxy-rpc';
import type { ProxyUrl } from './proxy-url';

/** A call as a proxy has it. */
export interface Dialog {
  callId: string;
  /** When it was answered, by the proxy's clock, in whole seconds; ms since 1970, null while it is not. */
  answeredAt: number | null;
  /** The proxy's own name of it. Kamailio's is two numbers. */
  id: readonly (string | number)[];
  /** Number of its INVITE; null if the proxy does not report it. */
  cseq: string | null;
}

/** The questions and commands to a proxy. All reject with SwitchError. */
export interface Dialogs {
  /** Since when it runs, ms since 1970; also shows that it answers. */
  startedAt(): Promise<number>;
  /** The calls among these that it has, by Call-ID. */
  of(callIds: readonly string[]): Promise<Map<string, Dialog>>;
  /** Ends a call: one that talks by BYE to both sides, one that rings by CANCEL. False if it is gone already. */
  end(callId: string): Promise<boolean>;
  /** What it keeps for us; null if the settings name no table. */
  table: ProxyTable | null;
}

/** A table of the proxy, by which it limits a call and remembers how the call ended, in case no service does. All reject with SwitchError. */
export interface ProxyTable {
  /** The proxy itself limits a call by its grant from the answer on. Setting the limit again at that moment would race with that. */
  readonly grantLimits: boolean;
  /**
   * How long a call that is about to ring, or rings, may talk: the proxy itself limits it when it is answered. `isFirst`: it has no dialog
   * yet.
   */
  grant(callId: string, seconds: number, isFirst: boolean): Promise<void>;
  /** Makes the proxy itself end a call that talks, so many seconds from now. */
  limit(dialog: Dialog, seconds: number): Promise<void>;
  /** The call no longer needs a limit. */
  unlimit(callId: string): Promise<void>;
  /** Its note of a call that it was told to let through; null if it has none. */
  noteOf(callId: string): Promise<CallNote | null>;
  /** A command line, and not the service that carries the call, is about to end it. */
  markEnded(callId: string): Promise<void>;
  /** Its note is known here permanently. */
  forget(callId: string): Promise<void>;
}

export const dialogsOf = (url: ProxyUrl, ask: AskProxy, table: string | null): Dialogs =>
  url.kind === 'kamailio' ? kamailio(ask, url.transport === 'http', table) : opensips(ask, table);
