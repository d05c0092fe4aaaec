/** Doors whose calls only their own client can end, as it alone can tell the switch; and how it hears of an operator who wants that. */
const HEARS = {
  rest: 'its switch hears it by the event hangup_wanted, and by its next extend, which is refused',
  rating: 'ended by Call Control where the service has RINGFENCE_RATING_CONTROL_SOCKET, otherwise by the limit',
  sems: 'ended by the limit, as SEMS cannot be told',
  agi: 'ended by the limit, as a dialplan cannot be told',
} as const;

/** What becomes of the calls of a node (`astcdr.node`) that an operator wants ended; null where a service ends them itself. */
export function leftToClient(node: string): string | null {
  const [door = '', name] = node.split(':', 2);
  return name !== undefined && Object.hasOwn(HEARS, door) ? HEARS[door as keyof typeof HEARS] : null;
}
