/** What exists in the books by now, so that requests can name it: rows of the fixture, and what was made since. Pure. */

/** One thing, by the names of its parts; most have only a `value`. */
export type Thing = Readonly<Record<string, string | number>>;

/** Older things are forgotten: many of them are blocked or gone by then. */
const MOST_OF_A_KIND = 300;

export class Known {
  private readonly things = new Map<string, Thing[]>();
  private readonly asked = new Map<string, () => Thing | undefined>();

  /** A kind that has one thing, which is another one from time to time. */
  define(kind: string, now: () => Thing | undefined): void {
    this.asked.set(kind, now);
  }

  add(kind: string, ...things: (Thing | string | number)[]): void {
    const all = this.things.get(kind) ?? [];
    all.push(...things.map(thing => (typeof thing === 'object' ? thing : { value: thing })));
    if (all.length > MOST_OF_A_KIND) all.splice(0, all.length - MOST_OF_A_KIND);
    this.things.set(kind, all);
  }

  /** Forgets those whose parts have these values. */
  remove(kind: string, gone: Thing): void {
    const all = this.things.get(kind) ?? [];
    const isGone = (thing: Thing) =>
      Object.entries(gone).every(([part, value]) => String(thing[part]) === String(value));
    this.things.set(
      kind,
      all.filter(thing => !isGone(thing)),
    );
  }

  /** The thing at that place, counted around; undefined if there is none of this kind. */
  pick(kind: string, place: number): Thing | undefined {
    const now = this.asked.get(kind);
    if (now) return now();
    const all = this.things.get(kind) ?? [];
    return all[place % Math.max(1, all.length)];
  }
}
