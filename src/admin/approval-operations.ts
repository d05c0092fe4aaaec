/** What an operator may do with movements of money that wait for a second person. */
import { type Static, Type } from 'typebox';
import {
  APPROVAL_DAYS,
  type ApprovalView,
  type Approved,
  approvalFacts,
  approvalNumbered,
  approve,
  listApprovals,
  refuseApproval,
  withdrawApproval,
} from '../accounts/approvals';
import { formatAmount } from '../money/micros';
import {
  amountFact,
  factsOf,
  flagFact,
  instantFact,
  orNull,
  textFact,
  wholeFact,
  wordFact,
} from '../operator/answer-schema';
import type { Facts } from '../operator/facts';
import { fields, operation, PAGE, rowsOf } from '../operator/operation';
import { flag, whole } from '../operator/schema';

const approval = whole(1, 4_294_967_295, {
  description: 'the number of the request, as "approval list" shows it',
  unit: 'number',
  example: 17,
});

const APPROVAL = factsOf('Approval', {
  approval: wholeFact('number of the request'),
  state: wordFact(['open', 'expired', 'approved', 'refused', 'withdrawn']),
  operation: wordFact(['account topup', 'account refund', 'account adjust']),
  accountcode: textFact(),
  amount: amountFact('added to the balance when it is approved'),
  currency: textFact(),
  reference: textFact(),
  of_call: flagFact('the reference is the uniqueid of the call that is refunded'),
  overdraw: flagFact('it may take more than is available, though calls in progress count on it'),
  reason: textFact(),
  requested_by: textFact('the actor that asked'),
  created_at: instantFact(),
  expires_at: instantFact('from then on it cannot be approved'),
  decided_by: orNull(textFact('null while it is open')),
  decided_at: orNull(instantFact()),
});

const APPROVED = factsOf('ApprovalApproved', {
  ...APPROVAL.properties,
  moved: flagFact('false if the same reference had moved it meanwhile: then nothing was done'),
  balance: amountFact('as it is now'),
  available: amountFact('as it is now'),
});

const approvedFacts = ({ approval: view, moved, balance, available }: Approved): Static<typeof APPROVED> => ({
  ...approvalFacts(view),
  moved,
  balance,
  available,
});

const approvalLine = (view: ApprovalView): Facts => {
  const { created_at: _, decided_at: __, ...line } = approvalFacts(view);
  return line;
};

const list = operation({
  name: 'approval list',
  help: 'movements of money that wait for a second person, the newest first',
  example: 'approval list --all',
  roles: ['read', 'support', 'cashier', 'admin'],
  fields: fields({
    all: Type.Optional(flag('those too that were approved, refused or withdrawn, or have expired')),
    ...PAGE,
  }),
  arguments: [],
  refusals: [],
  run: ({ database }, { all, ...page }) => listApprovals(database, { all: all === true }, rowsOf(page)),
  answer: {
    kind: 'list',
    schema: APPROVAL,
    facts: approvalFacts,
    line: approvalLine,
    none: 'nothing waits for a second person',
  },
});

const show = operation({
  name: 'approval show',
  help: 'one movement of money that waits for a second person, or waited',
  example: 'approval show 17',
  roles: ['read', 'support', 'cashier', 'admin'],
  fields: fields({ approval }),
  arguments: ['approval'],
  refusals: ['approval_not_found'],
  run: ({ database }, { approval: id }) => approvalNumbered(database, id),
  answer: { kind: 'record', schema: APPROVAL, facts: approvalFacts },
});

const approveIt = operation({
  name: 'approval approve',
  help: `move the money that another actor asked for, within ${APPROVAL_DAYS} days; once`,
  example: 'approval approve 17',
  roles: ['admin'],
  fields: fields({ approval }),
  arguments: ['approval'],
  refusals: [
    'approval_not_found',
    'approval_decided',
    'approval_expired',
    'second_person_needed',
    'account_not_found',
    'account_is_pool',
    'account_closed',
    'amount_not_positive',
    'reference_reused',
    'balance_out_of_range',
    'call_not_found',
    'call_in_progress',
    'more_than_charged',
    'more_than_available',
  ],
  changes: 'at once',
  run: (acting, { approval: id }) => approve(acting, id),
  answer: {
    kind: 'record',
    schema: APPROVED,
    facts: approvedFacts,
    says: ({ approval: view, moved, balance, available }) =>
      `${moved ? `${view.operation} of ${formatAmount(view.amount)} to ${view.accountcode}` : `${view.reference} moved ${formatAmount(view.amount)} before, nothing done`}: balance ${formatAmount(balance)}, available ${formatAmount(available)}`,
  },
});

const refuse = operation({
  name: 'approval refuse',
  help: 'end a request without moving anything',
  example: 'approval refuse 17',
  roles: ['admin'],
  fields: fields({ approval }),
  arguments: ['approval'],
  refusals: ['approval_not_found', 'approval_decided', 'approval_expired'],
  changes: 'at once',
  run: (acting, { approval: id }) => refuseApproval(acting, id),
  answer: {
    kind: 'record',
    schema: APPROVAL,
    facts: approvalFacts,
    says: view => `approval ${view.approvalId} is refused: ${view.accountcode} stays as it is`,
  },
});

const withdraw = operation({
  name: 'approval withdraw',
  help: 'take your own request back',
  example: 'approval withdraw 17',
  roles: ['support', 'cashier', 'admin'],
  fields: fields({ approval }),
  arguments: ['approval'],
  refusals: ['approval_not_found', 'approval_of_another', 'approval_decided', 'approval_expired'],
  changes: 'at once',
  run: (acting, { approval: id }) => withdrawApproval(acting, id),
  answer: {
    kind: 'record',
    schema: APPROVAL,
    facts: approvalFacts,
    says: view => `approval ${view.approvalId} is withdrawn: ${view.accountcode} stays as it is`,
  },
});

export const APPROVAL_OPERATIONS = [list, show, approveIt, refuse, withdraw];
