/** What an operator does with trunks and routes. Calls see it two seconds later at the latest (route-table.ts). */
import type { Knex } from 'knex';
import { QUESTION_DEADLINE_MS } from '../database/deadline';
import { asFault, isFault } from '../database/fault';
import { invalid, nameField, prefixField, type Whole, wholeField } from '../operator/fields';
import { noDeck, Refused } from '../operator/operator-refusal';
import type { Page, PageRequest } from '../operator/page';
import { ruleOf, type StoredRule } from './refusal-rule';
import type { Route, Trunk } from './route';

export interface TrunkView extends Omit<Trunk, 'rule'>, StoredRule {
  /** The deck of what the carrier charges us; null when not known. */
  costDeck: string | null;
}

/** Whose word a trunk's refusals are; what is missing stays. Lists with commas, `none` for an empty one, `default` for the usual one. */
export interface NewRule {
  calleeCodes?: string;
  calleeCauses?: string;
  /** yes or no. */
  nextOnBusy?: string;
}

export interface NewTrunk extends NewRule {
  trunk: string;
  endpoint: string;
  stripDigits?: Whole;
  addPrefix?: string;
  costDeck?: string | null;
}

export interface NewRoute {
  /** Empty for any number. */
  prefix: string;
  trunk: string;
  /** The lowest is tried first; 10 when not given. */
  priority?: Whole;
}

const DEFAULT_PRIORITY = 10;

/** All routes with their trunks, in no order. Rejects when it takes longer than two seconds. */
export async function readRoutes(database: Knex): Promise<Route[]> {
  const rows = await database('astroute as r')
    .join('asttrunk as t', 't.trunk', 'r.trunk')
    .select({
      prefix: 'r.prefix',
      priority: 'r.priority',
      trunk: 't.trunk',
      endpoint: 't.endpoint',
      stripDigits: 't.strip_digits',
      addPrefix: 't.add_prefix',
      calleeCodes: 't.callee_codes',
      calleeCauses: 't.callee_causes',
      nextOnBusy: 't.next_on_busy',
    })
    .timeout(QUESTION_DEADLINE_MS);
  return rows.map(({ calleeCodes, calleeCauses, nextOnBusy, ...route }) => ({
    ...route,
    rule: ruleOf({ calleeCodes, calleeCauses, nextOnBusy: nextOnBusy === 1 }),
  }));
}

/**
 * Adds a carrier that calls can be sent to.
 *
 * The endpoint is dialled as it stands, with the number put in for `{number}`: a blank, a comma or an ampersand could make
 * two destinations of it and is refused.
 * @throws Refused trunk_exists, deck_not_found, field_invalid; DatabaseFault.
 */
export async function addTrunk(database: Knex, trunk: NewTrunk): Promise<TrunkView> {
  const view: TrunkView = {
    trunk: nameField('trunk', trunk.trunk),
    endpoint: endpointField(trunk.endpoint),
    stripDigits: wholeField('strip_digits', trunk.stripDigits ?? 0, 0, 32),
    addPrefix: addPrefixField(trunk.addPrefix ?? ''),
    costDeck: trunk.costDeck ?? null,
    ...{ calleeCodes: null, calleeCauses: null, nextOnBusy: false },
    ...ruleFields(trunk),
  };
  try {
    if (view.costDeck !== null) {
      const known = await database('astratedeck').where({ deck: view.costDeck }).first('deck');
      if (!known) throw noDeck('cost_deck', view.costDeck);
    }
    await database('asttrunk').insert({
      trunk: view.trunk,
      endpoint: view.endpoint,
      strip_digits: view.stripDigits,
      add_prefix: view.addPrefix,
      cost_deck: view.costDeck,
      ...ruleColumns(view),
    });
    return view;
  } catch (error) {
    throw duplicateAs(
      error,
      'trunk_exists',
      `trunk ${JSON.stringify(view.trunk)} is there already: choose another name`,
    );
  }
}

/**
 * Changes whose word a trunk's refusals are. Calls that start two seconds later follow it.
 * @throws Refused trunk_not_found, field_invalid; DatabaseFault.
 */
export async function setTrunk(database: Knex, trunk: string, rule: NewRule): Promise<TrunkView> {
  const fields = ruleFields(rule);
  if (Object.keys(fields).length === 0) {
    throw invalid('trunk', trunk, 'is given nothing to change: name callee_codes, callee_causes or next_on_busy');
  }
  try {
    await database('asttrunk').where({ trunk }).update(ruleColumns(fields));
    const row = await database('asttrunk').where({ trunk }).first();
    if (!row) {
      throw new Refused('trunk_not_found', `trunk ${JSON.stringify(trunk)} does not exist: add it with "trunk add"`);
    }
    return viewOf(row);
  } catch (error) {
    throw asFault(error);
  }
}

/** Sends the numbers of a prefix to a trunk. @throws Refused route_exists, trunk_not_found, field_invalid; DatabaseFault. */
export async function addRoute(
  database: Knex,
  route: NewRoute,
): Promise<{ prefix: string; trunk: string; priority: number }> {
  const prefix = prefixField('prefix', route.prefix);
  const priority = wholeField('priority', route.priority ?? DEFAULT_PRIORITY, 0, 1_000_000);
  const { trunk } = route;
  try {
    const known = await database('asttrunk').where({ trunk }).first('trunk');
    if (!known) {
      throw new Refused('trunk_not_found', `trunk ${JSON.stringify(trunk)} does not exist: add it with "trunk add"`);
    }
    await database('astroute').insert({ prefix, priority, trunk });
    return { prefix, trunk, priority };
  } catch (error) {
    const what = `prefix ${JSON.stringify(prefix)} goes to trunk ${JSON.stringify(trunk)} already: choose another`;
    throw duplicateAs(error, 'route_exists', what);
  }
}

/** Trunks in the order of their names. */
export async function listTrunks(database: Knex, { limit, offset }: PageRequest): Promise<Page<TrunkView>> {
  const [counted] = await database('asttrunk').count({ total: '*' });
  const rows = await database('asttrunk').orderBy('trunk').limit(limit).offset(offset);
  return { items: rows.map(viewOf), total: Number(counted?.total) };
}

/** Routes in the order of their prefixes, each prefix's in the order they are tried. */
export async function listRoutes(database: Knex, { limit, offset }: PageRequest): Promise<Page<Route>> {
  const [counted] = await database('astroute').count({ total: '*' });
  const rows = await database('astroute as r')
    .join('asttrunk as t', 't.trunk', 'r.trunk')
    .select('r.prefix', 'r.priority', 't.trunk', 't.endpoint', 't.strip_digits', 't.add_prefix')
    .orderBy(['r.prefix', 'r.priority', 'r.trunk'])
    .limit(limit)
    .offset(offset);
  const items = rows.map(row => ({
    prefix: row.prefix,
    priority: row.priority,
    trunk: row.trunk,
    endpoint: row.endpoint,
    stripDigits: row.strip_digits,
    addPrefix: row.add_prefix,
  }));
  return { items, total: Number(counted?.total) };
}

const viewOf = (row: Record<string, unknown>): TrunkView => ({
  trunk: row.trunk as string,
  endpoint: row.endpoint as string,
  stripDigits: row.strip_digits as number,
  addPrefix: row.add_prefix as string,
  costDeck: row.cost_deck as string | null,
  calleeCodes: row.callee_codes as string | null,
  calleeCauses: row.callee_causes as string | null,
  nextOnBusy: row.next_on_busy === 1,
});

function ruleFields({ calleeCodes, calleeCauses, nextOnBusy }: NewRule): Partial<StoredRule> {
  return {
    ...(calleeCodes !== undefined && { calleeCodes: listField('callee_codes', calleeCodes, 400, 699) }),
    ...(calleeCauses !== undefined && { calleeCauses: listField('callee_causes', calleeCauses, 1, 127) }),
    ...(nextOnBusy !== undefined && { nextOnBusy: yesField('next_on_busy', nextOnBusy) }),
  };
}

const ruleColumns = ({ calleeCodes, calleeCauses, nextOnBusy }: Partial<StoredRule>) => ({
  ...(calleeCodes !== undefined && { callee_codes: calleeCodes }),
  ...(calleeCauses !== undefined && { callee_causes: calleeCauses }),
  ...(nextOnBusy !== undefined && { next_on_busy: nextOnBusy }),
});

const MOST_LISTED = 40;

/** Numbers with commas, in order and each once; null for the default. */
function listField(field: string, text: string, least: number, most: number): string | null {
  if (text === 'default') return null;
  if (text === 'none') return '';
  const words = text.split(',');
  const isWrong = (word: string) => !/^\d{1,3}$/.test(word) || Number(word) < least || Number(word) > most;
  const wrong = words.find(isWrong);
  if (wrong !== undefined) {
    throw invalid(
      field,
      wrong.slice(0, 40),
      `is not from ${least} to ${most}: write numbers with commas, none, or default`,
    );
  }
  const numbers = [...new Set(words.map(Number))].sort((one, other) => one - other);
  if (numbers.length > MOST_LISTED)
    throw invalid(field, text.slice(0, 40), `names more than ${MOST_LISTED}: name fewer`);
  return numbers.join(',');
}

function yesField(field: string, text: string): boolean {
  if (text !== 'yes' && text !== 'no') throw invalid(field, text.slice(0, 40), 'is neither yes nor no');
  return text === 'yes';
}

function endpointField(text: string): string {
  const numbers = text.split('{number}').length - 1;
  const rest = text.replaceAll('{number}', '');
  if (numbers !== 1) throw invalid('endpoint', text, 'has no single {number}: write it as PJSIP/{number}@carrier');
  if (!/^[A-Za-z0-9_]+\/[A-Za-z0-9_.:;=@/+*%~#[\]-]*$/.test(rest) || text.length > 200) {
    throw invalid('endpoint', text.slice(0, 200), 'is not a dial string: write it as PJSIP/{number}@carrier');
  }
  return text;
}

function addPrefixField(text: string): string {
  if (!/^[0-9]{0,20}$/.test(text)) {
    throw invalid(
      'add_prefix',
      text,
      'is not at most 20 digits: a + belongs into the endpoint, PJSIP/+{number}@carrier',
    );
  }
  return text;
}

function duplicateAs(error: unknown, refusal: 'trunk_exists' | 'route_exists', detail: string): unknown {
  const fault = asFault(error);
  return isFault(fault, 'duplicate') ? new Refused(refusal, detail) : fault;
}
