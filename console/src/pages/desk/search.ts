/** What the addresses of the desk's parts say. A value that means nothing is left out. Pure. */
import { oneOf, textOf } from '../../parts/addresses';

export const PERSON_FORMS = ['invite', 'roles', 'mail', 'reset', 'block'] as const;
export const KEY_FORMS = ['create', 'rotate', 'revoke'] as const;
export const WEBHOOK_FORMS = ['add', 'remove'] as const;
export const JOB_FORMS = ['verify', 'reconcile'] as const;
export const DELIVERY_STATES = ['waiting', 'delivered', 'dead'] as const;

export interface PeopleSearch {
  /** A part of the name. */
  text?: string;
  /** The person whose row is open. */
  open?: string;
  /** The form that is open. */
  do?: (typeof PERSON_FORMS)[number];
}

export interface KeysSearch {
  /** Whether those that have ended are shown too. */
  all?: true;
  /** The number of the secret whose row is open. */
  open?: number;
  do?: (typeof KEY_FORMS)[number];
}

export interface ApprovalsSearch {
  all?: true;
  /** The number of the request whose row is open. */
  open?: number;
}

export interface AuditSearch {
  actor?: string;
  operation?: string;
  object?: string;
  address?: string;
  /** ISO 8601. */
  from?: string;
  to?: string;
  /** The number of the change whose row is open. */
  open?: string;
}

export interface WebhooksSearch {
  open?: string;
  do?: (typeof WEBHOOK_FORMS)[number];
  /** What its deliveries are reduced to. */
  state?: (typeof DELIVERY_STATES)[number];
}

export interface BooksSearch {
  /** The number of the job that is open. */
  job?: number;
  do?: (typeof JOB_FORMS)[number];
}

export interface SettingsSearch {
  /** Whether those too that have their default. */
  all?: true;
}

export function peopleSearch(raw: Record<string, unknown>): PeopleSearch {
  return given({ text: textOf(raw.text), open: textOf(raw.open), do: oneOf(PERSON_FORMS, raw.do) });
}

export function keysSearch(raw: Record<string, unknown>): KeysSearch {
  return given({ all: flagOf(raw.all), open: numberOf(raw.open), do: oneOf(KEY_FORMS, raw.do) });
}

export function approvalsSearch(raw: Record<string, unknown>): ApprovalsSearch {
  return given({ all: flagOf(raw.all), open: numberOf(raw.open) });
}

export function auditSearch(raw: Record<string, unknown>): AuditSearch {
  return given({
    actor: textOf(raw.actor),
    operation: textOf(raw.operation),
    object: textOf(raw.object),
    address: textOf(raw.address),
    from: instantOf(raw.from),
    to: instantOf(raw.to),
    open: textOf(raw.open),
  });
}

export function webhooksSearch(raw: Record<string, unknown>): WebhooksSearch {
  return given({
    open: textOf(raw.open),
    do: oneOf(WEBHOOK_FORMS, raw.do),
    state: oneOf(DELIVERY_STATES, raw.state),
  });
}

export function booksSearch(raw: Record<string, unknown>): BooksSearch {
  return given({ job: numberOf(raw.job), do: oneOf(JOB_FORMS, raw.do) });
}

export function settingsSearch(raw: Record<string, unknown>): SettingsSearch {
  return given({ all: flagOf(raw.all) });
}

type Given<Search> = { [Name in keyof Search]?: Exclude<Search[Name], undefined> };

/** Only what is set stands in an address. */
export const given = <Search extends object>(search: Search): Given<Search> =>
  Object.fromEntries(
    Object.entries(search).filter(([, value]) => value !== undefined && value !== ''),
  ) as Given<Search>;

const flagOf = (raw: unknown): true | undefined => (String(raw) === 'true' ? true : undefined);

/** The numbers that the API gives: whole, from 1. */
function numberOf(raw: unknown): number | undefined {
  const number = Number(textOf(raw));
  return Number.isInteger(number) && number >= 1 && number <= 4_294_967_295 ? number : undefined;
}

function instantOf(raw: unknown): string | undefined {
  const at = typeof raw === 'string' ? Date.parse(raw) : Number.NaN;
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
