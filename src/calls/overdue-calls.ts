import type { Metric } from '../metrics/exposition';

/** How long after our own brake a call that goes on is an alarm: a switch may take a moment, and a lost BYE is sent again. Ms. */
const OVERDUE_MS = 3_000;

/** One life of a call, which is watched. */
export interface Braked {
  node: string;
  /** It still talks, and its switch can be asked. `unknown` while the switch is away, because the switch may have ended it by itself. */
  isTalking(): boolean | 'unknown';
  /** Reported once. */
  alarm(): void;
}

/** Calls that go on although their limit is past and their switch was told to end them. They talk for free, so an operator must know. */
export class OverdueCalls {
  private readonly overdue = new Set<Braked>();

  /** Looks at a call a moment after our brake. The call is overdue from then until it no longer talks. */
  watch(call: Braked): void {
    setTimeout(() => {
      const talks = call.isTalking();
      if (talks === 'unknown') return this.watch(call);
      if (!talks) return;
      this.overdue.add(call);
      call.alarm();
    }, OVERDUE_MS).unref();
  }

  /** How many there are now, by switch. */
  get metric(): Metric {
    const byNode = new Map<string, number>();
    for (const call of this.overdue) {
      if (call.isTalking() === false) this.overdue.delete(call);
      else byNode.set(call.node, (byNode.get(call.node) ?? 0) + 1);
    }
    return {
      name: 'ringfence_calls_past_limit',
      help: 'Calls that go on although their limit is past: their switch was told to end them and did not',
      type: 'gauge',
      samples: [...byNode].map(([node, value]) => ({ labels: { switch: node }, value })),
    };
  }
}
