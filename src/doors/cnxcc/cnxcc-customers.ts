import type { Knex } from 'knex';
import { addTime, hangUpCalls } from '../../accounts/during-calls';
import { POOL_PREFIX } from '../../credit/rules/pool';
import { actingAs } from '../../operator/acting';
import { within } from '../door-call';
import type { CnxccCommand } from './cnxcc-commands';
import { failed, notFound, OK, refused } from './cnxcc-replies';
import { callRows, clientRows } from './cnxcc-rows';
import { type CnxccStore, type Customer, cnxccStore } from './cnxcc-store';

export interface CnxccCustomersOptions {
  /** The door, as the audit trail names it. */
  name: string;
  database: Knex;
  /** The template for the customer of a pool: `{customer}` stands for the script's name. */
  template: string;
  /** The switch's own name for a call. */
  callIdIn: (uniqueid: string) => string;
  /** How long a worker of Kamailio can wait for an answer; ms. */
  answerWithinMs: number;
}

/** The commands about customers and their calls, not about one call. */
export type CustomerCommand = Extract<
  CnxccCommand,
  { name: 'update_max_time' | 'get_channel_count' | 'terminate_all' | 'check_client' | 'active_clients' }
>;

/** The most customers that `active_clients` lists. */
const MOST_LISTED = 1_000;

/** cnxcc's customers, as pools. Every method rejects with RpcError, Refused or DatabaseFault. */
export class CnxccCustomers {
  private readonly store: CnxccStore;
  private changing = 0;

  constructor(private readonly options: CnxccCustomersOptions) {
    this.store = cnxccStore(options.database, options.callIdIn);
  }

  /** Changes that may not be durable yet. */
  get waiting(): number {
    return this.changing;
  }

  accountcodeOf(customer: string): string {
    return POOL_PREFIX + this.options.template.replace('{customer}', () => customer);
  }

  /** How many of a customer's calls are talking. */
  async talking(accountcode: string): Promise<number> {
    const found = await this.found(accountcode);
    return found?.calls.filter(({ answerAt }) => answerAt !== null).length ?? 0;
  }

  /** How many calls of pools a switch has. */
  callsOn(node: string): Promise<number> {
    return this.inTime(this.store.callsOn(node));
  }

  /** `from`: the address of the script's switch, for the audit trail. */
  async perform(command: CustomerCommand, from: string): Promise<unknown> {
    const { database } = this.options;
    const acting = { ...actingAs(this.options.name, database), from };
    if (command.name === 'active_clients') {
      const customers = await this.inTime(this.store.customers(MOST_LISTED));
      return clientRows(
        customers.flatMap(customer => this.withClient(customer)),
        Date.now(),
      );
    }
    const accountcode = this.accountcodeOf(command.customer);
    switch (command.name) {
      case 'update_max_time':
        await this.change(addTime(acting, accountcode, command.seconds));
        return OK;
      case 'terminate_all': {
        const calls = await this.change(hangUpCalls(acting, accountcode));
        if (calls.length === 0) throw failed('no_call_in_progress');
        return OK;
      }
      case 'get_channel_count': {
        const found = await this.found(accountcode);
        // cnxcc's answer for an unknown customer.
        return found?.calls.length ?? -1;
      }
      case 'check_client': {
        const found = await this.found(accountcode);
        if (!found) throw notFound('Not Found');
        return callRows({ ...found, client: command.customer }, Date.now());
      }
    }
  }

  /** @throws RpcError if the work takes longer than a worker may wait; it may still be done. */
  async inTime<Result>(work: Promise<Result>): Promise<Result> {
    const result = await within(this.options.answerWithinMs, work);
    if (result === 'late') throw refused('ledger_unavailable');
    return result;
  }

  private found(accountcode: string): Promise<Customer | null> {
    return this.inTime(this.store.customer(accountcode));
  }

  private change<Result>(work: Promise<Result>): Promise<Result> {
    this.changing++;
    void work.catch(() => undefined).finally(() => this.changing--);
    return this.inTime(work);
  }

  /** With the script's name for the customer. Without customers of other scripts. */
  private withClient({ customer, ...found }: Customer): [Omit<Customer, 'customer'> & { client: string }] | [] {
    const [before = '', after = ''] = this.options.template.split('{customer}');
    const isOurs =
      customer.startsWith(before) && customer.endsWith(after) && customer.length > before.length + after.length;
    return isOurs ? [{ ...found, client: customer.slice(before.length, customer.length - after.length) }] : [];
  }
}
