/** Data of `Stasis(…)` in a dialplan, and the words behind the application's name that the application gets: measured on Asterisk 22.10.1. */
export const APPLICATION_DATA: readonly [data: string, words: string[]][] = [
  ['ringfence', []],
  ['ringfence,alice', ['alice']],
  ['ringfence,authorize,account=alice,number=4930120', ['authorize', 'account=alice', 'number=4930120']],
  ['ringfence,authorize,account="Smith, John",number=1', ['authorize', 'account=Smith, John', 'number=1']],
  ['ringfence,authorize,account=Smith\\, John', ['authorize', 'account=Smith, John']],
  ['ringfence,account=bob(home,upstairs),x', ['account=bob(home,upstairs)', 'x']],
  ['ringfence,account=bob[1,2],x', ['account=bob[1,2]', 'x']],
  ['ringfence,account=bob),x', ['account=bob)', 'x']],
  ['ringfence, authorize ,,x', [' authorize ', '', 'x']],
  ['ringfence,authorize,', ['authorize', '']],
];
