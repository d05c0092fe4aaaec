import type { Knex } from 'knex';
import type { ToldEvent } from './message';
import { type Answer, Receiver } from './receiver';
import type { AllowedTarget } from './target';
import { addressOf } from './webhook-store';

/** Posts a trial, of kind `test`, right now and from here; returns the receiver's answer. @throws Refused webhook_not_found; DatabaseFault. */
export async function testWebhook(
  database: Knex,
  webhook: string,
  allowed: readonly AllowedTarget[],
  deadlineMs: number,
): Promise<Answer> {
  const { url, secret, accountcode } = await addressOf(database, webhook);
  const receiver = new Receiver({ url, secret, allowed, connections: 1, deadlineMs });
  const trial: ToldEvent = {
    eventId: '0',
    kind: 'test',
    accountcode: accountcode ?? '',
    uniqueid: null,
    createdAt: new Date(),
    facts: {},
  };
  try {
    return (await receiver.post(trial)) as Answer;
  } finally {
    await receiver.close();
  }
}
