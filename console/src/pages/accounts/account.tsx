/** One account: what it has now, what can be done, and what was. */
import { Button, Menu, Tabs } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createLazyRoute, Link } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import { told } from '../../api/ask';
import { type AccountShown, approvalList } from '../../api/operations';
import { useMay } from '../../api/session';
import { lessBy, readable } from '../../parts/amounts';
import { NoPermission } from '../../parts/no-permission';
import { Asked, Note, Page } from '../../parts/page';
import { BalanceBar, State } from '../../parts/shown';
import { Clipped } from '../../parts/table';
import { useReading, useTexts } from '../../texts/texts';
import { accountKey, useAccount } from './account-query';
import { AccountState } from './account-state';
import classes from './accounts.module.css';
import { Block, Close, HangUp, useUnblock } from './actions';
import { Activity } from './activity';
import { Callers } from './callers';
import { History } from './history';
import { Limits } from './limits';
import { type LiveCalls, spentBy, useLiveCalls } from './live-calls';
import { LiveNow, NotHeard } from './live-now';
import { MoveMoney } from './move-money';
import { Prices } from './prices';
import { type AccountSearch, type Action, TABS, type Tab } from './search';
import { useWords } from './words';

export const Route = createLazyRoute('/accounts/$accountcode')({ component: AccountPage });

/** undefined takes it out of the address. */
export type SetSearch = (more: { [Name in keyof AccountSearch]: AccountSearch[Name] | undefined }) => void;

function AccountPage() {
  const { title } = useTexts().accounts;
  const may = useMay();
  const { accountcode } = Route.useParams();
  if (!may('accountShow')) return <NoPermission title={title} />;
  return <Account accountcode={accountcode} />;
}

function Account({ accountcode }: { accountcode: string }) {
  const query = useAccount(accountcode);
  const { title } = useTexts().accounts;
  // Another account begins anew, with nothing of the one before.
  if (query.data) return <OneAccount key={accountcode} account={query.data.account} error={query.error} />;
  return (
    <Page title={accountcode}>
      <Asked query={query}>{() => null}</Asked>
      <p>
        <Link to="/accounts">{title}</Link>
      </p>
    </Page>
  );
}

/** How often all that is shown of an account is read anew while calls of it come and go. Ms. */
const ALL_ANEW_MS = 5_000;

/** Reads what an account has now, at once, and the rest that is shown of it a moment later: a busy account has calls each second. */
function useReadAnew(accountcode: string): () => void {
  const queries = useQueryClient();
  const rest = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(
    () => () => {
      if (rest.current !== null) clearTimeout(rest.current);
      rest.current = null;
    },
    [],
  );
  return useCallback(() => {
    const key = accountKey(accountcode);
    void queries.invalidateQueries({ queryKey: [...key, 'now'] });
    rest.current ??= setTimeout(() => {
      rest.current = null;
      void queries.invalidateQueries({ queryKey: key });
    }, ALL_ANEW_MS);
  }, [queries, accountcode]);
}

function OneAccount({ account, error }: { account: AccountShown; error: unknown }) {
  const { texts } = useReading();
  const words = useWords();
  const { shell } = texts;
  const { accountcode, status, name, kind } = account;
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const [done, setDone] = useState<{ mood: 'ours' | 'attention'; text: string } | null>(null);
  const set: SetSearch = more => {
    const merged = Object.entries({ ...search, ...more }).filter(([, value]) => value !== undefined);
    void navigate({ search: Object.fromEntries(merged), replace: true, resetScroll: false });
  };
  const anew = useReadAnew(accountcode);
  const live = useLiveCalls(accountcode, anew);
  const leave = () => {
    set({ do: undefined });
    // What had the focus is gone: a keyboard goes on from the page.
    document.getElementById('page')?.focus({ preventScroll: true });
  };
  const end = (text: string, mood: 'ours' | 'attention' = 'ours') => {
    setDone({ mood, text });
    leave();
  };
  const open = (action: Action) => {
    setDone(null);
    set({ do: action });
  };
  const form = { account, onDone: end, onCancel: leave };
  const action = search.do;
  return (
    <Page
      title={accountcode}
      hasTimes
      beside={
        <>
          <AccountState status={status} />
          {kind === 'pool' && <State mood="quiet">{words.pool}</State>}
          {name && <Clipped>{name}</Clipped>}
        </>
      }
      actions={<Actions account={account} onOpen={open} onDone={end} />}
    >
      <div className={classes.credit}>
        <Credit account={account} live={live} />
      </div>
      <div className={classes.notes}>
        {error !== null ? <Note mood="attention">{shell.away}</Note> : <NotHeard live={live} />}
        {done && <Note mood={done.mood}>{done.text}</Note>}
        <Waiting account={account} />
      </div>
      {(action === 'topup' || action === 'refund' || action === 'adjust') && (
        <MoveMoney key={action} kind={action} {...form} />
      )}
      {action === 'block' && <Block {...form} />}
      {action === 'hangup' && <HangUp {...form} />}
      {action === 'close' && <Close {...form} />}
      <AccountTabs account={account} live={live} search={search} onSearch={set} />
    </Page>
  );
}

function Credit({ account, live }: { account: AccountShown; live: LiveCalls }) {
  const { balance, reserved, available, currency, credit_limit: creditLimit } = account;
  // The two are looked at a moment apart: what was spent is never more than what is ring-fenced.
  const spent = live.calls === null ? '0' : spentBy(live.calls);
  const within = lessBy(reserved, spent).startsWith('-') ? reserved : spent;
  const figures = { balance, spent: within, reserved, available, currency, creditLimit };
  return <BalanceBar {...figures} />;
}

interface ActionsProps {
  account: AccountShown;
  onOpen: (action: Action) => void;
  onDone: (text: string) => void;
}

function Actions({ account, onOpen, onDone }: ActionsProps) {
  const words = useWords();
  const { statement } = useTexts();
  const may = useMay();
  const unblock = useUnblock(account, onDone);
  const { status, kind } = account;
  const isAccount = kind === 'account';
  const isOpen = status !== 'closed';
  const more = (
    [
      ['refund', isAccount && isOpen && may('accountRefund')],
      ['adjust', isAccount && isOpen && may('accountAdjust')],
      ['close', isAccount && isOpen && may('accountClose')],
    ] as const
  ).filter(([, isOffered]) => isOffered);
  return (
    <>
      {isAccount && isOpen && may('accountTopup') && <Button onClick={() => onOpen('topup')}>{words.act.topup}</Button>}
      {(status === 'blocked' || status === 'closed') && may('accountUnblock') && (
        <Button variant="default" loading={unblock.isPending} onClick={() => unblock.mutate(account.accountcode)}>
          {status === 'closed' ? words.act.reopen : words.act.unblock}
        </Button>
      )}
      {status !== 'blocked' && isOpen && may('accountBlock') && (
        <Button variant="default" onClick={() => onOpen('block')}>
          {words.act.block}
        </Button>
      )}
      {may('accountHangup') && isOpen && (
        <Button variant="default" onClick={() => onOpen('hangup')}>
          {words.act.hangup}
        </Button>
      )}
      {isAccount && may('accountStatement') && (
        <Button
          variant="default"
          renderRoot={props => (
            <Link to="/accounts/$accountcode/statement" params={{ accountcode: account.accountcode }} {...props} />
          )}
        >
          {statement.link}
        </Button>
      )}
      {more.length > 0 && (
        <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
          <Menu.Target>
            <Button variant="default">{words.moreActions} ▾</Button>
          </Menu.Target>
          <Menu.Dropdown>
            {more.map(([action]) => (
              <Menu.Item key={action} onClick={() => onOpen(action)}>
                {words.act[action]}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </>
  );
}

/** Movements of this account that wait for a second person. */
function Waiting({ account: { accountcode } }: { account: AccountShown }) {
  const { language } = useReading();
  const words = useWords();
  const may = useMay();
  const { data = [] } = useQuery({
    queryKey: [...accountKey(accountcode), 'approvals'],
    queryFn: async () => (await told(approvalList({ limit: 1_000 }))).items,
    enabled: may('approvalList'),
    select: items => items.filter(each => each.accountcode === accountcode),
  });
  return data.map(({ approval, amount, currency, requested_by: by, reference }) => (
    <Note key={approval} mood="attention">
      {words.waits(String(approval), `${readable(amount, language)} ${currency}`, by, reference)}
    </Note>
  ));
}

interface AccountTabsProps {
  account: AccountShown;
  live: LiveCalls;
  search: AccountSearch;
  onSearch: SetSearch;
}

function AccountTabs({ account, live, search, onSearch }: AccountTabsProps) {
  const words = useWords();
  const may = useMay();
  const isSeen: Record<Tab, boolean> = {
    activity: true,
    live: may('callLive'),
    prices: may('rateExplain') && account.kind === 'account',
    limits: true,
    callers: may('callerList') || may('cardList'),
    history: may('auditList') || may('eventList'),
  };
  const seen = TABS.filter(tab => isSeen[tab]);
  const tab = seen.find(each => each === search.tab) ?? 'activity';
  const title = (each: Tab) =>
    each === 'live' && account.active_calls > 0 ? `${words.tabs.live} ${account.active_calls}` : words.tabs[each];
  const { accountcode } = account;
  // What another tab had in the address is its own.
  const choose = (chosen: Tab) =>
    onSearch({ tab: chosen, show: undefined, edit: undefined, number: undefined, seconds: undefined });
  return (
    <Tabs
      className={classes.tabs}
      value={tab}
      keepMounted={false}
      onChange={value => choose(TABS.find(each => each === value) ?? 'activity')}
    >
      <Tabs.List>
        {seen.map(each => (
          <Tabs.Tab key={each} value={each}>
            {title(each)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {seen.map(each => (
        <Tabs.Panel key={each} value={each} className={classes.panel}>
          {each === 'activity' && <Activity account={account} show={search.show} onSearch={onSearch} />}
          {each === 'live' && <LiveNow live={live} accountcode={accountcode} currency={account.currency} />}
          {each === 'prices' && <Prices account={account} search={search} onSearch={onSearch} />}
          {each === 'limits' && <Limits accountcode={accountcode} edit={search.edit} onSearch={onSearch} />}
          {each === 'callers' && <Callers accountcode={accountcode} />}
          {each === 'history' && <History accountcode={accountcode} />}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
