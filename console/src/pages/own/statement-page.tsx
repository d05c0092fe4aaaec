/** A month of the customer's own account. */
import { createLazyRoute, Link } from '@tanstack/react-router';
import { told } from '../../api/ask';
import { ownCall, ownCalls, ownLedger } from '../../api/operations';
import { MonthStatement } from '../../parts/statement/month-statement';
import type { Source } from '../../parts/statement/read-statement';
import { useReading } from '../../texts/texts';
import { WithAccount } from './own';

export const Route = createLazyRoute('/own/statement')({ component: StatementPage });

const SOURCE: Source = {
  entries: (asked, by) => told(ownLedger(asked, by)),
  calls: (asked, by) => told(ownCalls(asked, by)),
  call: (uniqueid, by) => told(ownCall({ uniqueid }, by)),
};

function StatementPage() {
  const { statement: words } = useReading().texts;
  const { month } = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <WithAccount>
      {account => (
        <MonthStatement
          account={account}
          source={SOURCE}
          month={month}
          onMonth={chosen => void navigate({ search: { month: chosen } })}
          linkTo={(other, props) => <Link to="/own/statement" search={{ month: other }} {...props} />}
          calls={{ path: '/api/v1/own/calls' }}
          differs={words.differs}
        />
      )}
    </WithAccount>
  );
}
