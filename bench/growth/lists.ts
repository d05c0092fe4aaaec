/** What an operator's lists and views take. */
import { OPERATIONS } from '../../src/admin/operations';
import { actingAs, type OperatorRequest, type Service } from '../../src/operator/acting';
import { isOfCustomers, perform } from '../../src/operator/operation';
import { MOST_ROWS, type Page } from '../../src/operator/page';
import { visibleTo } from '../../src/operator/visible';
import { accountNumbered, firstPrefix, type Size } from '../grown-books';
import { quantile } from '../quantile';
import { type Bench, type Books, eachTimed } from './measure';

type Input = Record<string, unknown>;

/** The account that is asked about, and whose customer asks. */
const ownAccountOf = ({ accounts }: Pick<Size, 'accounts'>): string => accountNumbered(Math.floor(accounts / 3));

/** What is asked of each operation that reads: all that it lists, and by its filters. `last`: the last page of the rows that a list counts. */
function questionsFor({ accounts, rates, cdrs }: Size): Record<string, Input[]> {
  const account = ownAccountOf({ accounts });
  const [from, to] = [2, 1].map(days => new Date(Date.now() - days * 86_400_000).toISOString());
  const last = (count: number) => ({ page: Math.max(1, Math.ceil(Math.min(count, MOST_ROWS) / 20)) });
  const callFilters: Input[] = [
    { account },
    { open: true },
    { ended: true },
    { from, to },
    { destination: `${firstPrefix(rates)}` },
    { destination: '99' },
    { trunk: 'carrier' },
    { trunk: 'unused' },
    { disposition: 'BUSY' },
    { disposition: 'CONGESTION' },
    { refusal: 'insufficient_balance' },
    { refusal: 'no_rate' },
    { cause: 17 },
    { cause: 127 },
    { cost_from: '0.50', cost_to: '0.60' },
    { cost_from: '1000000.00' },
    { text: '1234' },
    { text: 'nowhere' },
  ];
  return {
    'account list': [
      {},
      last(accounts),
      { text: '4711' },
      { status: 'active' },
      { status: 'blocked' },
      { status: 'expired' },
      { deck: 'retail' },
    ],
    'account show': [{ accountcode: account }],
    'account spend': [{ accountcode: account }],
    'account statement': [{ accountcode: account, month: new Date(from as string).toISOString().slice(0, 7) }],
    'ledger list': [
      {},
      { account },
      { kind: 'top_up' },
      { kind: 'correction' },
      { account, kind: 'top_up' },
      { from, to },
      { account, from, to },
    ],
    'pool list': [{}, { all: true }],
    'card batches': [{}, { batch: 'batch-0' }],
    'card list': [
      {},
      last(accounts / 10),
      { batch: 'batch-0' },
      { batch: 'batch-0', status: 'blocked' },
      { account: 'card-17' },
      { status: 'active' },
      { status: 'blocked' },
    ],
    'voucher batches': [{}, { batch: 'batch-0' }],
    'voucher list': [{}, last(accounts / 10), { batch: 'batch-0' }, { status: 'active' }, { status: 'redeemed' }],
    'caller list': [{}, last(accounts / 10), { account }],
    'deck list': [{}],
    'deck show': [{ deck: 'retail' }],
    'deck rates': [
      { deck: 'retail' },
      { deck: 'retail', ...last(rates) },
      { deck: 'retail', prefix: String(firstPrefix(rates)) },
      { deck: 'retail', destination: 'nowhere', limit: 50, count: false },
    ],
    // The books have one version. Against none, and with what has no difference of its kind: as much as one part looks at.
    'deck compare': [
      { deck: 'retail', version: 1, against: 0, limit: 50, count: false },
      { deck: 'retail', version: 1, against: 1, limit: 50, count: false },
    ],
    'schedule list': [{}],
    'holiday list': [{}],
    'trunk list': [{}],
    'route list': [{}],
    'call list': [
      {},
      last(cdrs),
      ...callFilters,
      // As the console asks first: a page by key, without a count.
      ...[{}, ...callFilters].map(filter => ({ ...filter, limit: 50, count: false })),
    ],
    'call live': [{}, { account }, { uniqueid: 'ast1-1767225600.42' }],
    'reservation list': [{}, { account }],
    'key list': [{}],
    'operator list': [{}, { text: 'nobody' }],
    'session list': [{}, { name: 'nobody' }],
    'pin-key list': [{}],
    'cashier list': [{}],
    'approval list': [{}, { all: true }],
    'job list': [{}],
    'webhook list': [{}],
    'webhook dead': [{}, { limit: 100, count: false }, { webhook: 'grown', limit: 100, count: false }],
    'webhook deliveries': [
      { webhook: 'grown' },
      { webhook: 'grown', state: 'waiting' },
      { webhook: 'grown', state: 'dead' },
      { webhook: 'grown', state: 'delivered', limit: 25, count: true },
    ],
    'event list': [{}, last(accounts), { account }, { kind: 'blocked' }],
    'audit list': [
      {},
      last(accounts),
      { actor: 'cli:bench' },
      { actor: 'cli:night-report' },
      { object: `account ${account}` },
      { operation: 'account set' },
    ],
    status: [{}],
    settings: [{}],
    'own account': [{}],
    'own calls': [{}, { from, to }, { destination: '99' }],
    'own live': [{}],
    'own ledger': [{}, { kind: 'refund' }, { from, to }],
    'own events': [{}, { kind: 'blocked' }],
  };
}

const LISTS = OPERATIONS.filter(({ answer }) => answer.kind === 'list').map(({ name }) => name);

/** A list that is added later must be measured too. */
export function refuseUnlessListed(): void {
  const known = questionsFor({ accounts: 1, rates: 1, cdrs: 0 });
  const missing = LISTS.filter(name => !known[name]?.length);
  if (missing.length > 0) throw new Error(`no question for ${missing.join(', ')}: add it to questionsFor`);
}

export async function measureLists({ small, grown, tell }: Bench): Promise<void> {
  const [ofSmall, ofGrown] = [questionsFor(small.size), questionsFor(grown.size)];
  for (const [name, inputs] of Object.entries(ofGrown)) {
    for (const [index, input] of inputs.entries()) {
      const smallMs = await msOf(small, name, ofSmall[name]![index] as Input);
      const grownMs = await msOf(grown, name, input);
      const told = Object.entries(input).map(([field, value]) => `${field} ${value}`);
      const what = [name, ...told].join(', ').replace(/(from|to) \d\S+/g, '$1 …');
      tell({ part: 'lists', what, unit: 'ms', small: smallMs, grown: grownMs });
    }
  }
}

/** The middle of three: the first one reads from the disk. @throws Error if a page that was counted out has no row */
async function msOf({ database, size }: Books, name: string, input: Input): Promise<number> {
  const declared = OPERATIONS.find(each => each.name === name);
  if (!declared) throw new Error(`no operation ${name}`);
  const accountcode = isOfCustomers(declared) ? ownAccountOf(size) : null;
  const request: OperatorRequest = {
    ...actingAs('bench', database),
    service: NO_SERVICE,
    visible: visibleTo({ roles: accountcode === null ? ['admin'] : ['customer'], accountcode }),
  };
  const ask = () => perform(declared, request, input);
  const isFilled = name !== 'call list' || size.cdrs > 0;
  if ('page' in input && isFilled && ((await ask()) as Page<unknown>).items.length === 0) {
    throw new Error(`${name}: page ${input.page} is empty, so its time says nothing`);
  }
  return quantile(await eachTimed([1, 2, 3], ask), 0.5);
}

const NO_SERVICE: Service = {
  maxCallSeconds: 3_600,
  ringSeconds: 60,
  barredPrefixes: [],
  emergencyNumbers: [],
  pinKeys: [],
  secondPersonAbove: null,
  webhookAllow: [],
  shownSettings: [],
  mailer: null,
  hangUpOn: () => async () => false,
};
