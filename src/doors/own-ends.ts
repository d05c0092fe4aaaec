/** The doors whose calls only their own client can end: it tells when they are over, and cannot be told to end them. */
const OWN_ENDS = /^(?:rest|sems|rating|agi):/;

/** Whether the calls of a node (`astcdr.node`) can be ended by nobody here: each goes on to its limit, or until its client ends it. */
export const endsItsOwnCalls = (node: string): boolean => OWN_ENDS.test(node);
