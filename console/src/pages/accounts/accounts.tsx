/** All accounts: who has what, and who may not call. */
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { createLazyRoute, Link } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { told } from '../../api/ask';
import { type Account, accountList } from '../../api/operations';
import { useMay } from '../../api/session';
import { placesOf } from '../../parts/amounts';
import { NoPermission } from '../../parts/no-permission';
import { Empty, Page } from '../../parts/page';
import { ListParts, useParts } from '../../parts/parts-of-list';
import { Amount } from '../../parts/shown';
import { Clipped, type Column, Rows } from '../../parts/table';
import { useTexts } from '../../texts/texts';
import { ACCOUNTS_KEY, useDecks } from './account-query';
import { AccountState } from './account-state';
import classes from './accounts.module.css';
import { NewAccount } from './new-account';
import { type ListSearch, STATUSES } from './search';
import { useWords } from './words';

export const Route = createLazyRoute('/accounts')({ component: AccountsPage });

const AT_ONCE = 100;

function AccountsPage() {
  const words = useWords();
  const { title } = useTexts().accounts;
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const may = useMay();
  const { new: isNew, ...filter } = search;
  if (!may('accountList')) return <NoPermission title={title} />;
  const open = ({ accountcode }: Account) => void navigate({ to: '/accounts/$accountcode', params: { accountcode } });
  const set = (more: { [Name in keyof ListSearch]?: ListSearch[Name] | undefined }) =>
    void navigate({ search: listed({ ...search, ...more }), replace: true });
  return (
    <Page
      title={title}
      actions={may('accountCreate') && !isNew && <Button onClick={() => set({ new: true })}>{words.newAccount}</Button>}
    >
      {isNew && may('accountCreate') && <NewAccount onClose={() => set({ new: undefined })} />}
      <Filters filter={filter} onFilter={set} />
      <List filter={filter} onOpen={open} />
    </Page>
  );
}

/** Only what is set stands in the address. */
const listed = (search: { [Name in keyof ListSearch]?: ListSearch[Name] | undefined }): ListSearch =>
  Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined && value !== ''));

interface FiltersProps {
  filter: ListSearch;
  onFilter: (more: { [Name in keyof ListSearch]?: ListSearch[Name] | undefined }) => void;
}

function Filters({ filter, onFilter }: FiltersProps) {
  const words = useWords();
  const { accounts, common } = useTexts();
  const decks = useDecks();
  const [text, setText] = useState(filter.text ?? '');
  useEffect(() => setText(filter.text ?? ''), [filter.text]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onFilter({ text });
  };
  const statuses = STATUSES.map(status => ({ value: status, label: words.status[status] }));
  return (
    <form className={classes.filters} onSubmit={submit} aria-label={accounts.title}>
      <TextInput
        type="search"
        name="text"
        label={words.code}
        dir="auto"
        autoComplete="off"
        value={text}
        onChange={event => setText(event.currentTarget.value)}
        onBlur={() => text !== (filter.text ?? '') && onFilter({ text })}
      />
      <NativeSelect
        label={words.state}
        data={[{ value: '', label: words.anyState }, ...statuses]}
        value={filter.status ?? ''}
        onChange={event => onFilter({ status: STATUSES.find(status => status === event.currentTarget.value) })}
      />
      {(decks.length > 0 || filter.deck) && (
        <NativeSelect
          label={words.deck}
          data={[{ value: '', label: common.all }, ...new Set([...decks, ...(filter.deck ? [filter.deck] : [])])]}
          value={filter.deck ?? ''}
          onChange={event => onFilter({ deck: event.currentTarget.value })}
        />
      )}
      <Button type="submit" variant="default">
        {common.search}
      </Button>
    </form>
  );
}

function List({ filter, onOpen }: { filter: ListSearch; onOpen: (account: Account) => void }) {
  const words = useWords();
  const { accounts, common } = useTexts();
  const { new: _, ...asked } = filter;
  const query = useParts([...ACCOUNTS_KEY, asked], cursor =>
    told(accountList({ ...asked, limit: AT_ONCE, ...(cursor === undefined ? { count: true } : { cursor }) })),
  );
  const columnsFor = (places: number): Column<Account>[] => [
    {
      head: words.code,
      cell: ({ accountcode }) => (
        <Link
          to="/accounts/$accountcode"
          params={{ accountcode }}
          tabIndex={-1}
          className={classes.code}
          // The row would open it a second time.
          onClick={event => event.stopPropagation()}
        >
          <Clipped>{accountcode}</Clipped>
        </Link>
      ),
    },
    { head: words.name, cell: ({ name }) => <Clipped>{name}</Clipped>, isExtra: true },
    { head: words.state, cell: ({ status }) => <AccountState status={status} /> },
    { head: common.balance, cell: ({ balance }) => <Amount value={balance} places={places} />, isFigure: true },
    {
      head: words.held,
      cell: ({ reserved }) => <Amount value={reserved} places={places} />,
      isFigure: true,
      isExtra: true,
    },
    { head: common.available, cell: ({ available }) => <Amount value={available} places={places} />, isFigure: true },
    { head: words.callsNow, cell: ({ active_calls: calls }) => calls || common.none, isFigure: true, isExtra: true },
    { head: words.currency, cell: ({ currency }) => currency },
  ];
  const isFiltered = Object.keys(asked).length > 0;
  return (
    <ListParts query={query}>
      {rows =>
        rows.length === 0 ? (
          isFiltered ? (
            <Empty>{words.noneFound}</Empty>
          ) : (
            <Empty command="ringfence account create alice --deck retail --balance 10.00">{words.noneYet}</Empty>
          )
        ) : (
          <Rows
            caption={accounts.title}
            columns={columnsFor(placesOf(rows.flatMap(row => [row.balance, row.reserved, row.available])))}
            rows={rows}
            keyOf={({ accountcode }) => accountcode}
            onOpen={onOpen}
          />
        )
      }
    </ListParts>
  );
}
