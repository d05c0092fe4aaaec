/** Money that a door moves besides calls, because a program says so: within the limits of that door, with a row in the audit trail. */
import type { Knex } from 'knex';
import type { RequestedMovement } from '../accounts/approvals';
import { moveAudited } from '../accounts/move-money';
import type { MovementOutcome } from '../credit/entries';
import { formatAmount, type Micros } from '../money/micros';
import { type Acting, actingAs } from '../operator/acting';
import { limitsOfDoor, needsSecondPerson } from '../operator/limits';
import { Refused } from '../operator/operator-refusal';
import type { DoorNode } from './door-kind';

/** A request of a program by a door. `from`: the address of that program. `secondPersonAbove`: RINGFENCE_SECOND_PERSON_ABOVE. */
export const actingByDoor = (
  door: DoorNode,
  { database, from, secondPersonAbove }: { database: Knex; from: string; secondPersonAbove: Micros | null },
): Acting => ({ ...actingAs(door, database), from, limits: limitsOfDoor({ secondPersonAbove }) });

/**
 * Moves money within a transaction: once per (account, kind, reference). It counts against the door's limit of the day, under a lock; a repeat
 * does not.
 *
 * What would need a second person is refused, not written down for one: the protocols of doors have no word for "later", and a program that is
 * told no may have the money moved in another way meanwhile.
 * @throws Refused what the movement is refused for, daily_limit_exceeded, more_than_at_once, second_person_needed: nothing of the transaction
 *   may stay then; DatabaseFault
 */
export async function moveByDoor(
  transaction: Knex.Transaction,
  acting: Acting,
  movement: Omit<RequestedMovement, 'actor'>,
): Promise<Extract<MovementOutcome, { moved: boolean }>> {
  const { actor, limits } = acting;
  const outcome = await moveAudited(transaction, acting, { ...movement, actor });
  if ('refusal' in outcome) throw new Refused(outcome.refusal, outcome.detail).about(outcome.facts);
  // A repeat moves nothing, and gets the first answer.
  if (outcome.moved && needsSecondPerson(limits, movement.amount)) {
    const above = formatAmount(limits?.mostAlone ?? movement.amount);
    const detail = `${formatAmount(movement.amount)} ${outcome.currency} needs a second person, as all above ${above} does, and ${actor} is none: an admin asks for it over the API`;
    throw new Refused('second_person_needed', detail);
  }
  return outcome;
}

/** The refusals by the limits of a door. */
export const isOverLimit = ({ refusal }: Refused): boolean =>
  refusal === 'daily_limit_exceeded' || refusal === 'more_than_at_once' || refusal === 'second_person_needed';
