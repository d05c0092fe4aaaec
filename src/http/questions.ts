/** Questions of clients to the database: a few at once, in fair shares, so that neither a role nor a client keeps others from asking. */
import { OPERATOR_ROLES, ROLES, type Role } from '../operator/operation';

/** It waited too long for those of others. */
export class TooManyQuestions extends Error {
  override name = 'TooManyQuestions';
}

/** Whose questions are counted together. */
export interface Asker {
  /** Of a key, a person, or a customer's account. */
  name: string;
  /** The role that it is counted with. */
  role: Role;
}

export interface QuestionLimits {
  /** Of all clients; at least one for each role. */
  atOnce: number;
  /** Of all customers. */
  ofCustomers: number;
  /** How long a question waits for its turn. Ms. */
  waitMs: number;
}

/** The role that a client of several is counted with: the one that may do the most, because few have it. */
export const countedRole = (roles: readonly Role[]): Role =>
  OPERATOR_ROLES.findLast(role => roles.includes(role)) ?? 'customer';

interface Waiting {
  asker: Asker;
  begin(): void;
}

export class Questions {
  /** How many each client asks now, by role and name. */
  private readonly asked = new Map<Role, Map<string, number>>(ROLES.map(role => [role, new Map()]));
  /** The oldest first. */
  private readonly waiting = new Set<Waiting>();

  constructor(private readonly limits: QuestionLimits) {}

  /**
   * The answer to a question, which waits for its turn. For each role that asks nothing one place is left, so that it need not wait for
   * others. The next turn goes to the role that asks the least, and to its client that does.
   * @throws what `question` throws; the reason of `signal`, while it waits; TooManyQuestions
   */
  async ask<Answer>(asker: Asker, question: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    if (this.isRoom(asker.role)) this.count(asker, 1);
    else await this.turn(asker, signal);
    try {
      return await question();
    } finally {
      this.count(asker, -1);
      this.goOn();
    }
  }

  private isRoom(role: Role): boolean {
    const { atOnce, ofCustomers } = this.limits;
    const asked = this.ofRole(role);
    if (role === 'customer' && asked >= ofCustomers) return false;
    const left = ROLES.reduce((free, each) => free - this.ofRole(each), atOnce);
    const silent = ROLES.filter(each => each !== role && this.ofRole(each) === 0);
    return left > silent.length;
  }

  /** Begins those for which there is room now. */
  private goOn(): void {
    for (;;) {
      const [first, ...others] = [...this.waiting].filter(({ asker }) => this.isRoom(asker.role));
      if (!first) return;
      const next = others.reduce((best, each) => (this.asksLess(each.asker, best.asker) ? each : best), first);
      this.count(next.asker, 1);
      next.begin();
    }
  }

  private asksLess(one: Asker, other: Asker): boolean {
    const byRole = this.ofRole(one.role) - this.ofRole(other.role);
    return byRole < 0 || (byRole === 0 && this.ofClient(one) < this.ofClient(other));
  }

  private ofRole(role: Role): number {
    let sum = 0;
    for (const count of this.asked.get(role)?.values() ?? []) sum += count;
    return sum;
  }

  private ofClient({ role, name }: Asker): number {
    return this.asked.get(role)?.get(name) ?? 0;
  }

  private count(asker: Asker, change: 1 | -1): void {
    const clients = this.asked.get(asker.role);
    const count = this.ofClient(asker) + change;
    if (count === 0) clients?.delete(asker.name);
    else clients?.set(asker.name, count);
  }

  /** Resolves when the question may begin, and is counted. */
  private turn(asker: Asker, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(late);
        signal.removeEventListener('abort', leave);
        this.waiting.delete(own);
      };
      const leave = () => {
        end();
        reject(signal.reason);
      };
      const late = setTimeout(() => {
        end();
        reject(new TooManyQuestions('too many questions are asked'));
      }, this.limits.waitMs);
      const own: Waiting = {
        asker,
        begin() {
          end();
          resolve();
        },
      };
      signal.addEventListener('abort', leave);
      this.waiting.add(own);
    });
  }
}
