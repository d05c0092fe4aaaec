import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scenarioPath } from '../../../lab/servers/sipp';

/** A key every so often. Ms. */
const KEY_MS = 150;

/** What a caller does after the answer: waits so many ms, presses these keys, and so on. */
export type Step = number | string;

/** The lab's caller, with key presses (SIP INFO) before it listens for `talk_ms` more; the path of its scenario. */
export function keypadScenario(steps: readonly Step[]): string {
  let [sequence, label] = [1, 0];
  const pause = (ms: number): string =>
    `  <recv request="BYE" timeout="${ms}" ontimeout="on_${++label}" next="hung_up"/>\n  <label id="on_${label}"/>\n`;
  const press = (key: string): string => `
  <send retrans="500"><![CDATA[
INFO [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[from_user]@[local_ip]:[local_port]>;tag=[pid]c[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: ${++sequence} INFO
Contact: <sip:[from_user]@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/dtmf-relay
Content-Length: [len]

Signal=${key}
Duration=80
]]></send>
  <recv request="BYE" optional="true" next="hung_up"/>
  <recv response="200"/>
${pause(KEY_MS)}`;
  const pressed = steps.map(step => (typeof step === 'number' ? pause(step) : [...step].map(press).join(''))).join('');
  const caller = readFileSync(scenarioPath('caller'), 'utf8');
  const at = caller.indexOf('  <label id="talking"/>');
  const rest = caller.slice(at).replace('CSeq: 2 BYE', `CSeq: ${sequence + 1} BYE`);
  const path = join(mkdtempSync(join(process.env.RINGFENCE_TEST_FOLDER as string, 'keypad-')), 'keypad.xml');
  writeFileSync(path, caller.slice(0, at) + pressed + rest);
  return path;
}
