/** The billed seconds of a call by their prices, from the facts of the API alone. Pure. */

/** What a price is told with. */
export interface PriceFacts {
  rate_price_per_minute: string;
  rate_initial_increment_seconds: number;
  rate_increment_seconds: number;
  rate_free_seconds: number;
  /** `180:0.05/6 600:0.02/1`; empty for one price. */
  rate_steps: string;
}

/** Billed seconds at one price. */
export interface PricePiece {
  /** The talk before it; seconds. */
  from: number;
  seconds: number;
  perMinute: string;
  /** Its first block, and those after it; seconds. */
  first: number;
  each: number;
}

/** `billed` seconds, which begin behind the free ones, cut where another price begins. [] for none. */
export function piecesOf(facts: PriceFacts, billed: number): PricePiece[] {
  const free = facts.rate_free_seconds;
  const prices = [
    {
      from: free,
      perMinute: facts.rate_price_per_minute,
      first: facts.rate_initial_increment_seconds,
      each: facts.rate_increment_seconds,
    },
    ...stepsIn(facts.rate_steps).map(step => ({ ...step, first: step.each })),
  ];
  return prices
    .map((price, at) => ({
      ...price,
      seconds: Math.min(free + billed, prices[at + 1]?.from ?? Number.POSITIVE_INFINITY) - price.from,
    }))
    .filter(({ seconds }) => seconds > 0);
}

/** The steps of a rate as the API tells them. */
export const stepsIn = (text: string): { from: number; perMinute: string; each: number }[] =>
  text === ''
    ? []
    : text.split(' ').map(step => {
        const [from = '', perMinute = '', each = ''] = step.split(/[:/]/);
        return { from: Number(from), perMinute, each: Number(each) };
      });
