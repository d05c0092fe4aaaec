/** A kind is told at most this often. The next line says how many came in between. Ms. */
const TOLD_EVERY_MS = 1_000;

interface Tally {
  total: number;
  toldAt: number;
  toldTotal: number;
}

/** How often something came, in all and since it was told last. */
export interface Counts {
  total: number;
  unlogged: number;
}

/** Counts what strangers can provoke without end, by kind, and tells of each kind at most once a second. Kinds are few: none is forgotten. */
export class SparseLog {
  private readonly tallies = new Map<string, Tally>();

  note(kind: string, tell: (counts: Counts) => void): void {
    const tally = this.tallies.get(kind) ?? { total: 0, toldAt: Number.NEGATIVE_INFINITY, toldTotal: 0 };
    this.tallies.set(kind, tally);
    tally.total++;
    const now = performance.now();
    if (now - tally.toldAt < TOLD_EVERY_MS) return;
    tell({ total: tally.total, unlogged: tally.total - tally.toldTotal - 1 });
    Object.assign(tally, { toldAt: now, toldTotal: tally.total });
  }

  /** How often each kind came since the start. */
  totals(): Record<string, number> {
    return Object.fromEntries([...this.tallies].map(([kind, { total }]) => [kind, total]));
  }
}
