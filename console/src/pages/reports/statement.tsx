/** A month of any account, for operators: a page that prints well. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { createLazyRoute, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { told } from '../../api/ask';
import { accountShow, callList, callShow, ledgerList } from '../../api/operations';
import { useMay } from '../../api/session';
import { NoPermission } from '../../parts/no-permission';
import { Asked, Page } from '../../parts/page';
import { MonthStatement } from '../../parts/statement/month-statement';
import type { Source } from '../../parts/statement/read-statement';
import classes from '../../parts/statement/statement.module.css';
import { useReading } from '../../texts/texts';

export const Route = createLazyRoute('/accounts/$accountcode/statement')({ component: StatementPage });

/** Of an account, as an operator reads it. */
const sourceOf = (account: string): Source => ({
  entries: (asked, by) => told(ledgerList({ account, ...asked }, by)),
  calls: (asked, by) => told(callList({ account, ...asked }, by)),
  call: (uniqueid, by) => told(callShow({ uniqueid }, by)),
});

function StatementPage() {
  const { statement: words } = useReading().texts;
  const may = useMay();
  const { accountcode } = Route.useParams();
  const isAllowed = may('accountShow') && may('ledgerList') && may('callList');
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
  const source = useMemo(() => sourceOf(accountcode), [accountcode]);
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
              source={source}
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
              calls={{ path: '/api/v1/calls', search: { account: accountcode } }}
              differs={words.differsForOperators}
            />
          )}
        </Asked>
      </Page>
    </div>
  );
}
