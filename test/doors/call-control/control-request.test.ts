import { dialledIn, payingParty, requestIn } from '../../../src/doors/call-control/control-request';

const INIT = ['init', 'ruri: sip:0049301@example.com', 'callid: c1@h', 'from: <sip:alice@example.com>;tag=1'];

test('what Kamailio says of a call, whatever else it says', () => {
  expect(requestIn([...INIT, 'diverter: None', 'sourceip: 192.0.2.7', 'sip_application: audio', 'new: thing'])).toEqual(
    {
      command: 'init',
      callId: 'c1@h',
      ruri: 'sip:0049301@example.com',
      diverter: null,
      from: '<sip:alice@example.com>;tag=1',
      prepaid: null,
      callLimit: 0,
    },
  );
});

test('what OpenSIPS says besides', () => {
  expect(
    requestIn([...INIT, 'diverter: bob@example.com', 'prepaid: true', 'call_limit: 3', 'call_token: None']),
  ).toMatchObject({
    diverter: 'bob@example.com',
    prepaid: 'true',
    callLimit: 3,
  });
  expect(requestIn([...INIT, 'prepaid: True'])).toMatchObject({ prepaid: 'true' });
});

test.each([
  [['start', 'callid: c1', 'dialogid: 1:2'], { command: 'start', callId: 'c1' }],
  [['start', 'callid: c1', 'dialogid: 14849186758665'], { command: 'start', callId: 'c1' }],
  [['stop', 'callid:c1'], { command: 'stop', callId: 'c1' }],
  [['terminate', 'callid: a: b'], { command: 'terminate', callId: 'a: b' }],
  [['debug', 'show: sessions'], { command: 'debug', show: 'sessions', user: '' }],
  [['debug', 'show: sessions', 'user: al'], { command: 'debug', show: 'sessions', user: 'al' }],
  [['debug', 'show: session', 'callid: c1'], { command: 'debug', show: 'session', callId: 'c1' }],
])('%j', (lines, request) => {
  expect(requestIn(lines)).toEqual(request);
});

test('a From that goes on in the next line is one, whatever that line looks like', () => {
  const request = requestIn(['init', 'ruri: r', 'callid: c1', 'from: "A"', ' callid: c2', '\t<sip:alice@example.com>']);
  expect(request).toMatchObject({ callId: 'c1', from: '"A" callid: c2 <sip:alice@example.com>' });
});

test.each([
  [[], 'its first line is none of'],
  [['INIT'], 'its first line is none of'],
  [['start'], 'callid is missing'],
  [['start', 'callid:  '], 'callid is missing'],
  [['stop', 'callid: a', 'callid: b'], 'a key is there twice'],
  [['stop', 'callid'], 'a line is no "key: value"'],
  [['stop', ': a'], 'a line is no "key: value"'],
  [['stop', 'callid: a', ...Array.from({ length: 32 }, (_, at) => `k${at}: v`)], 'more than 32 lines'],
  [INIT.filter(line => !line.startsWith('ruri')), 'ruri is missing'],
  [INIT.filter(line => !line.startsWith('from')), 'from is missing'],
  [[...INIT, 'prepaid: perhaps'], 'prepaid is none of'],
  [[...INIT, 'call_limit: -1'], 'call_limit is no number'],
  [['debug', 'show: all'], 'show is neither'],
  [['debug', 'show: session'], 'callid is missing'],
])('%j is refused: %s', (lines, told) => {
  expect(() => requestIn(lines)).toThrow(told);
});

test.each([
  ['<sip:alice@example.com>;tag=1', null, { user: 'alice', domain: 'example.com' }],
  ['"Alice" <sip:alice@example.com:5060;transport=udp>;tag=1', null, { user: 'alice', domain: 'example.com' }],
  ['sip:alice@example.com', null, { user: 'alice', domain: 'example.com' }],
  ['sips:alice@example.com', null, { user: 'alice', domain: 'example.com' }],
  ['<sip:alice@example.com>', 'bob@other.example', { user: 'bob', domain: 'other.example' }],
  ['<sip:example.com>;tag=1', null, null],
  ['<tel:+49301>;tag=1', null, null],
  ['', null, null],
  ['"alice <sip:victim@example.com>', null, null],
  // The caller chooses the displayed name, and it may look like another party's URI.
  ['"sip:victim@example.com" <sip:alice@example.com>;tag=1', null, { user: 'alice', domain: 'example.com' }],
  ['"a\\" <sip:victim@example.com>" <sip:alice@example.com>', null, { user: 'alice', domain: 'example.com' }],
  ['sip:victim@example.com <sip:alice@example.com>', null, { user: 'alice', domain: 'example.com' }],
  ['<sip:alice@example.com>;x="<sip:victim@example.com>"', null, { user: 'alice', domain: 'example.com' }],
  ['<sip:alice@example.com>', 'nobody', null],
  ['<sip:victim@example.com;x@example.com>', null, null],
  ['<sip:alice@example.com>;tag=a@b', null, { user: 'alice', domain: 'example.com' }],
  ['<sip:alice@example.com>', 'victim@a@b', null],
])('who pays: From %j, diverter %j: %j', (from, diverter, party) => {
  expect(payingParty({ from, diverter })).toEqual(party);
});

test.each([
  ['sip:0049301234@example.com;user=phone', '0049301234'],
  ['sip:+49301;npdi@example.com', '+49301;npdi'],
  ['tel:+49-30.12(34)', '+49301234'],
  ['sip:+49301;npdi=yes@example.com', '+49301;npdi=yes'],
  // A carrier that routes by the routing number calls another number.
  ['sip:112;rn=4990@example.com', '112;rn=4990'],
  ['sip:112;npdi;rn=4990@example.com', '112;npdi;rn=4990'],
  ['tel:112;phone-context=+49', '112;phonecontext=+49'],
  ['sip:example.com', ''],
  ['sip:112', ''],
  ['mailto:x@y', ''],
])('what was dialled: %s is %j', (ruri, dialled) => {
  expect(dialledIn(ruri)).toBe(dialled);
});
