/** What Asterisk 22.10.1 writes to a script, recorded. */
const ENVIRONMENT: [string, string][] = [
  ['agi_network', 'yes'],
  ['agi_network_script', 'authorize'],
  ['agi_request', 'agi://127.0.0.1:4573/authorize'],
  ['agi_channel', 'PJSIP/plain-00000000'],
  ['agi_language', 'en'],
  ['agi_type', 'PJSIP'],
  ['agi_uniqueid', 'ast1-1795732306.0'],
  ['agi_version', '22.10.1+dfsg+~cs6.17.60671434-1'],
  ['agi_callerid', 'caller'],
  ['agi_calleridname', 'unknown'],
  ['agi_callingpres', '0'],
  ['agi_callingani2', '0'],
  ['agi_callington', '0'],
  ['agi_callingtns', '0'],
  ['agi_dnid', '4930123450'],
  ['agi_rdnis', 'unknown'],
  ['agi_context', 'plain'],
  ['agi_extension', '4930123450'],
  ['agi_priority', '3'],
  ['agi_enhanced', '0.0'],
  ['agi_accountcode', 'plain'],
  ['agi_threadid', '140200150955712'],
];

/** The environment with which Asterisk begins a session, to its blank line; more names come behind the others. */
export function environment(script: string, more: Record<string, string> = {}): string {
  const values = new Map([...ENVIRONMENT, ['agi_network_script', script] as const, ...Object.entries(more)]);
  values.set('agi_request', `agi://127.0.0.1:4573/${script}`);
  return `${[...values].map(([name, value]) => `${name}: ${value}\n`).join('')}\n`;
}
