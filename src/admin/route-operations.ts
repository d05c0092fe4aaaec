/** What an operator may do with trunks and routes. Calls follow a change within two seconds (routes/route-table.ts). */
import { type Static, Type } from 'typebox';
import { factsOf, flagFact, textFact, wholeFact } from '../operator/answer-schema';
import { nameField, prefixField } from '../operator/fields';
import { fields, operation, optionalOf, PAGE, rowsOf } from '../operator/operation';
import { oneOf, orNone, textBy, whole } from '../operator/schema';
import type { Route } from '../routes/route';
import {
  addRoute,
  addTrunk,
  listRoutes,
  listTrunks,
  removeRoute,
  removeTrunk,
  setRoute,
  setTrunk,
  TRUNK,
  trunkFacts,
  trunkNamed,
} from '../routes/route-store';
import { addPrefixField, endpointField, listField } from '../routes/trunk-fields';

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
  callee_codes: textBy((field, text) => listField(field, text, 400, 699), {
    description: `SIP statuses that are the callee's own word; every other tries the next route; ${RULE_HELP}`,
    unit: 'codes',
    example: '404,486,603',
  }),
  callee_causes: textBy((field, text) => listField(field, text, 1, 127), {
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
  help: 'forget a carrier that no route leads to and on which no call talks; ended calls keep its name',
  example: 'trunk remove carrier',
  roles: ['prices', 'admin'],
  fields: fields({ trunk }),
  arguments: ['trunk'],
  refusals: ['trunk_not_found', 'trunk_has_routes', 'call_in_progress'],
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
];
