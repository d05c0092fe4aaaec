/**
 * Which requests may begin: a few of each key or person at once. A rate alone bounds neither what is asked at the same time nor the finished
 * answers that wait in memory to be read.
 */
import type { Role } from '../operator/operation';
import type { Asker } from './questions';

export interface TurnLimits {
  /** Of one key or person at once. */
  ofOne: number;
  /** Of all keys and people of one customer's account at once. */
  ofCustomer: number;
  /** How long a request waits for its turn. Ms. */
  waitMs: number;
  /** While more of the answers waits to be read, no other request begins. Each that is being answered then adds its own. */
  unsentBytes: number;
  /** The part of it that the answers to one role may take: the rest is for the others. */
  unsentPartOfRole: number;
}

export const TURN_LIMITS: TurnLimits = {
  ofOne: 4,
  ofCustomer: 2,
  waitMs: 20_000,
  unsentBytes: 64_000_000,
  unsentPartOfRole: 0.75,
};

/** Where an answer is written: a ServerResponse. */
export interface Written {
  /** Its client has gone. */
  readonly destroyed: boolean;
  /** What the kernel has not taken yet; bytes. */
  readonly writableLength: number;
  once(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
}

/** Why there is none. */
export type NoTurn = 'too_many_in_progress' | 'answers_unread' | 'gone';

/** It lasts until the kernel has the whole answer and its work is over: a client that does not read keeps it, and so does one that left. */
export interface Turn {
  /** What was done for the answer is over. Must be called. */
  isOver(): void;
}

interface Requests {
  role: Role;
  inProgress: Set<Written>;
  /** Each begins one, the oldest first. */
  waiting: Set<() => void>;
}

export class RequestTurns {
  private readonly clients = new Map<string, Requests>();

  constructor(private readonly limits: TurnLimits) {}

  /** Resolves with the turn of a request when it may begin, otherwise with why it may not. */
  async take({ name, role }: Asker, answer: Written): Promise<Turn | NoTurn> {
    if (answer.destroyed) return 'gone';
    const { ofOne, ofCustomer } = this.limits;
    const requests = this.clients.get(name) ?? { role, inProgress: new Set(), waiting: new Set() };
    this.clients.set(name, requests);
    const isRoom = requests.inProgress.size < (role === 'customer' ? ofCustomer : ofOne);
    const turn = isRoom ? this.begin(name, requests, answer) : await this.waited(name, requests, answer);
    if (!turn) return answer.destroyed ? 'gone' : 'too_many_in_progress';
    if (!this.isMuchUnsent(role)) return turn;
    turn.isOver();
    return 'answers_unread';
  }

  private begin(name: string, requests: Requests, answer: Written): Turn {
    const { inProgress, waiting } = requests;
    inProgress.add(answer);
    let left = 2;
    const end = () => {
      left -= 1;
      if (left > 0) return;
      inProgress.delete(answer);
      const [begin] = waiting;
      if (begin) begin();
      else if (inProgress.size === 0) this.clients.delete(name);
    };
    answer.once('close', end);
    return { isOver: end };
  }

  /** null if its client left, or it waited for too long. */
  private waited(name: string, requests: Requests, answer: Written): Promise<Turn | null> {
    return new Promise(resolve => {
      const end = (hasBegun: boolean) => {
        clearTimeout(late);
        answer.off('close', leave);
        requests.waiting.delete(begin);
        resolve(hasBegun ? this.begin(name, requests, answer) : null);
      };
      const begin = () => end(true);
      const leave = () => end(false);
      const late = setTimeout(leave, this.limits.waitMs);
      answer.once('close', leave);
      requests.waiting.add(begin);
    });
  }

  /** Of a role that has more than its part, only that part counts for the others. */
  private isMuchUnsent(role: Role): boolean {
    const { unsentBytes, unsentPartOfRole } = this.limits;
    const mostOfRole = unsentBytes * unsentPartOfRole;
    const ofRoles = new Map<Role, number>();
    for (const client of this.clients.values()) {
      let unsent = ofRoles.get(client.role) ?? 0;
      for (const { writableLength } of client.inProgress) unsent += writableLength;
      ofRoles.set(client.role, unsent);
    }
    const all = [...ofRoles.values()].reduce((sum, unsent) => sum + Math.min(unsent, mostOfRole), 0);
    return all > unsentBytes || (ofRoles.get(role) ?? 0) > mostOfRole;
  }
}
