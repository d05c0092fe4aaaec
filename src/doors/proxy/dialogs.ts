import { LONGEST_RING_SECONDS } from '../../calls/call-deadlines';
import { SwitchError } from '../../calls/switch-port';
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
  /**
   * Tells the proxy how long a call may talk that is about to ring, so that it can limit it by itself when it is answered, should nobody else;
   * null for a proxy that cannot.
   */
  grant: ((callId: string, seconds: number) => Promise<void>) | null;
  /** Has the proxy itself end a call that talks so many seconds from now, should nobody else; null for a proxy that cannot. */
  limit: ((dialog: Dialog, seconds: number) => Promise<void>) | null;
  /** The call needs no limit any more. */
  unlimit: ((callId: string) => Promise<void>) | null;
}

/** What a call was granted is needed until it is answered. */
const GRANT_KEPT_SECONDS = LONGEST_RING_SECONDS + 60;

/** Questions of one call each that are under way at once. */
const AT_ONCE = 8;

export const dialogsOf = (url: ProxyUrl, ask: AskProxy, limitTable: string | null): Dialogs =>
  url.kind === 'kamailio' ? kamailio(ask, url.transport === 'http', limitTable) : opensips(ask);

type Json = Record<string, unknown>;

/** `dlg.*` of its dialog module, `tm.cancel` and `htable.*` by jsonrpcs. Source: measured on 6.1.5. */
function kamailio(ask: AskProxy, listsAll: boolean, limitTable: string | null): Dialogs {
  const DELETED = 5;
  const dialogOf = (row: Json): Dialog | null => {
    const { h_entry, h_id, state, start_ts, caller } = row;
    const callId = row['call-id'];
    if (typeof callId !== 'string' || state === DELETED) return null;
    const startTs = Number(start_ts);
    return {
      callId,
      answeredAt: startTs > 0 ? startTs * 1000 : null,
      id: [Number(h_entry), Number(h_id)],
      cseq: typeof (caller as Json)?.cseq === 'string' ? ((caller as Json).cseq as string) : null,
    };
  };
  const one = async (callId: string): Promise<Dialog | null> => dialogOf((await ask('dlg.dlg_list', [callId])) as Json);
  const all = async (): Promise<Dialog[]> =>
    ((await ask('dlg.list', [])) as Json[]).flatMap(row => dialogOf(row) ?? []);
  return {
    async startedAt() {
      const { uptime } = (await ask('core.uptime', [])) as Json;
      return Date.now() - Number(uptime) * 1000;
    },
    // A datagram does not hold the list of many dialogs.
    of: async callIds => (listsAll && callIds.length > 1 ? among(await all(), callIds) : each(callIds, one)),
    async end(callId) {
      const dialog = await one(callId);
      if (!dialog) return false;
      // A dialog that is not confirmed cannot be ended by its module.
      if (dialog.answeredAt !== null) await ask('dlg.end_dlg', dialog.id);
      else if (dialog.cseq !== null) await ask('tm.cancel', [callId, dialog.cseq]);
      return true;
    },
    grant: limitTable
      ? async (callId, seconds) => {
          const granted = [`${limitTable}_granted`, callId, String(seconds), GRANT_KEPT_SECONDS];
          await askedSoon(() => ask('htable.setxs', granted));
        }
      : null,
    limit: limitTable
      ? async ({ callId, id }, seconds) => {
          await ask('htable.setxs', [limitTable, callId, id.join(':'), Math.max(1, Math.ceil(seconds))]);
        }
      : null,
    unlimit: limitTable
      ? async callId => {
          await ask('htable.delete', [limitTable, callId]);
        }
      : null,
  };
}

/** Asked again where the answer takes long, and answered by whichever comes first: a caller waits, and a datagram may be lost. */
function askedSoon(question: () => Promise<unknown>): Promise<unknown> {
  const AGAIN_AFTER_MS = 120;
  return new Promise((resolve, reject) => {
    const again = setTimeout(() => void question().then(resolve, () => undefined), AGAIN_AFTER_MS);
    void question()
      .then(resolve, reject)
      .finally(() => clearTimeout(again));
  });
}

/**
 * `dlg_list` and `dlg_end_dlg` of its dialog module by mi_datagram. Parameters go by name: since 3.0 `dlg_list` takes no others.
 * Source: measured on 4.0.1 and 3.6.8.
 */
function opensips(ask: AskProxy): Dialogs {
  const NO_SUCH_DIALOG = 404;
  const unlessGone = (answer: Promise<unknown>): Promise<unknown> =>
    answer.catch(error => {
      if (error instanceof SwitchError && error.status === NO_SUCH_DIALOG) return null;
      throw error;
    });
  const [CONFIRMED, DELETED] = [3, 5];
  const one = async (callId: string): Promise<Dialog | null> => {
    const row = ((await unlessGone(ask('dlg_list', { callid: callId }))) as { Dialog: Json } | null)?.Dialog;
    if (!row) return null;
    const state = Number(row.state);
    if (!(state > 0) || state === DELETED) return null;
    const startTs = Number(row.timestart);
    const isAnswered = state >= CONFIRMED && startTs > 0;
    return { callId, answeredAt: isAnswered ? startTs * 1000 : null, id: [String(row.ID)], cseq: null };
  };
  return {
    async startedAt() {
      const { 'Up time': up } = (await ask('uptime', [])) as Json;
      const seconds = Number(/(\d+)/.exec(String(up))?.[1] ?? 0);
      return Date.now() - seconds * 1000;
    },
    of: callIds => each(callIds, one),
    async end(callId) {
      // Not by its Call-ID, which the caller chose: one like "8bb.5322" is taken for the ID of another call.
      const dialog = await one(callId);
      return dialog !== null && (await unlessGone(ask('dlg_end_dlg', { dialog_id: String(dialog.id[0]) }))) !== null;
    },
    grant: null,
    limit: null,
    unlimit: null,
  };
}

function among(dialogs: readonly Dialog[], callIds: readonly string[]): Map<string, Dialog> {
  const wanted = new Set(callIds);
  return new Map(dialogs.filter(({ callId }) => wanted.has(callId)).map(dialog => [dialog.callId, dialog]));
}

async function each(
  callIds: readonly string[],
  one: (callId: string) => Promise<Dialog | null>,
): Promise<Map<string, Dialog>> {
  const found = new Map<string, Dialog>();
  const left = [...callIds];
  const work = async () => {
    for (let callId = left.shift(); callId !== undefined; callId = left.shift()) {
      const dialog = await one(callId);
      if (dialog) found.set(callId, dialog);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
}
