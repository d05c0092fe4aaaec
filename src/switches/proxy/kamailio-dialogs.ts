import { LONGEST_RING_SECONDS } from '../../calls/call-deadlines';
import { SwitchError } from '../../calls/switch-port';
import { type CallNote, noteIn } from './call-note';
import type { Dialog, Dialogs, ProxyTable } from './dialogs';
import { eachCall, unless } from './each-call';
import type { AskProxy } from './proxy-rpc';

/** A call's grant is needed until the answer. */
const GRANT_KEPT_SECONDS = LONGEST_RING_SECONDS + 60;

/** How long to remember that an operator ended a call. */
const MARK_SECONDS = 60;

type Json = Record<string, unknown>;

/** `dlg.*` of its dialog module, `tm.cancel` and `htable.*` by jsonrpcs. Source: measured on 6.1.5. */
export function kamailio(ask: AskProxy, listsAll: boolean, table: string | null): Dialogs {
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
    // A datagram cannot hold the list of many dialogs.
    of: async callIds => (listsAll && callIds.length > 1 ? among(await all(), callIds) : eachCall(callIds, one)),
    async end(callId) {
      const dialog = await one(callId);
      if (!dialog) return false;
      // The module cannot end a dialog that is not confirmed.
      if (dialog.answeredAt !== null) await ask('dlg.end_dlg', dialog.id, 'once');
      else if (dialog.cseq !== null) await ask('tm.cancel', [callId, dialog.cseq], 'once');
      return true;
    },
    table: table === null ? null : tableOf(ask, table),
  };
}

function tableOf(ask: AskProxy, table: string): ProxyTable {
  const entryOf = async (key: string): Promise<string | null> => {
    const answer = (await unless(ask('htable.get', [callsOf(table), key]), isMissing)) as { item?: Json } | null;
    return answer === null ? null : String(answer.item?.value ?? '');
  };
  return {
    grantLimits: false,
    async grant(callId, seconds) {
      const granted = [`${table}_granted`, callId, String(seconds), GRANT_KEPT_SECONDS];
      await askedSoon(() => ask('htable.setxs', granted));
    },
    async limit({ callId, id }, seconds) {
      await ask('htable.setxs', [table, callId, id.join(':'), Math.max(1, Math.ceil(seconds))]);
    },
    async unlimit(callId) {
      await ask('htable.delete', [table, callId]);
    },
    async noteOf(callId) {
      const text = await entryOf(callId);
      const note = text === null ? null : noteIn(text);
      // A cancelled call looks as if its caller had given up. And now and then the module runs no event for a call that it ended itself.
      const isDoubtful = note !== null && (note.endedAt === null || (note.answeredAt === null && note.by === 'caller'));
      if (!isDoubtful || (await entryOf(markOf(callId))) === null) return note;
      return { ...note, by: 'proxy' } satisfies CallNote;
    },
    async markEnded(callId) {
      await ask('htable.setxs', [callsOf(table), markOf(callId), 'proxy', MARK_SECONDS]);
    },
    async forget(callId) {
      await unless(ask('htable.delete', [callsOf(table), callId]), isMissing);
    },
  };
}

const callsOf = (table: string): string => `${table}_calls`;

/** A Call-ID has no blank, so this is no call's. */
const markOf = (callId: string): string => `ended ${callId}`;

/** No such entry; or no such table, in an older configuration. */
const isMissing = (error: unknown): boolean => error instanceof SwitchError && error.status === 500;

/** Asked again if the answer takes long, and answered by the first that comes: a caller waits, and a datagram may be lost. */
function askedSoon(question: () => Promise<unknown>): Promise<unknown> {
  const AGAIN_AFTER_MS = 120;
  return new Promise((resolve, reject) => {
    const again = setTimeout(() => void question().then(resolve, () => undefined), AGAIN_AFTER_MS);
    void question()
      .then(resolve, reject)
      .finally(() => clearTimeout(again));
  });
}

function among(dialogs: readonly Dialog[], callIds: readonly string[]): Map<string, Dialog> {
  const wanted = new Set(callIds);
  return new Map(dialogs.filter(({ callId }) => wanted.has(callId)).map(dialog => [dialog.callId, dialog]));
}
