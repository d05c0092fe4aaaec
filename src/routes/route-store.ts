/** What an operator does with trunks and routes. Calls follow it two seconds later at the latest (route-table.ts). */
import type { Knex } from 'knex';
import type { Static } from 'typebox';
import { inTransaction } from '../database/connection';
import { QUESTION_DEADLINE_MS } from '../database/deadline';
import { asFault, isFault } from '../database/fault';
import type { Acting, Lent } from '../operator/acting';
import { factsOf, flagFact, listFact, orNull, textFact, wholeFact } from '../operator/answer-schema';
import { changedFields, writeAudit } from '../operator/audit-store';
import { invalid } from '../operator/fields';
import { noDeck, Refused } from '../operator/operator-refusal';
import type { Page, PageRequest } from '../operator/page';
import { refuseOtherVersion } from '../operator/version';
import { ruleOf, type StoredRule } from './refusal-rule';
import type { Route, Trunk } from './route';
import { numbersField } from './trunk-fields';

export interface TrunkView extends Omit<Trunk, 'rule'>, StoredRule {
  /** The deck of the carrier's prices; null if not known. */
  costDeck: string | null;
  /** Whether calls are sent to it. */
  enabled: boolean;
}

/** What may be set on a trunk, by the names of the columns; the trunk's operation checks it. */
export interface TrunkSettings {
  endpoint?: string;
  strip_digits?: number;
  add_prefix?: string;
  cost_deck?: string | null;
  /** Which refusals are the callee's: numbers with commas, `none` for an empty list, `default` for the usual one. */
  callee_codes?: string;
  callee_causes?: string;
  next_on_busy?: 'yes' | 'no';
  enabled?: 'yes' | 'no';
}

export interface NewTrunk extends TrunkSettings {
  trunk: string;
  endpoint: string;
}

/** A route, with its prefix and its trunk. */
export interface RouteName {
  /** Empty for any number. */
  prefix: string;
  trunk: string;
}

const DEFAULT_PRIORITY = 10;

/** All routes with their trunks, in no order, without those of a trunk that is off. Rejects if it takes longer than two seconds. */
export async function readRoutes(database: Knex): Promise<Route[]> {
  const rows = await withTrunks(database).where('t.enabled', 1).timeout(QUESTION_DEADLINE_MS);
  return rows.map(({ enabled: _, ...row }) => routeOf(row));
}

/**
 * The routes that fit a number, in no order, also those of a trunk that is off. Reads no others, however many there are: a number begins with
 * few prefixes. Rejects if it takes longer than two seconds.
 */
export async function readRoutesOf(database: Knex, digits: string): Promise<(Route & { enabled: boolean })[]> {
  const prefixes = Array.from({ length: digits.length + 1 }, (_, length) => digits.slice(0, length));
  const rows = await withTrunks(database).whereIn('r.prefix', prefixes).timeout(QUESTION_DEADLINE_MS);
  return rows.map(({ enabled, ...row }) => ({ ...routeOf(row), enabled: enabled === 1 }));
}

const withTrunks = (database: Knex) =>
  database('astroute as r').join('asttrunk as t', 't.trunk', 'r.trunk').select({
    prefix: 'r.prefix',
    priority: 'r.priority',
    trunk: 't.trunk',
    endpoint: 't.endpoint',
    stripDigits: 't.strip_digits',
    addPrefix: 't.add_prefix',
    calleeCodes: 't.callee_codes',
    calleeCauses: 't.callee_causes',
    nextOnBusy: 't.next_on_busy',
    enabled: 't.enabled',
  });

function routeOf({
  calleeCodes,
  calleeCauses,
  nextOnBusy,
  ...route
}: Omit<Route, 'rule'> & Omit<StoredRule, 'nextOnBusy'> & { nextOnBusy: number }): Route {
  return { ...route, rule: ruleOf({ calleeCodes, calleeCauses, nextOnBusy: nextOnBusy === 1 }) };
}

/** Adds a carrier to which calls can be sent. @throws Refused trunk_exists, deck_not_found; DatabaseFault. */
export async function addTrunk(acting: Acting, { trunk, ...settings }: NewTrunk): Promise<TrunkView> {
  const columns = { trunk, ...columnsOf(settings) };
  const add = async (transaction: Knex.Transaction) => {
    await refuseUnknownDeck(transaction, settings.cost_deck);
    // A trunk that was removed gives its name to the new one.
    await transaction('asttrunk').where({ trunk }).whereNotNull('removed_at').delete();
    await transaction('asttrunk').insert(columns);
    await writeAudit(transaction, acting, {
      operation: 'trunk add',
      object: trunkObject(trunk),
      before: null,
      after: columns,
    });
    return trunkOf(await transaction('asttrunk').where({ trunk }).first());
  };
  try {
    return await inTransaction(acting.database, add);
  } catch (error) {
    const detail = `trunk ${JSON.stringify(trunk)} is there already: choose another name`;
    throw duplicateAs(error, new Refused('trunk_exists', detail).about({ trunk }));
  }
}

/**
 * Changes what is given and nothing else. Calls that start two seconds later follow it.
 * @throws Refused trunk_not_found, changed_meanwhile, deck_not_found, field_invalid if nothing is given; DatabaseFault.
 */
export async function setTrunk(
  acting: Acting & Pick<Lent, 'ifMatch'>,
  trunk: string,
  settings: TrunkSettings,
): Promise<TrunkView> {
  const columns = columnsOf(settings);
  if (Object.keys(columns).length === 0) throw new Refused('field_invalid', 'nothing to set: name at least one field');
  const change = async (transaction: Knex.Transaction) => {
    const row = () => present(transaction).where({ trunk });
    const stored = await row().forUpdate().first();
    if (!stored) throw noTrunk(trunk);
    refuseOtherVersion(acting, trunkObject(trunk), trunkFacts(trunkOf(stored)));
    const before = Object.fromEntries(Object.keys(columns).map(name => [name, stored[name]]));
    await refuseUnknownDeck(transaction, settings.cost_deck);
    await row().update(columns);
    const changed = changedFields(before, await row().first(...Object.keys(columns)));
    const object = trunkObject(trunk);
    if (changed) await writeAudit(transaction, acting, { operation: 'trunk set', object, ...changed });
    return trunkOf(await row().first());
  };
  return inTransaction(acting.database, change, { idempotent: true });
}

/**
 * Removes a carrier to which no route leads; calls keep its name.
 *
 * Its row stays: a call in progress keeps the routes that it began with, so it may still be answered over this carrier, and its end needs the
 * deck of the carrier's cost.
 * @throws Refused trunk_not_found, trunk_has_routes; DatabaseFault.
 */
export async function removeTrunk(acting: Acting, trunk: string): Promise<TrunkView> {
  return inTransaction(acting.database, async transaction => {
    const row = await present(transaction).where({ trunk }).forUpdate().first();
    if (!row) throw noTrunk(trunk);
    const route = await transaction('astroute').where({ trunk }).first('prefix');
    if (route) {
      const example = route.prefix === '' ? 'any number' : route.prefix;
      const detail = `trunk ${JSON.stringify(trunk)} still has routes, such as of ${example}: remove them with "route remove" first`;
      throw new Refused('trunk_has_routes', detail).about({ trunk });
    }
    await transaction('asttrunk')
      .where({ trunk })
      .update({ removed_at: transaction.raw('UTC_TIMESTAMP(3)') });
    const object = trunkObject(trunk);
    await writeAudit(transaction, acting, { operation: 'trunk remove', object, before: row, after: null });
    return trunkOf(row);
  });
}

/** The trunks that are not removed. */
const present = (database: Knex) => database('asttrunk').whereNull('removed_at');

/** Sends the numbers of a prefix to a trunk. @throws Refused route_exists, trunk_not_found; DatabaseFault. */
export async function addRoute(
  acting: Acting,
  { prefix, trunk, priority = DEFAULT_PRIORITY }: RouteName & { priority?: number },
): Promise<RouteName & { priority: number }> {
  try {
    await inTransaction(acting.database, async transaction => {
      // Locked: it could be removed at the same time.
      const known = await present(transaction).where({ trunk }).forShare().first('trunk');
      if (!known) throw noTrunk(trunk);
      await transaction('astroute').insert({ prefix, priority, trunk });
      const object = routeObject(prefix, trunk);
      await writeAudit(transaction, acting, { operation: 'route add', object, before: null, after: { priority } });
    });
    return { prefix, trunk, priority };
  } catch (error) {
    const what = `prefix ${JSON.stringify(prefix)} goes to trunk ${JSON.stringify(trunk)} already: see "route set"`;
    throw duplicateAs(error, new Refused('route_exists', what).about({ prefix, trunk }));
  }
}

/** Changes the order in which a route is tried. @throws Refused route_not_found; DatabaseFault. */
export async function setRoute(
  acting: Acting,
  { prefix, trunk, priority }: RouteName & { priority: number },
): Promise<RouteName & { priority: number }> {
  const change = async (transaction: Knex.Transaction) => {
    const before = await lockedRoute(transaction, { prefix, trunk });
    await transaction('astroute').where({ prefix, trunk }).update({ priority });
    const object = routeObject(prefix, trunk);
    const changed = changedFields(before, { priority });
    if (changed) await writeAudit(transaction, acting, { operation: 'route set', object, ...changed });
  };
  await inTransaction(acting.database, change, { idempotent: true });
  return { prefix, trunk, priority };
}

/** The trunks of one prefix, in the order in which they are tried: with those that are off. */
export interface RouteOrder {
  /** Empty for any number. */
  prefix: string;
  trunks: string[];
}

/** @throws Refused route_not_found if no number of the prefix goes anywhere; DatabaseFault. */
export async function routeOrderOf(database: Knex, prefix: string): Promise<RouteOrder> {
  const rows = await inTheirOrder(database, prefix);
  if (rows.length === 0) throw noRoute(prefix);
  return { prefix, trunks: rows.map(({ trunk }) => trunk) };
}

/** Between the priorities of two routes that were put in an order, so that one more fits between them by hand. */
const PRIORITY_STEP = 10;

/**
 * Has the trunks of a prefix tried in this order. `trunks` names each of them once: an order of other routes than there are is refused.
 * @throws Refused route_not_found, changed_meanwhile, field_invalid; DatabaseFault.
 */
export async function orderRoutes(
  acting: Acting & Pick<Lent, 'ifMatch'>,
  { prefix, trunks }: RouteOrder,
): Promise<RouteOrder> {
  const change = async (transaction: Knex.Transaction) => {
    const rows = await inTheirOrder(transaction, prefix).forUpdate();
    if (rows.length === 0) throw noRoute(prefix);
    const before = rows.map(({ trunk }) => trunk);
    const object = `routes of ${prefix || 'any number'}`;
    refuseOtherVersion(acting, object, orderFacts({ prefix, trunks: before }));
    if (trunks.toSorted().join() !== before.toSorted().join()) {
      throw invalid('trunks', trunks.join(), `are not the trunks of the prefix: write each once of ${before.join()}`);
    }
    const changed = changedFields({ trunks: before }, { trunks });
    if (!changed) return;
    for (const [place, trunk] of trunks.entries()) {
      const priority = (place + 1) * PRIORITY_STEP;
      await transaction('astroute').where({ prefix, trunk }).update({ priority });
    }
    await writeAudit(transaction, acting, { operation: 'route order', object, ...changed });
  };
  await inTransaction(acting.database, change, { idempotent: true });
  return { prefix, trunks };
}

const inTheirOrder = (database: Knex, prefix: string) =>
  database('astroute').where({ prefix }).orderBy(['priority', 'trunk']).select('trunk', 'priority');

const noRoute = (prefix: string): Refused =>
  new Refused('route_not_found', `prefix ${JSON.stringify(prefix)} goes to no trunk: add one with "route add"`).about({
    prefix,
  });

/** The order in which the trunks of a prefix are tried, by the names of its operation's fields. */
export const ROUTE_ORDER = factsOf('RouteOrder', {
  prefix: textFact('digits that the number begins with; empty for any number'),
  trunks: listFact(textFact(), 'its trunks in the order in which they are tried, with those that are off'),
});

export const orderFacts = ({ prefix, trunks }: RouteOrder): Static<typeof ROUTE_ORDER> => ({ prefix, trunks });

/** No longer sends the numbers of a prefix to a trunk. @throws Refused route_not_found; DatabaseFault. */
export async function removeRoute(
  acting: Acting,
  { prefix, trunk }: RouteName,
): Promise<RouteName & { priority: number }> {
  return inTransaction(acting.database, async transaction => {
    const before = await lockedRoute(transaction, { prefix, trunk });
    await transaction('astroute').where({ prefix, trunk }).delete();
    const object = routeObject(prefix, trunk);
    await writeAudit(transaction, acting, { operation: 'route remove', object, before, after: null });
    return { prefix, trunk, priority: before.priority };
  });
}

/** @throws Refused route_not_found */
async function lockedRoute(transaction: Knex.Transaction, route: RouteName): Promise<{ priority: number }> {
  const found = await transaction('astroute')
    .where({ ...route })
    .forUpdate()
    .first('priority');
  if (found) return { priority: found.priority };
  const { prefix, trunk } = route;
  const detail = `prefix ${JSON.stringify(prefix)} does not go to trunk ${JSON.stringify(trunk)}: see "route list"`;
  throw new Refused('route_not_found', detail).about({ prefix, trunk });
}

/** @throws Refused deck_not_found */
async function refuseUnknownDeck(transaction: Knex.Transaction, deck: string | null | undefined): Promise<void> {
  if (deck == null) return;
  if (!(await transaction('astratedeck').where({ deck }).first('deck'))) throw noDeck('cost_deck', deck);
}

const noTrunk = (trunk: string): Refused =>
  new Refused('trunk_not_found', `trunk ${JSON.stringify(trunk)} does not exist: add it with "trunk add"`).about({
    trunk,
  });

const trunkObject = (trunk: string): string => `trunk ${trunk}`;
const routeObject = (prefix: string, trunk: string): string => `route ${prefix || 'any number'} to ${trunk}`;

/** @throws Refused trunk_not_found; DatabaseFault. */
export async function trunkNamed(database: Knex, trunk: string): Promise<TrunkView> {
  const row = await present(database).where({ trunk }).first();
  if (!row) throw noTrunk(trunk);
  return trunkOf(row);
}

/** What an operator sees and sets of a trunk, by the names of its operation's fields. */
export const TRUNK = factsOf('Trunk', {
  trunk: textFact(),
  enabled: flagFact('whether calls are sent to it'),
  endpoint: textFact('what Asterisk dials, with {number} for the digits'),
  strip_digits: wholeFact('digits taken from the front of the number'),
  add_prefix: textFact('digits put in front of it then'),
  cost_deck: orNull(textFact('the rate deck of what the carrier charges us; null if it is not known')),
  callee_codes: textFact("SIP statuses that are the callee's own word; default for the usual ones"),
  callee_causes: textFact('the same by Q.850 cause'),
  next_on_busy: flagFact('whether the next route is tried also if the callee is busy'),
});

export const trunkFacts = (view: TrunkView): Static<typeof TRUNK> => ({
  trunk: view.trunk,
  enabled: view.enabled,
  endpoint: view.endpoint,
  strip_digits: view.stripDigits,
  add_prefix: view.addPrefix,
  cost_deck: view.costDeck,
  callee_codes: view.calleeCodes ?? 'default',
  callee_causes: view.calleeCauses ?? 'default',
  next_on_busy: view.nextOnBusy,
});

/** Trunks in the order of their names. */
export async function listTrunks(database: Knex, { limit, offset }: PageRequest): Promise<Page<TrunkView>> {
  const [counted] = await present(database).count({ total: '*' });
  const rows = await present(database).orderBy('trunk').limit(limit).offset(offset);
  return { items: rows.map(trunkOf), total: Number(counted?.total) };
}

/** Routes in the order of their prefixes; for each prefix in the order in which they are tried. */
export async function listRoutes(
  database: Knex,
  { trunk }: { trunk?: string },
  { limit, offset }: PageRequest,
): Promise<Page<Route & { enabled: boolean }>> {
  const where = trunk === undefined ? {} : { 'r.trunk': trunk };
  const [counted] = await database('astroute as r').where(where).count({ total: '*' });
  const rows = await database('astroute as r')
    .where(where)
    .join('asttrunk as t', 't.trunk', 'r.trunk')
    .select('r.prefix', 'r.priority', 't.trunk', 't.endpoint', 't.strip_digits', 't.add_prefix', 't.enabled')
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
    enabled: row.enabled === 1,
  }));
  return { items, total: Number(counted?.total) };
}

const trunkOf = (row: Record<string, unknown>): TrunkView => ({
  trunk: row.trunk as string,
  endpoint: row.endpoint as string,
  stripDigits: row.strip_digits as number,
  addPrefix: row.add_prefix as string,
  costDeck: row.cost_deck as string | null,
  calleeCodes: row.callee_codes as string | null,
  calleeCauses: row.callee_causes as string | null,
  nextOnBusy: row.next_on_busy === 1,
  enabled: row.enabled === 1,
});

/** The columns of what is given. */
function columnsOf(settings: TrunkSettings): Record<string, string | number | null> {
  const { callee_codes: codes, callee_causes: causes, next_on_busy: nextOnBusy, enabled, ...plain } = settings;
  const columns = {
    ...plain,
    callee_codes: codes === undefined ? undefined : numbersField('callee_codes', codes, 400, 699),
    callee_causes: causes === undefined ? undefined : numbersField('callee_causes', causes, 1, 127),
    next_on_busy: nextOnBusy && Number(nextOnBusy === 'yes'),
    enabled: enabled && Number(enabled === 'yes'),
  };
  return Object.fromEntries(
    Object.entries(columns).filter((entry): entry is [string, string | number | null] => entry[1] !== undefined),
  );
}

function duplicateAs(error: unknown, refused: Refused): unknown {
  const fault = asFault(error);
  return isFault(fault, 'duplicate') ? refused : fault;
}
