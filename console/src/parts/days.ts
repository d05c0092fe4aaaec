/** Days as they stand in an address, in the reader's own zone. Pure but for that zone. */

/** `2026-11-30`, a day that there is; undefined for anything else. */
export const dayOf = (value: unknown): string | undefined => {
  const text = typeof value === 'string' ? value.trim() : '';
  if (!/^[1-9]\d{3}-\d\d-\d\d$/.test(text)) return undefined;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text) ? text : undefined;
};

/** Instants from the beginning of a day to the end of another in the reader's own zone, as the API takes them. */
export const betweenDays = ({ from, to }: { from?: string; to?: string }): { $from?: string; to?: string } => ({
  ...(from !== undefined && { $from: new Date(`${from}T00:00:00`).toISOString() }),
  ...(to !== undefined && { to: dayAfter(to).toISOString() }),
});

function dayAfter(day: string): Date {
  const at = new Date(`${day}T00:00:00`);
  at.setDate(at.getDate() + 1);
  return at;
}

/** `2026-11-30`: the day of an instant in the zone of this process. */
export function localDay(instant: string | number): string {
  const at = new Date(instant);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
