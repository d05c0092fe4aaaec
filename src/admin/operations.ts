/** Every plain operation that an operator, or a customer, may do, in the order in which help lists them. */
import type { Operation } from '../operator/operation';
import { ACCOUNT_OPERATIONS } from './account-operations';
import { APPROVAL_OPERATIONS } from './approval-operations';
import { AUDIT_OPERATIONS } from './audit-operations';
import { CALL_OPERATIONS } from './call-operations';
import { CALLER_OPERATIONS } from './caller-operations';
import { CARD_OPERATIONS } from './card-operations';
import { CASHIER_OPERATIONS } from './cashier-operations';
import { DECK_OPERATIONS } from './deck-operations';
import { EVIDENCE_OPERATIONS } from './evidence-operations';
import { EXPLAIN_OPERATIONS } from './explain-operations';
import { JOB_OPERATIONS } from './job-operations';
import { KEY_OPERATIONS } from './key-operations';
import { LEDGER_OPERATIONS } from './ledger-operations';
import { OPERATOR_OPERATIONS } from './operator-operations';
import { OWN_OPERATIONS } from './own-operations';
import { PIN_KEY_OPERATIONS } from './pin-key-operations';
import { POOL_OPERATIONS } from './pool-operations';
import { RATE_OPERATIONS } from './rate-operations';
import { ROUTE_OPERATIONS } from './route-operations';
import { SCHEDULE_OPERATIONS } from './schedule-operations';
import { SERVICE_OPERATIONS } from './service-operations';
import { SHEET_OPERATIONS } from './sheet-operations';
import { STATEMENT_OPERATIONS } from './statement-operations';
import { VOUCHER_OPERATIONS } from './voucher-operations';
import { WEBHOOK_OPERATIONS } from './webhook-operations';

export const OPERATIONS: readonly Operation[] = [
  ...ACCOUNT_OPERATIONS,
  ...STATEMENT_OPERATIONS,
  ...LEDGER_OPERATIONS,
  ...POOL_OPERATIONS,
  ...CARD_OPERATIONS,
  ...VOUCHER_OPERATIONS,
  ...CALLER_OPERATIONS,
  ...DECK_OPERATIONS,
  ...SHEET_OPERATIONS,
  ...SCHEDULE_OPERATIONS,
  ...ROUTE_OPERATIONS,
  ...RATE_OPERATIONS,
  ...CALL_OPERATIONS,
  ...EXPLAIN_OPERATIONS,
  ...EVIDENCE_OPERATIONS,
  ...WEBHOOK_OPERATIONS,
  ...KEY_OPERATIONS,
  ...OPERATOR_OPERATIONS,
  ...PIN_KEY_OPERATIONS,
  ...CASHIER_OPERATIONS,
  ...APPROVAL_OPERATIONS,
  ...AUDIT_OPERATIONS,
  ...JOB_OPERATIONS,
  ...SERVICE_OPERATIONS,
  ...OWN_OPERATIONS,
];
