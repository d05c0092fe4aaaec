/** The keys of RINGFENCE_PIN_KEY by their prints, which are no secret. Pure. */
import { createHmac } from 'node:crypto';

/** Identifies a key without revealing anything of it: 32 bits of its hash. */
export const printOf = (key: string): string =>
  createHmac('sha256', key).update('ringfence:print').digest('hex').slice(0, 8);
