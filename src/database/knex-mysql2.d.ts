/** knex's client for mysql2, for which knex ships no types; the parts on which connection.ts builds. */
declare module 'knex/lib/dialects/mysql2' {
  import { Knex } from 'knex';

  class Client extends Knex.Client {
    /** The `connection` that knex got. */
    connectionSettings: { uri: string };
    acquireRawConnection(): Promise<unknown>;
    _query(connection: unknown, query: unknown): Promise<unknown>;
  }
  export = Client;
}
