import type { Knex } from 'knex';
import { readTrunkDecks, withParents } from '../credit/call-store';
import { inTransaction } from '../database/connection';
import { sqlOf } from '../database/rows';
import type { Micros } from '../money/micros';
import { instantField, type Whole, wholeField } from '../operator/fields';
import type { Visible } from '../operator/visible';
import { readDialled } from '../rating/dialled-number';
import { cost } from '../rating/price';
import { type CallRate, callRateAt, type Rate, schedulesAt } from '../rating/rate';
import { RateStore } from '../rating/rate-store';
import { readSchedules } from '../rating/schedule-store';
import { tariffAt } from '../rating/timed';
import { dialString, type Route, routesFor } from '../routes/route';
import { readRoutesOf } from '../routes/route-store';
import { accountNamed } from './manage-account';
import { type Priced, priceCall } from './price-inquiry';

export interface RouteRequest {
  /** Whose call it would be; undefined for the way of the number alone. */
  accountcode?: string | undefined;
  /** The number as a caller would dial it. */
  to: string;
  /** Talk time; whole seconds. */
  seconds: Whole;
  /** When the call would start; ms since 1970. */
  at: number;
  /** As that of a price. */
  ringSeconds?: Whole | undefined;
}

/** A trunk that would be tried. */
export interface TriedRoute {
  route: Route;
  /** What the switch would dial. */
  dials: string;
  /** The rate of what the carrier charges, or a blocked one; null if the trunk has no cost deck, or that no rate for the number. */
  rate: CallRate | null;
  /** What the carrier would charge, in the currency of `rate`; null if it is not known. */
  cost: Micros | null;
}

/** Why a route that fits a number is not tried. */
export const PASSED_OVER = ['trunk_off', 'number_too_short', 'shorter_prefix'] as const;

export interface PassedRoute {
  route: Route;
  why: (typeof PASSED_OVER)[number];
}

export interface RoutedNumber {
  at: Date;
  /** null if it is no number. */
  digits: string | null;
  isEmergency: boolean;
  /** In the order in which they would be tried; empty where the call would be refused as `no_route`. */
  tried: TriedRoute[];
  /** The other routes that fit the number, the longest prefix first. */
  passed: PassedRoute[];
  /** What the account would be charged; null if none was given. */
  sale: { priced: Priced; currency: string } | null;
}

/**
 * Where a number would go by the trunks and routes as they stand now, and what each carrier would charge for it. Moves nothing.
 *
 * Carriers charge by the day in UTC, as when a call ends. @throws Refused account_not_found, field_invalid; DatabaseFault.
 */
export async function routeNumber(
  database: Knex,
  visible: Visible,
  { accountcode, ...request }: RouteRequest,
  service: Parameters<typeof priceCall>[3] & { emergencyNumbers: readonly string[] },
): Promise<RoutedNumber> {
  const seconds = wholeField('seconds', request.seconds, 0, 31_536_000);
  const at = instantField('at', request.at);
  const { emergencyNumbers } = service;
  const { digits, emergency } = readDialled(request.to, emergencyNumbers);
  const routes = digits === null ? [] : await readRoutesOf(database, digits);
  const { tried, passed } = digits === null ? { tried: [], passed: [] } : chosenOf(routes, digits);
  const rates = await costRates(database, tried, digits ?? '', request.at);
  return {
    at,
    digits,
    isEmergency: emergency,
    tried: tried.map((route, place) => {
      const rate = rates[place] ?? null;
      return {
        route,
        dials: dialString(route, digits ?? ''),
        rate,
        cost: rate && !rate.isBlocked ? cost(tariffAt(rate, request.at), seconds) : null,
      };
    }),
    passed,
    sale: accountcode === undefined ? null : await saleOf(database, visible, { ...request, accountcode }, service),
  };
}

async function saleOf(
  database: Knex,
  visible: Visible,
  request: RouteRequest & { accountcode: string },
  service: Parameters<typeof routeNumber>[3],
): Promise<RoutedNumber['sale']> {
  const { currency } = await accountNamed(database, visible, request.accountcode);
  return { priced: await priceCall(database, visible, request, service, service.emergencyNumbers), currency };
}

type AnyRoute = Route & { enabled: boolean };

/** Of the routes that fit a number: those that would be tried, and those that would not. */
function chosenOf(routes: readonly AnyRoute[], digits: string): { tried: Route[]; passed: PassedRoute[] } {
  const tried = routesFor(
    routes.filter(({ enabled }) => enabled),
    digits,
  );
  const whyNot = ({ enabled, stripDigits }: AnyRoute): PassedRoute['why'] => {
    if (!enabled) return 'trunk_off';
    return stripDigits >= digits.length ? 'number_too_short' : 'shorter_prefix';
  };
  const passed = routes
    .filter(route => !tried.includes(route))
    .sort((one, other) => other.prefix.length - one.prefix.length || one.priority - other.priority)
    .map(route => ({ route, why: whyNot(route) }));
  return { tried, passed };
}

/** As far as a price is looked at by the time of day. */
const A_DAY_SECONDS = 86_400;

/** By which rate each of these trunks would be charged; null where that is not known. */
async function costRates(
  database: Knex,
  tried: readonly Route[],
  digits: string,
  at: number,
): Promise<(CallRate | null)[]> {
  const names = tried.map(({ trunk }) => trunk);
  return inTransaction(database, async transaction => {
    const sql = sqlOf(transaction);
    const { first: decks } = await withParents(sql, await readTrunkDecks(sql, names));
    const asked = names.flatMap(trunk => {
      const version = decks.get(trunk);
      return version ? [{ trunk, digits, ...version }] : [];
    });
    const candidates = await new RateStore().candidates(sql, asked);
    const beginning = { zone: 'UTC', startAt: at, ringSeconds: 0, mostSeconds: A_DAY_SECONDS };
    const schedules = await readSchedules(sql, {
      names: candidates.flatMap(lines => schedulesAt(beginning, lines)),
      from: at,
      until: at + A_DAY_SECONDS * 1_000,
    });
    const found = new Map(
      asked.map(({ trunk }, place) => [trunk, callRateAt(beginning, candidates[place] as Rate[], schedules)]),
    );
    return names.map(trunk => found.get(trunk) ?? null);
  });
}
