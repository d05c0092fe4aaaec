import { existsSync, readFileSync } from 'node:fs';

/** A call as its caller saw it. Instants are ms since 1970, by this machine's clock. */
export interface CallerSeen {
  number: string;
  /** The final SIP status; null if none came. */
  sipStatus: number | null;
  endedBy: 'caller' | 'called' | 'nobody';
  invitedAt: number;
  answeredAt: number | null;
  endedAt: number;
}

/** An answered call as the carrier saw it. */
export interface CarrierSeen {
  number: string;
  /** It sent its 200. */
  answeredAt: number;
  /** The switch acknowledged that. */
  acknowledgedAt: number;
  /** null if the end was never reported to it. */
  endedAt: number | null;
}

/** The lines of lab/sipp/drill-caller.xml. */
export function readCallers(path: string): CallerSeen[] {
  if (!existsSync(path)) return [];
  const line = /number=(\d+) status=(\S*) ended_by=(\w+) invited=(\S*) (\S*) answered=(\S*) (\S*) ended=(\S*) (\S*)/g;
  return [...readFileSync(path, 'utf8').matchAll(line)].map(match => {
    const [, number, status, endedBy, ...times] = match as unknown as string[];
    return {
      number: number!,
      sipStatus: Number(status) || null,
      endedBy: endedBy as CallerSeen['endedBy'],
      invitedAt: instant(times[0]!, times[1]!),
      answeredAt: instant(times[2]!, times[3]!) || null,
      endedAt: instant(times[4]!, times[5]!),
    };
  });
}

/** The lines of lab/sipp/drill-carrier.xml whose numbers begin with `prefix`. */
export function readCarrier(path: string, prefix: string): CarrierSeen[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  const seen = new Map<string, CarrierSeen>();
  for (const match of text.matchAll(/number=(\d+) up rang=\S* \S* sent=(\S*) (\S*) acked=(\S*) (\S*)/g)) {
    const [, number, ...times] = match as unknown as string[];
    if (!number!.startsWith(prefix)) continue;
    const [answeredAt, acknowledgedAt] = [instant(times[0]!, times[1]!), instant(times[2]!, times[3]!)];
    seen.set(number!, { number: number!, answeredAt, acknowledgedAt, endedAt: null });
  }
  for (const match of text.matchAll(/number=(\d+) down ended_by=\w+ ended=(\S*) (\S*)/g)) {
    const [, number, seconds, microseconds] = match as unknown as string[];
    const call = seen.get(number!);
    if (call) call.endedAt = instant(seconds!, microseconds!);
  }
  return [...seen.values()];
}

/** SIPp prints numbers as `200.000000`, and a zero as nothing. */
const instant = (seconds: string, microseconds: string): number => Number(seconds) * 1000 + Number(microseconds) / 1000;
