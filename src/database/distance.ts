import type { Knex } from 'knex';

/** The most round trips of a start: two, and one for the prices of numbers that were not called lately (docs/scaling.md). */
const ROUND_TRIPS = 3;

/** The same on a Galera node, which gets each statement by itself (packet.ts). */
const GALERA_ROUND_TRIPS = 10;

/** How often it is measured. The shortest counts, because the distance is wanted, and not how busy either end is. */
const ASKED = 5;

export interface Distance {
  /** One round trip to the database. */
  roundTripMs: number;
  /** The least time of a start at this distance. */
  startMs: number;
}

/** Measures how far away the database is. @throws DatabaseFault */
export async function distanceOf(database: Knex): Promise<Distance> {
  let roundTripMs = Number.POSITIVE_INFINITY;
  let isGalera = false;
  await database.transaction(async connection => {
    const [[wsrep]] = await connection.raw("SHOW GLOBAL VARIABLES LIKE 'wsrep_on'");
    isGalera = wsrep?.Value === 'ON';
    for (let count = 0; count < ASKED; count++) {
      const askedAt = performance.now();
      await connection.raw('SELECT 1');
      roundTripMs = Math.min(roundTripMs, performance.now() - askedAt);
    }
  });
  return { roundTripMs, startMs: (isGalera ? GALERA_ROUND_TRIPS : ROUND_TRIPS) * roundTripMs };
}
