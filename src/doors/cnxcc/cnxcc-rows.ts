/** Customers and calls in the rows of cnxcc's RPC commands: `name:value,name:value;`. Pure. */
import { formatAmount, type Micros, micros, smaller, ZERO } from '../../money/micros';
import { cost } from '../../rating/price';
import { type CallTariff, tariffAt } from '../../rating/timed';

/** What a customer's calls use together. */
export interface ClientView {
  client: string;
  /** The cost of ended calls. */
  charged: Micros;
  /** 0 if money does not limit them. */
  maxCredit: Micros;
  /** The talk of ended calls, less what was added; seconds. */
  timeUsedSeconds: number;
  /** Seconds; null for no limit. */
  maxTimeSeconds: number | null;
  /** 0 for no limit. */
  maxChannels: number;
  calls: readonly CallView[];
}

/** A call in progress. */
export interface CallView {
  callId: string;
  /** ms since 1970; null while it rings. */
  answerAt: number | null;
  tariff: CallTariff;
  grantedSeconds: number;
  /** The money ring-fenced for it. */
  maxCost: Micros;
}

const [TIME, MONEY] = [0, 1];

/**
 * Customers of `cnxcc.active_clients`: those limited by time and those limited by money, because cnxcc has two lists. Customers without a
 * limit are left out.
 */
export function clientRows(clients: readonly ClientView[], now: number): string {
  const common = ({ client, calls }: ClientView) => ({
    client_id: client,
    number_of_calls: calls.length,
    concurrent_calls: calls.filter(({ answerAt }) => answerAt !== null).length,
  });
  const byTime = clients.flatMap(client =>
    client.maxTimeSeconds === null
      ? []
      : row({
          ...common(client),
          type: TIME,
          max_amount: client.maxTimeSeconds,
          consumed_amount: talkOfAll(client, now),
        }),
  );
  const byMoney = clients.flatMap(client =>
    client.maxCredit === ZERO
      ? []
      : row({
          ...common(client),
          type: MONEY,
          max_amount: sixDecimals(client.maxCredit),
          consumed_amount: sixDecimals(costOfAll(client, now)),
        }),
  );
  return [...byTime, ...byMoney].join('');
}

/** The row of `cnxcc.check_client`: in money if that limits the customer, else in seconds, else in channels. */
export function callRows(client: ClientView, now: number): string {
  const { calls, maxCredit, maxTimeSeconds, maxChannels } = client;
  const inMoney = (call: CallView) => ({
    local_consumed_amount: sixDecimals(costOf(call, now)),
    global_consumed_amount: sixDecimals(costOfAll(client, now)),
    local_max_amount: sixDecimals(call.maxCost),
    global_max_amount: sixDecimals(maxCredit),
  });
  const inSeconds = (call: CallView) => ({
    local_consumed_amount: talkOf(call, now),
    global_consumed_amount: talkOfAll(client, now),
    local_max_amount: call.grantedSeconds,
    global_max_amount: maxTimeSeconds ?? 0,
  });
  const inChannels = () => ({
    local_consumed_amount: 0,
    global_consumed_amount: 0,
    local_max_amount: maxChannels,
    global_max_amount: maxChannels,
  });
  const isByMoney = maxCredit > ZERO;
  const amounts = isByMoney ? inMoney : maxTimeSeconds === null ? inChannels : inSeconds;
  return calls
    .map((call, id) =>
      row({
        id,
        confirmed: call.answerAt === null ? 'no' : 'yes',
        ...amounts(call),
        call_id: call.callId,
        start_timestamp: call.answerAt === null ? 0 : Math.floor(call.answerAt / 1000),
        ...(isByMoney && priceOf(call.tariff)),
      }),
    )
    .join('');
}

const priceOf = ({ initialIncrementSeconds, incrementSeconds, connectFee, pricePerMinute }: CallTariff) => ({
  inip: initialIncrementSeconds,
  finp: incrementSeconds,
  connect: sixDecimals(connectFee),
  // A pool's price is for a second: it divides exactly.
  cps: sixDecimals(micros(pricePerMinute / 60n)),
});

/** Whole seconds until now. */
const talkOf = ({ answerAt }: CallView, now: number): number =>
  answerAt === null ? 0 : Math.max(0, Math.floor((now - answerAt) / 1000));

const costOf = (call: CallView, now: number): Micros =>
  call.answerAt === null ? ZERO : smaller(cost(tariffAt(call.tariff, call.answerAt), talkOf(call, now)), call.maxCost);

const talkOfAll = ({ timeUsedSeconds, calls }: ClientView, now: number): number =>
  calls.reduce((sum, call) => sum + talkOf(call, now), timeUsedSeconds);

const costOfAll = ({ charged, calls }: ClientView, now: number): Micros =>
  calls.reduce((sum, call) => micros(sum + costOf(call, now)), charged);

/** As `%f` prints it, exactly. */
function sixDecimals(amount: Micros): string {
  const [whole, decimals = ''] = formatAmount(amount).split('.');
  return `${whole}.${decimals.padEnd(6, '0')}`;
}

/** The caller chooses the Call-ID: characters that would begin another field or row are written as in a URI. */
const row = (fields: Readonly<Record<string, string | number>>): string =>
  `${Object.entries(fields)
    .map(([name, value]) => `${name}:${String(value).replace(/[,;]/g, mark => (mark === ',' ? '%2C' : '%3B'))}`)
    .join(',')};`;
