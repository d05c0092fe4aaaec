import type { Place } from './place';
import type { WebhooksSearch } from './search';

export const WEBHOOKS_KEY = ['desk', 'webhooks'] as const;
export const DEAD_KEY = ['desk', 'dead'] as const;
export const DELIVERIES_KEY = ['desk', 'deliveries'] as const;

/** What a change of a webhook, or of its deliveries, makes old. */
export const STALE = [WEBHOOKS_KEY, DEAD_KEY, DELIVERIES_KEY];

/** Deliveries come and go by themselves. Ms. */
export const AGAIN_MS = 10_000;

export type WebhooksPlace = Place<WebhooksSearch>;
