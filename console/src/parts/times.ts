/** Times and durations as a person reads them. Pure but for the reader's own zone. */

export const readersZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Day and time to the second in that zone; the year only where it is not the present one. */
export function clockTime(instant: string, language: string, zone = readersZone()): string {
  const at = new Date(instant);
  const isThisYear = at.getUTCFullYear() === new Date().getUTCFullYear();
  return new Intl.DateTimeFormat(language, {
    timeZone: zone,
    ...(isThisYear ? {} : { year: 'numeric' }),
    month: 'short',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(at);
}

/** `2:41`, `1:02:03`; seconds below zero count as none. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (part: number) => String(part).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
