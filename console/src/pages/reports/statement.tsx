/** A month of any account, for operators: a page that prints well. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { createLazyRoute, Link } from '@tanstack/react-router';
import { told } from '../../api/ask';
import { accountShow, accountStatement } from '../../api/operations';
import { useMay } from '../../api/session';
import { NoPermission } from '../../parts/no-permission';
import { Asked, Page } from '../../parts/page';
import { MonthStatement } from '../../parts/statement/month-statement';
import classes from '../../parts/statement/statement.module.css';
import { useReading } from '../../texts/texts';

export const Route = createLazyRoute('/accounts/$accountcode/statement')({ component: StatementPage });

function StatementPage() {
  const { statement: words } = useReading().texts;
  const may = useMay();
  const { accountcode } = Route.useParams();
  const isAllowed = may('accountShow') && may('accountStatement');
  return isAllowed ? (
    <Chosen key={accountcode} accountcode={accountcode} />
  ) : (
    <NoPermission title={words.title(accountcode)} />
  );
}

function Chosen({ accountcode }: { accountcode: string }) {
  const { statement: words } = useReading().texts;
  const { month } = Route.useSearch();
  const navigate = Route.useNavigate();
  const query = useQuery({
    queryKey: ['statement', accountcode, 'account'],
    queryFn: () => told(accountShow({ accountcode })),
    refetchOnWindowFocus: false,
  });
  return (
    <div className={classes.sheet}>
      <Page
        title={words.title(accountcode)}
        actions={
          <Button
            variant="default"
            renderRoot={props => <Link to="/accounts/$accountcode" params={{ accountcode }} {...props} />}
          >
            {words.toAccount}
          </Button>
        }
      >
        <Asked query={query}>
          {account => (
            <MonthStatement
              account={account}
              ask={(asked, signal) => told(accountStatement({ accountcode, month: asked }, { signal }))}
              month={month}
              onMonth={chosen => void navigate({ search: { month: chosen } })}
              linkTo={(other, props) => (
                <Link
                  to="/accounts/$accountcode/statement"
                  params={{ accountcode }}
                  search={{ month: other }}
                  {...props}
                />
              )}
              files={{ calls: '/api/v1/calls', entries: '/api/v1/ledger', search: { account: accountcode } }}
              differs={words.differsForOperators}
            />
          )}
        </Asked>
      </Page>
    </div>
  );
}
