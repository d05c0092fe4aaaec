/** A month of the customer's own account. */
import { createLazyRoute, Link } from '@tanstack/react-router';
import { told } from '../../api/ask';
import { ownStatement } from '../../api/operations';
import { MonthStatement } from '../../parts/statement/month-statement';
import { useReading } from '../../texts/texts';
import { WithAccount } from './own';

export const Route = createLazyRoute('/own/statement')({ component: StatementPage });

function StatementPage() {
  const { statement: words } = useReading().texts;
  const { month } = Route.useSearch();
  const navigate = Route.useNavigate();
  return (
    <WithAccount>
      {account => (
        <MonthStatement
          account={account}
          ask={(asked, signal) => told(ownStatement({ month: asked }, { signal }))}
          month={month}
          onMonth={chosen => void navigate({ search: { month: chosen } })}
          linkTo={(other, props) => <Link to="/own/statement" search={{ month: other }} {...props} />}
          files={{ calls: '/api/v1/own/calls', entries: '/api/v1/own/ledger' }}
          differs={words.differs}
        />
      )}
    </WithAccount>
  );
}
