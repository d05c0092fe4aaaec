import { Link } from '@tanstack/react-router';
import { Clipped } from '../../parts/table';

/** The dialled number, which leads to the page of the call. */
export function CallLink({ call: { uniqueid, dst } }: { call: { uniqueid: string; dst: string } }) {
  return (
    <Link to="/calls/$uniqueid" params={{ uniqueid }}>
      <Clipped>{dst}</Clipped>
    </Link>
  );
}
