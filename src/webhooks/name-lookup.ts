import { promises as dns, type LookupAddress } from 'node:dns';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';

/** Every address of a name. Rejects if there is none, or no server answers. */
export type NameLookup = (name: string) => Promise<LookupAddress[]>;

/** How long a name server may take for one question, which is asked twice. Ms. */
const ANSWER_MS = 2_000;

/**
 * The addresses of a name by /etc/hosts, or else by DNS.
 *
 * Not by the system's own getaddrinfo, which dns.lookup uses: two names whose servers are silent would keep both threads that Node has for
 * it, and meanwhile no switch that is addressed by name could be reached.
 */
export const lookUpName: NameLookup = async name => {
  const known = addressesIn(await readFile('/etc/hosts', 'utf8').catch(() => ''), name);
  if (known.length > 0) return known;
  const resolver = new dns.Resolver({ timeout: ANSWER_MS, tries: 2 });
  const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const found = [...addressesOf(four), ...addressesOf(six)];
  if (found.length > 0) return found;
  throw (four as PromiseRejectedResult).reason;
};

const addressesOf = (answer: PromiseSettledResult<string[]>): LookupAddress[] =>
  answer.status === 'fulfilled' ? answer.value.map(address => ({ address, family: isIP(address) })) : [];

/** The addresses of a name in a hosts file; [] for none. */
export function addressesIn(hostsFile: string, name: string): LookupAddress[] {
  const wanted = name.toLowerCase().replace(/\.$/, '');
  return hostsFile.split('\n').flatMap(line => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const isIt = isIP(address) !== 0 && names.some(other => other.toLowerCase() === wanted);
    return isIt ? [{ address, family: isIP(address) }] : [];
  });
}
