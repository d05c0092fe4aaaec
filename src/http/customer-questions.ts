/** Questions of customers to the database: a few at once, of all of them together, so that the connections are left to operators. */
import type { Visible } from '../operator/visible';

/** It waited too long for those of other customers. */
export class TooManyQuestions extends Error {
  override name = 'TooManyQuestions';
}

interface Waiting {
  begin(): void;
}

export class CustomerQuestions {
  private asked = 0;
  /** The oldest first. */
  private readonly waiting = new Set<Waiting>();

  constructor(private readonly limits: { atOnce: number; waitMs: number }) {}

  /**
   * The answer to a question; a customer's waits for its turn. Others follow each other fairly, because each account has few requests at once
   * (request-turns.ts).
   * @throws what `question` throws; the reason of `signal`, while it waits; TooManyQuestions
   */
  async ask<Answer>({ kind }: Visible, question: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    if (kind === 'everything') return question();
    signal.throwIfAborted();
    if (this.asked < this.limits.atOnce) this.asked += 1;
    else await this.turn(signal);
    try {
      return await question();
    } finally {
      // The next one takes this turn over.
      const [next] = this.waiting;
      if (next) next.begin();
      else this.asked -= 1;
    }
  }

  private turn(signal: AbortSignal): Promise<void> {
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
        reject(new TooManyQuestions('too many questions of customers are asked'));
      }, this.limits.waitMs);
      const own: Waiting = {
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
