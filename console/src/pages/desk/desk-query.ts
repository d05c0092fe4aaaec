export const APPROVALS_KEY = ['desk', 'approvals'] as const;

/** What a service says of the switches, of alarms, and of the last proofs of the books. */
export const STATUS_KEY = ['desk', 'status'] as const;
