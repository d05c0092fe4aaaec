import { LONGEST_RING_SECONDS } from '../../calls/call-deadlines';
import { SwitchError } from '../../calls/switch-port';
import { noteIn } from './call-note';
import type { Dialog, Dialogs, ProxyTable } from './dialogs';
import { eachCall, unless } from './each-call';
import type { AskProxy } from './proxy-rpc';

/** A call's grant is needed until the answer. */
const GRANT_KEPT_SECONDS = LONGEST_RING_SECONDS + 60;

type Json = Record<string, unknown>;

/**
 * `dlg_list` and `dlg_end_dlg` of its dialog module, and the core's `cache_*` and `raise_event`, by mi_datagram. Parameters go by name:
 * since 3.0 `dlg_list` takes no others. Source: measured on 4.0.1 and 3.6.8.
 */
export function opensips(ask: AskProxy, table: string | null): Dialogs {
  const NO_SUCH_DIALOG = 404;
  const isGone = (error: unknown): boolean => error instanceof SwitchError && error.status === NO_SUCH_DIALOG;
  const [CONFIRMED, DELETED] = [3, 5];
  const one = async (callId: string): Promise<Dialog | null> => {
    const answer = await unless(ask('dlg_list', { callid: callId }), isGone);
    const row = (answer as { Dialog: Json } | null)?.Dialog;
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
    of: callIds => eachCall(callIds, one),
    async end(callId) {
      // Not by its Call-ID, which the caller chose: OpenSIPS takes one like "8bb.5322" for the ID of another call.
      const dialog = await one(callId);
      if (!dialog) return false;
      return (await unless(ask('dlg_end_dlg', { dialog_id: String(dialog.id[0]) }, 'once'), isGone)) !== null;
    },
    table: table === null ? null : tableOf(ask, `local:${table}`, one),
  };
}

/** In a collection of cachedb_local; the dialogs' own timers limit the calls. */
function tableOf(ask: AskProxy, system: string, dialogOf: (callId: string) => Promise<Dialog | null>): ProxyTable {
  const limit: ProxyTable['limit'] = async ({ id }, seconds) => {
    const params = JSON.stringify({ did: String(id[0]), seconds: Math.max(1, Math.ceil(seconds)) });
    await ask('raise_event', { event: 'E_RINGFENCE_LIMIT', params });
  };
  const remove = (attr: string) => ask('cache_remove', { system, attr });
  return {
    grantLimits: true,
    async grant(callId, seconds, isFirst) {
      await ask('cache_store', {
        system,
        attr: grantedTo(callId),
        value: String(Math.ceil(seconds)),
        expire: GRANT_KEPT_SECONDS,
      });
      // The script reads it once, when the call is let through.
      const dialog = isFirst ? null : await dialogOf(callId);
      if (dialog) await limit(dialog, seconds);
    },
    limit,
    async unlimit() {
      // The timer ends with its dialog.
    },
    async noteOf(callId) {
      const answer = await unless(ask('cache_fetch', { system, attr: noteOn(callId) }), isNotFound);
      return answer === null ? null : noteIn(String((answer as Json).value));
    },
    async markEnded() {
      // $DLG_end_reason has it.
    },
    async forget(callId) {
      await remove(noteOn(callId));
      await remove(grantedTo(callId));
    },
  };
}

/** A Call-ID has no blank, so no key of one kind can be a key of the other. */
const grantedTo = (callId: string): string => `granted ${callId}`;
const noteOn = (callId: string): string => `call ${callId}`;

const isNotFound = (error: unknown): boolean => error instanceof SwitchError && error.status === 400;
