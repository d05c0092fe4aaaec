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
  /** Number of its INVITE; null where the proxy does not tell. */
  cseq: string | null;
}

/** What is asked of a proxy. All reject with SwitchError. */
export interface Dialogs {
  /** Since when it is up, ms since 1970; also shows that it answers. */
  startedAt(): Promise<number>;
  /** Those of these calls that it has, by Call-ID. */
  of(callIds: readonly string[]): Promise<Map<string, Dialog>>;
  /** Ends a call: one that talks by BYE to both sides, one that rings by CANCEL. False when it is gone already. */
  end(callId: string): Promise<boolean>;
  /** What it keeps for us; null where the settings name no table. */
  table: ProxyTable | null;
}

/** A table of the proxy, by which it limits a call and remembers how it ended, in case no service does. All reject with SwitchError. */
export interface ProxyTable {
  /** What a call was granted limits it from its answer, by the proxy itself: told again at that moment, the two would race. */
  readonly grantLimits: boolean;
  /**
   * How long a call may talk that is about to ring, or rings: the proxy limits it by itself when it is answered. `isFirst`: it has no
   * dialog yet.
   */
  grant(callId: string, seconds: number, isFirst: boolean): Promise<void>;
  /** Has the proxy itself end a call that talks, so many seconds from now. */
  limit(dialog: Dialog, seconds: number): Promise<void>;
  /** The call needs no limit any more. */
  unlimit(callId: string): Promise<void>;
  /** What it wrote down of a call that it was told to let through; null where it wrote nothing. */
  noteOf(callId: string): Promise<CallNote | null>;
  /** A command line, not the service that carries the call, is about to end it. */
  markEnded(callId: string): Promise<void>;
  /** What it wrote down is known here for good. */
  forget(callId: string): Promise<void>;
}

export const dialogsOf = (url: ProxyUrl, ask: AskProxy, table: string | null): Dialogs =>
  url.kind === 'kamailio' ? kamailio(ask, url.transport === 'http', table) : opensips(ask, table);
