import type { Knex } from 'knex';

/** What a start of a call takes at most: two, and one for the prices of numbers that were not called lately (docs/scaling.md). */
const ROUND_TRIPS = 3;

/** Asked so often, and the shortest counts: what is wanted is the way, not how busy either end is. */
const ASKED = 5;

export interface Distance {
  /** One round trip to the database. */
  roundTripMs: number;
  /** What a start takes by it at least. */
  startMs: number;
}

/** Measures how far away the database is. @throws DatabaseFault */
export async function distanceOf(database: Knex): Promise<Distance> {
  let roundTripMs = Number.POSITIVE_INFINITY;
  await database.transaction(async connection => {
    for (let count = 0; count < ASKED; count++) {
      const askedAt = performance.now();
      await connection.raw('SELECT 1');
      roundTripMs = Math.min(roundTripMs, performance.now() - askedAt);
    }
  });
  return { roundTripMs, startMs: ROUND_TRIPS * roundTripMs };
}
