import pino from 'pino';
import { SwitchError, type SwitchEvent } from '../../../src/calls/switch-port';
import type { Grant } from '../../../src/credit/rules/grant';
import { emergencyGrant } from '../../../src/credit/rules/start';
import type { Dialogs, ProxyTable } from '../../../src/switches/proxy/dialogs';
import { ProxySwitch } from '../../../src/switches/proxy/proxy-switch';
import { until } from '../../doors/door-fixture';

const emergency = emergencyGrant({ maxCallSeconds: 3600, barredPrefixes: [] });
const paid: Grant = { ...emergency, grantedSeconds: 60, capSeconds: 3600 };

/** A requested call, and a proxy that handles its grant as `grant` says. */
function asking(grant: ProxyTable['grant']) {
  const port = new ProxySwitch({
    node: 'proxy:main',
    startWithinMs: 400,
    dialogs: { table: { grant } as ProxyTable } as Dialogs,
    callIdOf: () => 'call@lab',
    openCalls: async () => [],
    onEvent: () => undefined,
    onServing: () => undefined,
    onDropped: () => undefined,
    log: pino({ level: 'silent' }),
  });
  const call = {
    uniqueid: 'call',
    callId: 'call@lab',
    args: ['account=alice'],
    callerNumber: '',
    dialledNumber: '112',
  };
  return { port, decided: port.authorise(call, 300) };
}

const told = (grant: Grant) => ({ channel: 'call', refusal: null, grant, callerBalance: null, warnSound: '' });

const broken = async () => {
  throw new SwitchError('refused', 'htable.setxs: 500 No such htable', {}, 500);
};

test('an emergency call is let through though the proxy cannot be told its limit; another is not', async () => {
  const rescue = asking(broken);
  await rescue.port.handBack(told(emergency));
  expect(await rescue.decided).toMatchObject({ refusal: null });
  const other = asking(broken);
  await expect(other.port.handBack(told(paid))).rejects.toThrow('No such htable');
  expect(await other.decided).toBe('late');
});

test('what becomes of the limit of a call that rings is told the proxy too, and taken back only when it knows', async () => {
  const granted: number[] = [];
  let knows = true;
  const { port } = asking(async (_, seconds) => {
    if (!knows) await broken();
    granted.push(seconds);
  });
  await port.handBack(told(paid));
  await port.setLimit('call', 20);
  expect(granted).toEqual([62, 22]);
  knows = false;
  await expect(port.setLimit('call', 10)).rejects.toThrow('No such htable');
});

test('a proxy that does not take the commands by which calls are ended gets no call, and that is said once', async () => {
  const lines: { event: string; error?: string }[] = [];
  let asked = 0;
  let isServing = false;
  const port = new ProxySwitch({
    node: 'proxy:main',
    startWithinMs: 400,
    dialogs: {
      startedAt: async () => 1,
      of: async () => {
        asked++;
        throw new SwitchError('refused', 'dlg_list: -32602 Invalid params', {}, -32602);
      },
    } as unknown as Dialogs,
    callIdOf: () => null,
    openCalls: async () => [],
    onEvent: () => undefined,
    onServing: serves => {
      isServing = serves;
    },
    onDropped: () => undefined,
    log: pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
  });
  port.start();
  await until(() => expect(asked).toBeGreaterThan(1));
  expect(isServing).toBe(false);
  expect(lines).toMatchObject([{ event: 'proxy_not_asked', error: 'dlg_list: -32602 Invalid params' }]);
  await port.close();
});

test('a call that the proxy ended for us ended when it did, and not when its list was read next', async () => {
  const events: SwitchEvent[] = [];
  let isListed = true;
  const dialog = { callId: 'call@lab', answeredAt: 1, id: ['7.7'], cseq: null };
  const port = new ProxySwitch({
    node: 'proxy:main',
    startWithinMs: 400,
    dialogs: {
      of: async () => new Map(isListed ? [['call@lab', dialog]] : []),
      end: async () => isListed,
    } as unknown as Dialogs,
    callIdOf: () => 'call@lab',
    openCalls: async () => [{ uniqueid: 'call', accountcode: 'alice', dst: '33123', answerAt: 1 }],
    onEvent: event => void events.push(event),
    onServing: () => undefined,
    onDropped: () => undefined,
    log: pino({ level: 'silent' }),
  });
  await port.channels();
  await port.hangup('call');
  const endedBy = Date.now();
  isListed = false;
  await new Promise(resolve => setTimeout(resolve, 100));
  await port.channels();
  const [ended] = events.flatMap(event => (event.type === 'ended' ? [event] : []));
  expect(ended).toMatchObject({ channel: 'call', byRequest: true });
  expect(ended!.at).toBeLessThanOrEqual(endedBy);
  await port.close();
});

test('a call that several end at once is ended by one question, and by another only if a later list has it still', async () => {
  const dialog = { callId: 'call@lab', answeredAt: 1, id: ['7.7'], cseq: null };
  const ends: (() => void)[] = [];
  const listed: (() => void)[] = [];
  const port = new ProxySwitch({
    node: 'proxy:main',
    startWithinMs: 400,
    dialogs: {
      of: () => new Promise(resolve => listed.push(() => resolve(new Map([['call@lab', dialog]])))),
      end: () => new Promise(resolve => ends.push(() => resolve(true))),
    } as unknown as Dialogs,
    callIdOf: () => 'call@lab',
    openCalls: async () => [{ uniqueid: 'call', accountcode: 'alice', dst: '33123', answerAt: 1 }],
    onEvent: () => undefined,
    onServing: () => undefined,
    onDropped: () => undefined,
    log: pino({ level: 'silent' }),
  });
  const look = async (): Promise<void> => {
    const looked = port.channels();
    await until(() => expect(listed).not.toEqual([]));
    listed.splice(0).forEach(tell => void tell());
    await looked;
  };
  const apart = () => new Promise(resolve => setTimeout(resolve, 5));
  await look();
  const wanted = [port.hangup('call'), port.hangup('call')];
  const early = port.channels();
  await until(() => expect(listed).not.toEqual([]));
  await apart();
  expect(ends).toHaveLength(1);
  ends[0]?.();
  await Promise.all(wanted);
  // The list was asked for before the proxy ended the call.
  listed.splice(0).forEach(tell => void tell());
  await early;
  expect(ends).toHaveLength(1);
  await apart();
  await look();
  expect(ends).toHaveLength(2);
  ends[1]?.();
  await port.close();
});
