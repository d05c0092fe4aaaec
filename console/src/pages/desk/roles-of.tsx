import { Clipped } from '../../parts/table';

/** What somebody may do, with the account of a customer. */
export function RolesOf({ roles, accountcode }: { roles: readonly string[]; accountcode: string | null }) {
  return (
    <>
      {roles.join(', ')} {accountcode !== null && <Clipped>{accountcode}</Clipped>}
    </>
  );
}
