/** The card dialogue on both engines. Asterisk's side of the wire is a stand-in; its records are rows of its journal. */

import { addCaller } from '../../../src/cards/callers';
import { activateCards, blockCards, cardNumbered, generateCards } from '../../../src/cards/cards';
import { generateVouchers, switchVouchers } from '../../../src/cards/vouchers';
import { openConnection } from '../../../src/database/connection';
import { actingAs } from '../../../src/operator/acting';
import type { Route } from '../../../src/routes/route';
import { accountRow, addAccount, addDeck, differencesIn, NOON } from '../../credit/ledger-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../../database/test-database';
import { until, Wire } from '../door-fixture';
import { Channel, environment, openDoor, repeated, type TestDoor, wrote } from './agi-fixture';

const keys = ['a-secret-of-thirty-two-characters-0'];
const route = (trunk: string, priority: number, more: Partial<Route> = {}): Route => ({
  trunk,
  prefix: '',
  priority,
  endpoint: `PJSIP/{number}@${trunk}`,
  stripDigits: 0,
  addPrefix: '',
  ...more,
});

describe.each(engines)('the card dialogue, %s', engine => {
  let db: TestDatabase;
  let agi: TestDoor;
  let cards: { pin: string; serial: number; accountcode: string }[];
  let used = 0;
  let pin: string;
  let account: string;

  beforeAll(async () => {
    db = await createTestDatabase(engine);
    await addDeck(db, 'retail', [{}, { prefix: '33', initial_increment_seconds: 1, increment_seconds: 1 }]);
    const request = { batch: 'summer', count: 40, value: '10.00', deck: 'retail' };
    const issued = await generateCards(actingAs('test', db.database), request, { keys });
    await activateCards(actingAs('test', db.database), { batch: 'summer' });
    cards = issued.map(({ serial, code }) => ({ serial, pin: code, accountcode: `card-${serial}` }));
    agi = await openDoor(db, { routes: [route('first', 1), route('second', 2)], pinKeys: keys });
  });
  beforeEach(async () => {
    ({ pin, accountcode: account } = cards[used++] as (typeof cards)[number]);
    await db.database('astpintry').delete();
    before = agi.door.figures.refusals;
  });
  afterAll(async () => {
    await agi.close();
    expect(await differencesIn(db.url)).toEqual([]);
    await db.drop();
  });

  let before: Record<string, number>;
  /** What a test that failed may have left open. */
  let held: (() => Promise<void>) | null = null;
  afterEach(async () => {
    await held?.();
    held = null;
  });
  const refusals = (reason: string) => (agi.door.figures.refusals[reason] ?? 0) - (before[reason] ?? 0);
  const caller = (entries: (string | null)[], more: Record<string, string> = {}, to = agi) => {
    const channel = new Channel(to.port, { agi_callerid: `4940${used}`, ...more });
    channel.entries = [...entries];
    return channel;
  };
  const cdrs = () => db.database('astcdr').where({ accountcode: account }).orderBy(['start_at', 'uniqueid']);
  /** The sounds of a session, and what was entered between them. */
  const heard = (channel: Channel) =>
    channel.asked
      .filter(line => /^(STREAM|SAY|GET DATA "[^"]*" "1000"|EXEC "Dial")/.test(line))
      .flatMap(line => {
        const [, sound] = /^GET DATA "([^"]*)"/.exec(line) ?? [];
        if (sound !== undefined) return sound === '' ? ['?'] : [sound, '?'];
        return [/"([^"]*)" "[^"]*"$/.exec(line)?.[1] ?? line];
      })
      .filter((sound, index, sounds) => sound !== '?' || sounds[index - 1] !== '?');
  /** Dials for so long that both talk for `seconds`, after so many seconds of ringing. */
  const talks =
    (channel: Channel, seconds: number, ringing = 2, leg = 1) =>
    async () => {
      const answerAt = channel.now + ringing * 1_000;
      channel.now = answerAt + seconds * 1_000;
      await wrote(db, channel.uniqueid, { leg, answerAt, endAt: channel.now });
      return 'ANSWER';
    };

  test('byte for byte: a PIN, the balance, a number, its minutes, the call, what is left, and the hang-up', async () => {
    const uniqueid = `ast1-${NOON / 1000}.card-${engine}`;
    const wire = await Wire.open(agi.port);
    wire.send(environment('card', { agi_uniqueid: uniqueid, agi_accountcode: '' }));
    wire.send(repeated(await wire.upTo('\n')));
    const words = (at: number, status: string) => `200 result=1 (${at / 1000}.000|${status}|16|||Up|${uniqueid}|yes|)`;
    const kept = (keys: string) => [
      `GET FULL VARIABLE "\${SHIFT(RINGFENCE_KEYS,-)}"`,
      keys === '' ? '200 result=0' : `200 result=1 (${keys})`,
    ];
    const nothing = kept('');
    const say = (sound: string, key = '0') => [
      `STREAM FILE "${sound}" "0123456789*#ABCD"`,
      `200 result=${key} endpos=8000`,
    ];
    const number = (count: string) => [`SAY NUMBER "${count}" "0123456789*#ABCD"`, '200 result=0'];
    const digits = (text: string) => [`SAY DIGITS "${text}" "0123456789*#ABCD"`, '200 result=0'];
    const reads = (reply: string, sound = '') => [`GET DATA "${sound}" "1000" "100"`, reply];
    const pause = reads('200 result= (timeout)');
    const set = (name: string, value: string) => [`SET VARIABLE "${name}" "${value}"`, '200 result=1'];
    const conversation: string[][] = [
      ['EXEC "StoreDTMF" "RX,RINGFENCE_KEYS"', '200 result=0'],
      ['ANSWER', '200 result=0'],
      set('RINGFENCE_OWN_ANSWER', 'yes'),
      set('TIMEOUT(absolute)', '600'),
      nothing,
      reads(`200 result=${pin}`, 'agent-pass'),
      kept(`${pin}#`),
      nothing,
      say('vm-youhave'),
      nothing,
      number('10'),
      nothing,
      say('letters/dot'),
      nothing,
      digits('00'),
      nothing,
      reads('200 result=33123 (timeout)', 'vm-enter-num-to-call'),
      kept('33123'),
      ...[1, 2, 3, 4].flatMap(() => [pause, nothing]),
      ['words', words(NOON, '')],
      say('vm-youhave'),
      number('10'),
      say('minutes'),
      ['CHANNEL STATUS', '200 result=6'],
      set('TIMEOUT(absolute)', '900.050'),
      ['EXEC "Dial" "PJSIP/33123@first,60,L(600050)g"', '200 result=0'],
      ['words', words(NOON + 35_000, 'ANSWER')],
      set('TIMEOUT(absolute)', '600'),
      // The keys that the caller pressed during the talk are forgotten; the caller may finish the entry.
      kept('12'),
      reads('200 result=3'),
      kept('3#'),
      nothing,
      say('vm-youhave'),
      nothing,
      number('9'),
      nothing,
      say('letters/dot'),
      nothing,
      digits('50'),
      nothing,
      reads('HANGUP\n200 result=-1', 'vm-enter-num-to-call'),
    ];
    for (const [command, answer] of conversation) {
      let asked = await wire.upTo('\n');
      // It reads while it thinks.
      while (asked.startsWith('GET DATA "" "300"')) {
        wire.send('200 result= (timeout)\n');
        asked = await wire.upTo('\n');
      }
      if (command === 'words') expect(asked).toMatch(/^GET FULL VARIABLE "\$\{STRFTIME/);
      else expect(asked).toBe(`${command}\n`);
      if (command?.startsWith('EXEC "Dial"')) {
        await wrote(db, uniqueid, { answerAt: NOON + 5_000, endAt: NOON + 35_000 });
      }
      wire.send(`${answer}\n`);
    }
    expect(await wire.upTo('never')).toBe('');
    expect(await cdrs()).toMatchObject([
      { uniqueid, dst: '33123', trunk: 'first', billsec: 30, cost: '0.500000', evidence: 'cel', node: 'agi:main' },
    ]);
    const { firstUsedAt } = await cardNumbered(db.database, Number(account.slice(5)));
    expect(firstUsedAt).not.toBeNull();
  });

  test('several calls without hanging up, each charged its own talk, the next with what the one before has left', async () => {
    const channel = caller([pin, '33123', '4930', '33124']);
    let calls = 0;
    channel.dial = () => (++calls === 2 ? 'BUSY' : talks(channel, 30 * calls, 2, calls)());
    await channel.agi('card');
    expect(await cdrs()).toMatchObject([
      { uniqueid: channel.uniqueid, dst: '33123', billsec: 30, cost: '0.500000', disposition: 'ANSWERED' },
      { uniqueid: `${channel.uniqueid}+2`, dst: '4930', cost: '0.000000', disposition: 'BUSY', hangup_cause: 17 },
      { uniqueid: `${channel.uniqueid}+3`, dst: '33124', billsec: 90, cost: '1.500000', granted_seconds: 570 },
    ]);
    expect(await accountRow(db, account)).toMatchObject({ balance: '8.000000', reserved: '0.000000', active_calls: 0 });
    expect(heard(channel).join(' ')).toContain('number vm-isonphone vm-enter-num-to-call ?');
  });

  test('the second trunk is dialled when the first has trouble, and not when the callee says no', async () => {
    const channel = caller([pin, '33123', '33124']);
    const dialled: string[] = [];
    channel.dial = endpoint => {
      dialled.push(endpoint);
      if (endpoint.endsWith('@first')) return dialled.length === 1 ? 'CONGESTION' : 'BUSY';
      return talks(channel, 12)();
    };
    await channel.agi('card');
    expect(dialled).toEqual(['PJSIP/33123@first', 'PJSIP/33123@second', 'PJSIP/33124@first']);
    expect(await cdrs()).toMatchObject([
      { trunk: 'second', billsec: 12, cost: '0.200000' },
      { trunk: 'first', disposition: 'BUSY' },
    ]);
  });

  test('three wrong PINs end it, and nothing is dialled', async () => {
    const channel = caller(['000000000000', '#', '12', '4930']);
    await channel.agi('card');
    expect(heard(channel)).toEqual([
      'agent-pass',
      '?',
      'auth-incorrect',
      '?',
      'auth-incorrect',
      '?',
      'vm-incorrect',
      'vm-goodbye',
    ]);
    // No code at all is no try.
    expect(refusals('pin_wrong')).toBe(2);
    expect(JSON.stringify(agi.lines)).not.toContain('000000000000');
  });

  test('after five wrong ones from one number even the right one is not looked at, by any service, until the time is over', async () => {
    const number = { agi_callerid: '49666' };
    const other = await openDoor(db, { pinKeys: keys });
    await caller(['111111111111', '111111111112', '111111111113'], number).agi('card');
    await caller(['111111111114', '111111111115'], number, other).agi('card');
    const locked = caller([pin], number, other);
    await locked.agi('card');
    expect(heard(locked)).toEqual(['agent-pass', '?', 'please-try-call-later', 'vm-goodbye']);
    // Another number is let in.
    const free = caller([pin], { agi_callerid: '49667' });
    await free.agi('card');
    expect(heard(free)).toContain('vm-enter-num-to-call');
    await db.database('astpintry').update({ since_at: new Date(Date.now() - 901_000) });
    const again = caller([pin], number, other);
    await again.agi('card');
    expect(heard(again)).toContain('vm-enter-num-to-call');
    await other.close();
  });

  const triesOf = (number: string) =>
    db
      .database('astpintry')
      .where({ who: `caller:${number}` })
      .pluck('tries');

  test('a PIN that the database could not be asked for is no wrong one, however often', async () => {
    const number = { agi_callerid: '49668' };
    await db.database.raw('RENAME TABLE astcard TO astcard_away');
    held = async () => {
      await db.database.raw('RENAME TABLE astcard_away TO astcard');
    };
    for (let times = 0; times < 7; times++) {
      const channel = caller([pin], number);
      await channel.agi('card');
      expect(heard(channel)).toEqual(['agent-pass', '?', 'please-try-call-later', 'vm-goodbye']);
    }
    expect([refusals('not_looked_up'), refusals('locked_out')]).toEqual([7, 0]);
    await held();
    held = null;
    const channel = caller([pin], number);
    await channel.agi('card');
    expect(heard(channel)).toContain('vm-enter-num-to-call');
    await until(async () => expect(await triesOf('49668')).toEqual([0]));
  });

  test('a right PIN that cannot be taken off the count lets its caller in, and is taken off later', async () => {
    await db.database.raw(
      `CREATE TRIGGER never_less BEFORE UPDATE ON astpintry FOR EACH ROW
       IF NEW.tries < OLD.tries THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not now'; END IF`,
    );
    held = async () => {
      await db.database.raw('DROP TRIGGER never_less');
    };
    const channel = caller([pin], { agi_callerid: '49669' });
    await channel.agi('card');
    expect(heard(channel)).toContain('vm-enter-num-to-call');
    expect(await triesOf('49669')).toEqual([1]);
    await held();
    held = null;
    await until(async () => expect(await triesOf('49669')).toEqual([0]));
  });

  test('who hangs up while a PIN is looked at has tried: wrong ones count, a right one does not', async () => {
    const hangsUp = async (entered: string) => {
      const channel = caller([entered], { agi_callerid: '49670' });
      channel.before = (_number, wire) => {
        const wasAsked = channel.asked.some(line => line.startsWith('GET DATA "agent-pass"'));
        if (channel.isHungUp || !wasAsked || !channel.asked.at(-1)?.startsWith('GET DATA "" "300"')) return;
        channel.isHungUp = true;
        wire.send('HANGUP\n');
      };
      await channel.agi('card');
      expect(channel.isHungUp).toBe(true);
    };
    await hangsUp(pin);
    await until(async () => expect(await triesOf('49670')).toEqual([0]));
    for (let tries = 1; tries <= 5; tries++) {
      await hangsUp(`11111111111${tries}`);
      await until(async () => expect(await triesOf('49670')).toEqual([tries]));
    }
    const locked = caller([pin], { agi_callerid: '49670' });
    await locked.agi('card');
    expect(heard(locked)).toEqual(['agent-pass', '?', 'please-try-call-later', 'vm-goodbye']);
  });

  test('a caller whose number is known needs no PIN', async () => {
    await addAccount(db, `known-${engine}`, '2.00');
    await addCaller(actingAs('test', db.database), '4977', `known-${engine}`);
    const channel = caller([], { agi_callerid: '+4977' });
    await channel.agi('card');
    expect(heard(channel)).toEqual(['vm-youhave', '2', 'letters/dot', '00', 'vm-enter-num-to-call', '?']);
  });

  test('days after first use begin with the first call of a known caller whom a dialplan lets dial', async () => {
    await db.database('astcard').where({ accountcode: account }).update({ expires_days: 30 });
    const serial = Number(account.slice(5));
    const number = `4979${engine.length}`;
    await addCaller(actingAs('test', db.database), number, account);
    const known = caller([], { agi_callerid: `+${number}` });
    expect(await known.agi('authorize-caller', '', '90012345')).toMatchObject({ REFUSAL: 'number_barred' });
    expect(await cardNumbered(db.database, serial)).toMatchObject({ firstUsedAt: null, expiresAt: null });
    const again = caller([], { agi_callerid: `+${number}` });
    expect(await again.agi('authorize-caller', '', '4930123456')).toMatchObject({ REFUSAL: '' });
    const { firstUsedAt, expiresAt } = await cardNumbered(db.database, serial);
    expect(expiresAt!.getTime()).toBeCloseTo(firstUsedAt!.getTime() + 30 * 86_400_000, -3);
  });

  test('a voucher is redeemed by key, once, and its money may be talked at once', async () => {
    const request = { batch: `vouchers-${engine}`, count: 1, value: '5.00', currency: 'EUR' };
    const [voucher] = await generateVouchers(actingAs('test', db.database), request, { keys });
    await switchVouchers(actingAs('test', db.database), { batch: request.batch }, 'activate');
    const channel = caller([pin, `*${voucher?.code}`, '*', voucher?.code as string, '33123']);
    channel.dial = talks(channel, 900);
    await channel.agi('card');
    const said = heard(channel).join(' ');
    expect(said).toContain('added vm-youhave 15 letters/dot 00');
    expect(said).toContain('number astcc-followed-by-the-pound-key ? privacy-incorrect vm-enter-num-to-call');
    expect(await cdrs()).toMatchObject([{ granted_seconds: 900, billsec: 900, cost: '15.000000' }]);
    const trail = db.database('astaudit').where({ operation: 'voucher redeem', object: `account ${account}` });
    expect(await trail.select('actor', 'address')).toEqual([{ actor: agi.door.name, address: '127.0.0.1' }]);
  });

  test.each([
    ['a number that is none', '12*3', 'check-number-dial-again', {}],
    ['a barred number', '90012345', 'cannot-complete-as-dialed', {}],
    ['a barred number behind 00', '0090012345', 'cannot-complete-as-dialed', {}],
    ['a barred number behind 00 twice', '000090012345', 'check-number-dial-again', {}],
    ['no money', '4930', 'vm-youhave 0 letters/dot 00 cannot-complete-as-dialed', { poor: true }],
    ['as many calls as there may be', '4930', 'simul-call-limit-reached', { max_channels: 1, active: true }],
  ])(
    '%s is told, and he may try another',
    async (_, number, told, { poor, active, ...row }: Record<string, unknown>) => {
      if (poor) {
        account = `poor-${engine}`;
        await addAccount(db, account, '0');
        await addCaller(actingAs('test', db.database), `4988${engine.length}`, account);
      } else if (Object.keys(row).length > 0)
        await db.database('astaccount').where({ accountcode: account }).update(row);
      if (active) await caller([], { agi_accountcode: account }).agi('authorize');
      const channel = caller([pin, number], poor ? { agi_callerid: `4988${engine.length}` } : {});
      if (poor) channel.entries = [number];
      await channel.agi('card');
      expect(heard(channel).join(' ')).toContain(`? ${told} vm-enter-num-to-call ?`);
    },
  );

  test('a blocked card is not taken, and a blocked account is told when it dials', async () => {
    const serial = Number(account.slice(5));
    await blockCards(actingAs('test', db.database), { batch: 'summer', from: serial, to: serial }, true);
    const blocked = caller([pin]);
    await blocked.agi('card');
    expect(heard(blocked)).toEqual(['agent-pass', '?', 'auth-incorrect', '?']);
    await blockCards(actingAs('test', db.database), { batch: 'summer', from: serial, to: serial }, false);
    await db.database('astaccount').where({ accountcode: account }).update({ status: 'blocked' });
    const channel = caller([pin, '4930']);
    await channel.agi('card');
    expect(heard(channel).slice(-2)).toEqual(['feature-not-avail-line', 'vm-goodbye']);
  });

  describe('a caller who hangs up', () => {
    test.each([
      ['at the first prompt', 'GET DATA "agent-pass"'],
      ['while his minutes are said', 'STREAM FILE "minutes"'],
      ['before it is dialled', 'CHANNEL STATUS'],
    ])('%s leaves nothing behind', async (_, at) => {
      const channel = caller([pin, '4930']);
      channel.dial = () => {
        throw new Error('it was dialled');
      };
      channel.before = (_number, wire) => {
        if (channel.isHungUp || !channel.asked.at(-1)?.startsWith(at)) return;
        channel.isHungUp = true;
        wire.send('HANGUP\n');
      };
      await channel.agi('card');
      await until(async () =>
        expect(await accountRow(db, account)).toMatchObject({ active_calls: 0, reserved: '0.000000' }),
      );
      expect((await cdrs()).every(({ cost, end_at }) => cost === '0.000000' && end_at !== null)).toBe(true);
    });

    test('during the call pays for his talk, though the switch closes the connection with him', async () => {
      for (const closes of [false, true]) {
        const channel = caller([pin, '33123']);
        channel.dial = async () => {
          const status = await talks(channel, 6)();
          channel.isHungUp = true;
          return status;
        };
        if (closes)
          channel.before = (_, wire) => void (channel.asked.at(-1)?.startsWith('EXEC "Dial"') && wire.socket.destroy());
        await channel.agi('card');
        await until(async () =>
          expect((await cdrs()).at(-1)).toMatchObject({ uniqueid: channel.uniqueid, billsec: 6, trunk: 'first' }),
        );
      }
      expect(await accountRow(db, account)).toMatchObject({ balance: '9.800000', reserved: '0.000000' });
      // Which is nothing that was refused.
      expect(refusals('connection_lost')).toBe(0);
    });
  });

  test('a journal that is late: he may not dial again meanwhile, the money stays held, and the call is charged when it is told', async () => {
    await db.database('astaccount').where({ accountcode: account }).update({ max_call_seconds: 60 });
    const channel = caller([pin, '33123', '33124']);
    channel.dial = () => {
      channel.now += 30_000;
      return 'ANSWER';
    };
    await channel.agi('card');
    // While the price of a talk is unknown the caller may not begin another: its money stays held.
    expect(await cdrs()).toMatchObject([{ dst: '33123', end_at: null }]);
    expect(refusals('earlier_call_unsettled')).toBe(1);
    expect(heard(channel).slice(-3)).toEqual(['please-try-call-later', 'vm-enter-num-to-call', '?']);
    expect(await accountRow(db, account)).toMatchObject({ balance: '10.000000', reserved: '1.000000' });
    await wrote(db, channel.uniqueid, { answerAt: NOON + 2_000, endAt: NOON + 30_000 });
    await until(async () => expect((await cdrs())[0]).toMatchObject({ billsec: 28, cost: '0.466667' }));
  });

  test('nobody dials by a route that is not there', async () => {
    const other = await openDoor(db, { pinKeys: keys, routes: [route('abroad', 1, { prefix: '33' })] });
    const channel = caller([pin, '4930'], {}, other);
    await channel.agi('card');
    expect(heard(channel).join(' ')).toContain('? cannot-complete-as-dialed vm-enter-num-to-call');
    expect(await cdrs()).toMatchObject([{ refusal: 'no_route' }]);
    await other.close();
  });

  test.each([
    ['which no route carries', [route('abroad', 1, { prefix: '33' })]],
    ['which is busy', [route('any', 1)]],
  ])(
    'an emergency call that could not be written, %s, ends no other: that is charged by its journal',
    async (_, routes) => {
      await db.database('astaccount').where({ accountcode: account }).update({ max_call_seconds: 60 });
      const slow = await openDoor(db, { pinKeys: keys, routes, startDeadlineMs: 1_000 });
      const channel = caller([pin, '33123', '112'], {}, slow);
      const holder = await openConnection(db.url);
      held = async () => {
        holder.destroy();
        await slow.close();
      };
      channel.dial = async endpoint => {
        if (endpoint.includes('112')) return 'BUSY';
        channel.now += 30_000;
        await holder.beginTransaction();
        await holder.query('SELECT * FROM astaccount WHERE accountcode = ? FOR UPDATE', [account]);
        return 'ANSWER';
      };
      const line = channel.agi('card');
      await until(() => expect(slow.lines.some(({ event }) => event === 'agi_emergency_unwritten')).toBe(true));
      // Busy is told while the emergency call is not written yet.
      if (routes[0]?.prefix === '') await line;
      await holder.end();
      await line;
      expect(heard(channel).slice(-2)).toEqual(['vm-enter-num-to-call', '?']);
      await until(async () => expect((await cdrs()).map(({ dst }) => dst)).toEqual(['33123', '112']));
      expect(await cdrs()).toMatchObject([{ end_at: null }, { uniqueid: `${channel.uniqueid}+2`, cost: '0.000000' }]);
      const [answerAt, endAt, callerGoneAt] = [NOON + 2_000, NOON + 30_000, channel.now];
      await wrote(db, channel.uniqueid, { answerAt, endAt, callerGoneAt });
      await until(async () =>
        expect((await cdrs())[0]).toMatchObject({ billsec: 28, cost: '0.466667', evidence: 'cel' }),
      );
    },
  );

  test('without the key nobody is let in, and the log says why', async () => {
    const other = await openDoor(db);
    const keyless = caller([pin], {}, other);
    await keyless.agi('card');
    expect(heard(keyless)).toEqual(['agent-pass', '?', 'please-try-call-later', 'vm-goodbye']);
    expect(other.door.figures.refusals).toMatchObject({ pin_key_missing: 1 });
    await other.close();
  });

  test('silence is asked again, and ends it in the end', async () => {
    const channel = caller([null, null, null]);
    await channel.agi('card');
    expect(heard(channel)).toEqual([
      'agent-pass',
      '?',
      'vm-sorry',
      'agent-pass',
      '?',
      'vm-sorry',
      'agent-pass',
      '?',
      'vm-goodbye',
    ]);
  });

  test('what another call of the card holds is not spoken as his', async () => {
    await caller([], { agi_accountcode: account }).agi('authorize');
    await db.database('astaccount').where({ accountcode: account }).update({ credit_limit: '2.000000' });
    const channel = caller([pin]);
    await channel.agi('card');
    expect(heard(channel).join(' ')).toContain('? vm-youhave 2 letters/dot 00 vm-enter-num-to-call');
  });

  test('in another language than English amounts are spelt', async () => {
    await db.database('astaccount').where({ accountcode: account }).update({ balance: '121.150000' });
    for (const [language, command] of [
      ['ru', 'SAY DIGITS'],
      ['pl', 'SAY DIGITS'],
      ['english', 'SAY DIGITS'],
      ['en_GB', 'SAY NUMBER'],
    ] as const) {
      const channel = caller([pin], { agi_language: language });
      await channel.agi('card');
      expect(channel.asked.filter(line => line.startsWith('SAY'))).toEqual([
        `${command} "121" "0123456789*#ABCD"`,
        'SAY DIGITS "15" "0123456789*#ABCD"',
      ]);
    }
    await db.database('astaccount').where({ accountcode: account }).update({ balance: '10.000000' });
  });

  test('a switch that cannot keep keys serves nobody, and the log says what it lacks', async () => {
    const channel = caller([pin]);
    const { answer } = channel as unknown as { answer(command: string): Promise<string> };
    Object.assign(channel, {
      answer: async (command: string) =>
        command.startsWith('EXEC "StoreDTMF"') ? '200 result=-2' : answer.call(channel, command),
    });
    await channel.agi('card');
    expect(heard(channel)).toEqual(['please-try-call-later', 'vm-goodbye']);
    expect(refusals('keys_not_kept')).toBe(1);
  });

  test('an entry of which a key may be there twice is asked again, and no wrong one', async () => {
    const channel = caller([pin, '33123']);
    const { answer } = channel as unknown as { answer(command: string): Promise<string> };
    let isDoubled = false;
    Object.assign(channel, {
      answer: async (command: string) => {
        const reply = await answer.call(channel, command);
        if (isDoubled || !command.includes('"1000"')) return reply;
        isDoubled = true;
        channel.kept = `${pin.slice(0, 1)}${channel.kept}`;
        return reply;
      },
    });
    channel.entries.unshift(pin);
    await channel.agi('card');
    expect(heard(channel).slice(0, 5)).toEqual(['agent-pass', '?', 'vm-sorry', 'agent-pass', '?']);
    expect(refusals('keys_unclear')).toBe(1);
    expect(refusals('pin_wrong')).toBe(0);
    expect((await cdrs()).map(({ dst }) => dst)).toEqual(['33123']);
  });

  test('a sound that is missing is told in the log, and left out', async () => {
    const channel = caller([pin]);
    const answer = channel as unknown as { answer(command: string): Promise<string> };
    const whole = answer.answer.bind(channel);
    answer.answer = async command => (command.includes('agent-pass') ? '200 result=-1' : whole(command));
    await channel.agi('card');
    expect(heard(channel)).toContain('vm-enter-num-to-call');
    expect(refusals('sound_missing')).toBe(1);
  });
});
