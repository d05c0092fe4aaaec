/** The requests that a switch may send. Pure. */

import { callIdPattern } from '../../calls/call-id';
import type { HangupSource } from '../../credit/rules/charge';
import { instantField, type MessageOf, optional, talkField, textField, wholeField, wordField } from './rest-fields';

/** A call_id, in a body or a path: printable ASCII without blanks, like a SIP Call-ID or a UUID. */
export const CALL_ID = callIdPattern(200);

const HUNG_UP_BY = ['caller', 'callee', 'limit', 'operator', 'service'] as const satisfies readonly HangupSource[];

export const AUTHORIZE = {
  call_id: textField(
    "the switch's own name of the call, never used for another: what is done is done once by it",
    CALL_ID,
    'is not 1 to 200 printable ASCII characters without blanks: send the UUID or Call-ID of the call',
    '6f1b2c9e-0c6e-4a52-9f0e-3a4c1c8f7d11',
  ),
  account: textField(
    'who pays: an account of Ringfence, or what RINGFENCE_REST_ACCOUNT makes one of',
    /^[^\p{Cc}\p{Cs}]{1,80}$/u,
    'is not 1 to 80 characters: send the accountcode',
    'alice',
  ),
  number: textField(
    'the number that is called: digits behind an optional + or 00',
    /^[^\p{Cc}\p{Cs}]{1,80}$/u,
    'is not 1 to 80 characters: send the number as it was dialled',
    '+49301234567',
  ),
  caller: optional(
    textField(
      "the caller's number, for the call's record, which keeps its letters, digits and + * # . _ -",
      /^[\s\S]{0,200}$/u,
      'is longer than 200 characters: leave it out',
      '4940765432',
    ),
  ),
  seconds: optional(
    wholeField('how much talk is wanted now; not given: as much as the account pays for', 1, 86_400, 120),
  ),
  start_at: optional(instantField("when the call arrived, by the switch's clock; not given: now")),
};

export const ANSWERED = {
  answered_at: optional(
    instantField(
      "when the called party answered, by the switch's clock; not given: now. Send it, so that a repeat says the same",
    ),
  ),
};

export const EXTEND = {
  seconds: wholeField('how much talk is wanted in all, what was granted before counted in', 1, 86_400, 240),
};

export const SETTLE = {
  talk_seconds: optional(
    talkField(
      'how long both talked, with up to three decimals; null, or 0 where no answer was told: never answered, which costs nothing',
    ),
  ),
  answered_at: optional(instantField('when the called party answered; not beside talk_seconds')),
  ended_at: optional(instantField('when the first party hung up; not given: now')),
  cause: optional(wholeField('the Q.850 cause; not given: 16', 1, 127, 16)),
  hung_up_by: optional(wordField('who ended the call; not given: service, which means unknown', HUNG_UP_BY)),
};

export type Authorize = MessageOf<typeof AUTHORIZE>;
export type Answered = MessageOf<typeof ANSWERED>;
export type Extend = MessageOf<typeof EXTEND>;
export type Settle = MessageOf<typeof SETTLE>;
