/** knex's client for mysql2, which knex ships without types; as far as connection.ts builds on it. */
declare module 'knex/lib/dialects/mysql2' {
  import { Knex } from 'knex';

  class Client extends Knex.Client {
    /** The `connection` that knex was given. */
    connectionSettings: { uri: string };
    acquireRawConnection(): Promise<unknown>;
    _query(connection: unknown, query: unknown): Promise<unknown>;
  }
  export = Client;
}
