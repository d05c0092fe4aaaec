/** What an operator may do with trunks and routes. Calls follow a change within two seconds (routes/route-table.ts). */
import { type Static, Type } from 'typebox';
import { PASSED_OVER, type RoutedNumber, routeNumber, type TriedRoute } from '../accounts/route-inquiry';
import { type Micros, micros } from '../money/micros';
import {
  amountFact,
  factsOf,
  flagFact,
  instantFact,
  listFact,
  orNull,
  textFact,
  wholeFact,
  wordFact,
} from '../operator/answer-schema';
import { nameField, prefixField } from '../operator/fields';
import { fields, operation, optionalOf, PAGE, rowsOf } from '../operator/operation';
import { listField, oneOf, orNone, textBy, whole } from '../operator/schema';
import type { Route } from '../routes/route';
import {
  addRoute,
  addTrunk,
  listRoutes,
  listTrunks,
  orderFacts,
  orderRoutes,
  ROUTE_ORDER,
  removeRoute,
  removeTrunk,
  routeOrderOf,
  setRoute,
  setTrunk,
  TRUNK,
  trunkFacts,
  trunkNamed,
} from '../routes/route-store';
import { addPrefixField, endpointField, numbersField } from '../routes/trunk-fields';
import { accountcode } from './account-operations';
import { PRICE, PRICE_FIELDS, priceFacts } from './rate-operations';

const trunk = textBy(nameField, { description: 'the trunk', unit: 'trunk', example: 'carrier' });

const RULE_HELP = 'numbers with commas, none for an empty list, default for the usual one (docs/refusals.md)';

const settable = {
  endpoint: textBy((_, text) => endpointField(text), {
    description: 'what Asterisk dials, with {number} for the digits',
    unit: 'dial-string',
    example: 'PJSIP/{number}@carrier',
  }),
  strip_digits: whole(0, 32, {
    description: 'how many digits are taken from the front of the number',
    unit: 'digits',
    example: 2,
  }),
  add_prefix: textBy((_, text) => addPrefixField(text), {
    description: 'digits that are put in front of it then',
    unit: 'digits',
    example: '0',
  }),
  cost_deck: orNone(
    textBy(nameField, {
      description: 'the deck of what the carrier charges us, for the margin in reports',
      unit: 'deck',
      example: 'wholesale',
    }),
  ),
  callee_codes: textBy((field, text) => numbersField(field, text, 400, 699), {
    description: `SIP statuses that are the callee's own word; every other tries the next route; ${RULE_HELP}`,
    unit: 'codes',
    example: '404,486,603',
  }),
  callee_causes: textBy((field, text) => numbersField(field, text, 1, 127), {
    description: `the same by Q.850 cause, for an Asterisk before 22.7; ${RULE_HELP}`,
    unit: 'causes',
    example: '1,17',
  }),
  next_on_busy: oneOf(['yes', 'no'], {
    description: 'try the next route also when the callee is busy',
    unit: 'yes|no',
    example: 'yes',
  }),
  enabled: oneOf(['yes', 'no'], {
    description:
      'no: as if its routes were not there; its numbers, emergency numbers too, go to the next shorter prefix',
    unit: 'yes|no',
    example: 'no',
  }),
} as const;

const { endpoint, ...others } = settable;
const optional = optionalOf(others);

const trunkAdd = operation({
  name: 'trunk add',
  help: 'add a carrier',
  example:
    "trunk add carrier --endpoint 'PJSIP/{number}@carrier' --strip-digits 2 --add-prefix 0 --cost-deck wholesale",
  roles: ['prices', 'admin'],
  fields: fields({ trunk, endpoint, ...optional }),
  arguments: ['trunk'],
  refusals: ['trunk_exists', 'deck_not_found'],
  changes: 'at once',
  run: addTrunk,
  edits: trunkFacts,
  answer: { kind: 'record', schema: TRUNK, facts: trunkFacts },
});

const trunkSet = operation({
  name: 'trunk set',
  help: 'change what is given and nothing else; calls that start two seconds later follow it',
  example: 'trunk set carrier --enabled no',
  roles: ['prices', 'admin'],
  fields: fields({ trunk, endpoint: Type.Optional(endpoint), ...optional }),
  arguments: ['trunk'],
  refusals: ['trunk_not_found', 'changed_meanwhile', 'deck_not_found'],
  changes: 'at once',
  run: (acting, { trunk: name, ...changes }) => setTrunk(acting, name, changes),
  edits: trunkFacts,
  answer: { kind: 'record', schema: TRUNK, facts: trunkFacts },
});

const trunkRemove = operation({
  name: 'trunk remove',
  help: 'forget a carrier that no route leads to; calls in progress go on over it, and calls keep its name',
  example: 'trunk remove carrier',
  roles: ['prices', 'admin'],
  fields: fields({ trunk }),
  arguments: ['trunk'],
  refusals: ['trunk_not_found', 'trunk_has_routes'],
  changes: 'at once',
  run: (acting, input) => removeTrunk(acting, input.trunk),
  answer: { kind: 'record', schema: TRUNK, facts: trunkFacts, says: view => `trunk ${view.trunk} is removed` },
});

const trunkShow = operation({
  name: 'trunk show',
  help: 'a trunk and its settings',
  example: 'trunk show carrier',
  roles: ['read', 'support', 'prices', 'admin'],
  fields: fields({ trunk }),
  arguments: ['trunk'],
  refusals: ['trunk_not_found'],
  run: ({ database }, input) => trunkNamed(database, input.trunk),
  edits: trunkFacts,
  answer: { kind: 'record', schema: TRUNK, facts: trunkFacts },
});

const trunkList = operation({
  name: 'trunk list',
  help: 'trunks in the order of their names',
  example: 'trunk list',
  roles: ['read', 'support', 'prices', 'admin'],
  fields: fields(PAGE),
  arguments: [],
  refusals: [],
  run: ({ database }, page) => listTrunks(database, rowsOf(page)),
  answer: { kind: 'list', schema: TRUNK, facts: trunkFacts, none: 'no trunk yet: see "trunk add --help"' },
});

const prefix = textBy(prefixField, {
  description: "digits that the number begins with; '' for any number",
  unit: 'digits',
  example: '49',
});

const priority = whole(0, 1_000_000, {
  description: 'the lowest is tried first; 10 if not given',
  unit: 'number',
  example: 1,
});

const ROUTE = factsOf('Route', {
  prefix: textFact('digits that the number begins with; empty for any number'),
  trunk: textFact(),
  priority: wholeFact('the lowest is tried first'),
});

const routeFacts = (route: Pick<Route, 'prefix' | 'trunk' | 'priority'>): Static<typeof ROUTE> => ({
  prefix: route.prefix,
  trunk: route.trunk,
  priority: route.priority,
});

const routeAdd = operation({
  name: 'route add',
  help: 'send the numbers of a prefix to a trunk; only the routes of the longest prefix that fits are tried',
  example: 'route add --prefix 49 --trunk carrier --priority 1',
  roles: ['prices', 'admin'],
  fields: fields({ prefix, trunk, priority: Type.Optional(priority) }),
  arguments: [],
  refusals: ['route_exists', 'trunk_not_found'],
  changes: 'at once',
  run: addRoute,
  answer: { kind: 'record', schema: ROUTE, facts: routeFacts },
});

const routeSet = operation({
  name: 'route set',
  help: 'change the order in which a route is tried',
  example: 'route set --prefix 49 --trunk carrier --priority 2',
  roles: ['prices', 'admin'],
  fields: fields({ prefix, trunk, priority }),
  arguments: [],
  refusals: ['route_not_found'],
  changes: 'at once',
  run: setRoute,
  answer: { kind: 'record', schema: ROUTE, facts: routeFacts },
});

const routeRemove = operation({
  name: 'route remove',
  help: 'send the numbers of a prefix to a trunk no more',
  example: 'route remove --prefix 49 --trunk carrier',
  roles: ['prices', 'admin'],
  fields: fields({ prefix, trunk }),
  arguments: [],
  refusals: ['route_not_found'],
  changes: 'at once',
  run: removeRoute,
  answer: {
    kind: 'record',
    schema: ROUTE,
    facts: routeFacts,
    says: route => `${route.prefix || 'any number'} goes to trunk ${route.trunk} no more`,
  },
});

const routeList = operation({
  name: 'route list',
  help: 'routes in the order they are tried',
  example: 'route list --trunk carrier',
  roles: ['read', 'support', 'prices', 'admin'],
  fields: fields({ trunk: Type.Optional(trunk), ...PAGE }),
  arguments: [],
  refusals: [],
  run: ({ database }, { trunk: name, ...page }) => listRoutes(database, { trunk: name }, rowsOf(page)),
  answer: {
    kind: 'list',
    schema: factsOf('RouteListed', {
      ...ROUTE.properties,
      enabled: flagFact('whether calls are sent to its trunk'),
      endpoint: textFact('what Asterisk dials'),
    }),
    facts: route => ({ ...routeFacts(route), enabled: route.enabled, endpoint: route.endpoint }),
    none: 'no route yet: see "route add --help"',
  },
});

const routeShow = operation({
  name: 'route show',
  help: 'the trunks of a prefix in the order they are tried',
  example: 'route show --prefix 49',
  roles: ['read', 'support', 'prices', 'admin'],
  fields: fields({ prefix }),
  arguments: [],
  refusals: ['route_not_found'],
  run: ({ database }, input) => routeOrderOf(database, input.prefix),
  edits: orderFacts,
  answer: { kind: 'record', schema: ROUTE_ORDER, facts: orderFacts },
});

const routeOrder = operation({
  name: 'route order',
  help: 'have the trunks of a prefix tried in this order; calls that start two seconds later follow it',
  example: 'route order --prefix 49 --trunks carrier,backup',
  roles: ['prices', 'admin'],
  fields: fields({
    prefix,
    trunks: listField<string>(Type.String(), trunks => trunks.map(each => nameField('trunk', each)), {
      description: 'every trunk of the prefix, the one that is tried first before the others',
      unit: 'trunks',
      example: ['carrier', 'backup'],
    }),
  }),
  arguments: [],
  refusals: ['route_not_found', 'changed_meanwhile'],
  changes: 'at once',
  run: orderRoutes,
  edits: orderFacts,
  answer: { kind: 'record', schema: ROUTE_ORDER, facts: orderFacts },
});

/** A rate of what a carrier charges is told like that of a sale. */
const ROUTE_TRIED = factsOf('RouteTried', {
  trunk: textFact(),
  prefix: textFact('of the route; empty for any number'),
  priority: wholeFact('the lowest is tried first'),
  dials: textFact('what Asterisk would dial'),
  cost: orNull(amountFact('what the carrier would charge for the talk; null if it is not known')),
  currency: orNull(textFact('of cost')),
  margin: orNull(amountFact('what the account would be charged less cost; null if the two cannot be compared')),
  rate_deck: orNull(textFact("the trunk's cost deck; null if it has none, or that no rate for the number")),
  rate_version: orNull(wholeFact()),
  rate_prefix: orNull(textFact('empty for any number')),
  rate_destination: orNull(textFact()),
  rate_price_per_minute: orNull(amountFact('the price of 60 billed seconds')),
  rate_blocked: flagFact('by that rate the carrier carries no such call'),
});

const ROUTE_EXPLAINED = factsOf('RouteExplained', {
  digits: orNull(textFact('the number without its international prefix; null if it is none')),
  is_emergency: flagFact('whether it is free, and never refused'),
  at: instantFact('when the call would start'),
  routes: listFact(ROUTE_TRIED, 'the trunks in the order in which they would be tried; empty: refused as no_route'),
  passed_over: listFact(
    factsOf('RoutePassedOver', {
      trunk: textFact(),
      prefix: textFact('empty for any number'),
      priority: wholeFact(),
      why: wordFact(
        PASSED_OVER,
        'its trunk is off, would strip the whole number, or another route has a longer prefix',
      ),
    }),
    'the other routes that fit the number',
  ),
  currency: orNull(textFact("the account's; null if none was given")),
  price: orNull(PRICE),
});

/** The margin is told only where the two amounts are of one currency. */
function marginOf({ sale }: RoutedNumber, { rate, cost }: TriedRoute): Micros | null {
  const sold = sale?.priced.explanation.cost ?? null;
  return sold === null || cost === null || rate?.currency !== sale?.currency ? null : micros(sold - cost);
}

export const explainedFacts = (found: RoutedNumber): Static<typeof ROUTE_EXPLAINED> => ({
  digits: found.digits,
  is_emergency: found.isEmergency,
  at: found.at,
  routes: found.tried.map(tried => ({
    ...routeFacts(tried.route),
    dials: tried.dials,
    cost: tried.cost,
    currency: tried.rate?.currency ?? null,
    margin: marginOf(found, tried),
    rate_deck: tried.rate?.deck ?? null,
    rate_version: tried.rate?.version ?? null,
    rate_prefix: tried.rate?.prefix ?? null,
    rate_destination: tried.rate?.destination ?? null,
    rate_price_per_minute: (tried.rate?.isBlocked ? null : tried.rate?.pricePerMinute) ?? null,
    rate_blocked: tried.rate?.isBlocked ?? false,
  })),
  passed_over: found.passed.map(({ route, why }) => ({ ...routeFacts(route), why })),
  currency: found.sale?.currency ?? null,
  price: found.sale && priceFacts(found.sale.priced),
});

const routeExplain = operation({
  name: 'route explain',
  help: 'which trunks a number would be sent to, in which order, and what each charges for it',
  example: 'route explain --to 004930123456 --seconds 61 --account alice',
  roles: ['read', 'support', 'prices', 'admin'],
  fields: fields({ ...PRICE_FIELDS, account: Type.Optional(accountcode) }),
  arguments: [],
  refusals: ['account_not_found'],
  run: ({ database, visible, service }, { to, seconds, account, at, ring_seconds: ringSeconds }) =>
    routeNumber(
      database,
      visible,
      { to, seconds, accountcode: account, at: at === undefined ? Date.now() : Date.parse(at), ringSeconds },
      service,
    ),
  answer: { kind: 'record', schema: ROUTE_EXPLAINED, facts: explainedFacts },
});

export const ROUTE_OPERATIONS = [
  trunkAdd,
  trunkSet,
  trunkRemove,
  trunkShow,
  trunkList,
  routeAdd,
  routeSet,
  routeRemove,
  routeList,
  routeShow,
  routeOrder,
  routeExplain,
];
