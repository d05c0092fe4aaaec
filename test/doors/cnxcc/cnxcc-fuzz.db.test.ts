/** 100,000 random and mutated messages, from one seed: none may end the door, move money or keep another connection waiting. */
import { Wire } from '../door-fixture';
import {
  anyOf,
  booksOf,
  bystander,
  expectBorne,
  expectServed,
  MESSAGES,
  mutated,
  RAW,
  type Random,
  randomBytes,
  randomOf,
  throwHttp,
} from '../fuzz';
import { type CnxccService, startCnxccService } from './cnxcc-fixture';

const SEED = 0xc77c;

const posted = (body: string | Buffer): Buffer => {
  const head = `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
};
const question = (method: string, params: unknown): string => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });

/**
 * Whole, each of these moves nothing: calls of victim's are requested, one at a time, and never answered, others that were never let
 * through are answered and ended, and all else is of a customer without a call. So a message that moves money was misread.
 */
const WHOLE = [
  question('set_max_credit', ['victim', '0.10', '3.0', '0.5', '60', '1', 'asked-asked-asked', '4930', '33123450']),
  question('set_max_credit', {
    customer: 'victim',
    max_credit: '5',
    connect: '0',
    cps: '0.5',
    ipulse: 1,
    fpulse: 1,
    max_channels: 1,
    call_id: 'asked-asked-asked',
    caller: '',
    number: '33123450',
  }),
  question('set_max_time', ['victim', '0', 'asked-asked-asked', '', '33123450']),
  question('set_max_channels', ['victim', 1, 'asked-asked-asked', '', 'abc']),
  question('cnxcc_update_max_time', ['nobody', 5]),
  question('cnxcc.check_client', ['nobody']),
  question('terminate_all', ['nobody']),
  question('kill_call', ['TAKEN.TAKEN.TAKEN']),
  question('active_clients', []),
  question('stats', []),
  '{"jsonrpc":"2.0","method":"dialog_start","params":["TAKEN.TAKEN.TAKEN"]}',
  `[${question('dialog_end', ['TAKEN.TAKEN.TAKEN'])},${question('kill_call', ['TAKEN.TAKEN.TAKEN'])}]`,
];
const PIECES = [
  ...['{', '}', '[[[[[[[[', ']', '"', ':', ',', 'null', 'true', '-0', '1e999', '99999999999999999999', '0.0000001'],
  ...['NaN', '\\u0000', '\\ud800', '\0', '\u{1F4DE}', '\r\n', '"__proto__":{"a":1},', '"id":2,', '"method":"stats",'],
  ...['"params":["victim"],', '"customer":"victim",', '"max_credit":"999",', '"number":"112",', 'set_max_credit'],
  ...['terminate_all', 'customer=', ',max_credit=999', 'pool:', '%00', '\\"'],
];

/** Well-formed values for places that need another kind. */
const VALUES: readonly unknown[] = [
  ...[null, true, 0, -1, 1.5, 1e300, 1, '', '7', '1e3', 'victim', 'asked-asked-asked', '+4930', '-4', 'x'.repeat(300)],
  ...['\ud800', [], {}, [[[[[1]]]]]],
];

/** Good JSON with a parameter cut out, added, or of another value. */
function otherParams(body: string, random: Random): string {
  const request = JSON.parse(body);
  // A call that was let through may be answered by that.
  if (!Array.isArray(request.params) || request.method === 'dialog_start') return body;
  const at = random(request.params.length + 1);
  request.params.splice(at, random(2), ...(random(2) === 0 ? [] : [anyOf(VALUES, random)]));
  return JSON.stringify(request);
}

function fuzz(random: Random): Buffer {
  const body = anyOf(WHOLE, random);
  const kind = random(10);
  if (kind === 0) return posted(randomBytes(600, random));
  if (kind === 1) return posted(Array.from({ length: random(60) }, () => anyOf(PIECES, random)).join(''));
  if (kind === 2) return posted('{"params":'.repeat(random(700)));
  if (kind <= 4) return posted(otherParams(body, random));
  return posted(mutated(Buffer.from(body), PIECES, random));
}

describe('what is no command of cnxcc', () => {
  let cnxcc: CnxccService;
  beforeAll(async () => {
    cnxcc = await startCnxccService('MariaDB');
  });
  afterAll(() => cnxcc?.stop());

  test('100,000 of them move no money, and another connection is answered all the while', async () => {
    const random = randomOf(SEED);
    const statuses = new Map<string, number>();
    const thrown = throwHttp(cnxcc.port, {
      message: () => fuzz(random),
      raw: () => mutated(posted(anyOf(WHOLE, random)), PIECES, random),
      heard: answer => {
        const [, status = ''] = /^HTTP\/1\.1 (\d+) /.exec(answer) ?? [];
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      },
    });
    const wire = await Wire.open(cnxcc.port);
    const served = await bystander(thrown, async time => {
      wire.send(posted(question('set_max_channels', ['bystander', 1000, `by-${time}`, '', '4930123'])));
      const answer = await wire.answer();
      const isLate = answer.startsWith('HTTP/1.1 503');
      if (!isLate) expect(answer).toContain('"result":1}');
      wire.send(posted(question('dialog_end', [`by-${time}`])));
      expect(await wire.answer()).toContain('"result":');
      return isLate ? 'late' : 'served';
    });
    wire.close();
    const of = (status: number) => statuses.get(String(status)) ?? 0;
    // Nothing else: above all no 500, and no connection that broke.
    const known = [200, 202, 400, 402, 404, 409, 413, 429, 503];
    expect([...statuses.keys()].filter(status => !known.includes(Number(status)))).toEqual([]);
    expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBe(MESSAGES - RAW);
    expect(of(400)).toBeGreaterThan((MESSAGES - RAW) / 2);
    // Some mutations leave a whole message.
    for (const status of [200, 202, 402, 404, 409, 429]) expect([status, of(status) > 5]).toEqual([status, true]);
    expect(of(503)).toBeLessThan(MESSAGES / 100);
    expectServed(served);

    const { accounts, entries } = await booksOf(cnxcc.test);
    expect(accounts.filter(({ balance }) => balance !== '0.000000')).toEqual([]);
    expect(entries).toEqual([]);
    expectBorne(cnxcc.lines);
  }, 1_800_000);
});
