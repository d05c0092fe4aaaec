/** The filters of the board. All of them stand in the address. */
import { NativeSelect, TextInput } from '@mantine/core';
import { memo, useEffect, useRef, useState } from 'react';
import { useReading } from '../../texts/texts';
import { keysAreOn } from './keys';
import classes from './live.module.css';
import { type Change, type LiveSearch, STATES } from './search';

interface FiltersProps {
  search: LiveSearch;
  change: Change;
  trunks: readonly string[];
}

export const Filters = memo(function Filters({ search, change, trunks }: FiltersProps) {
  const { live } = useReading().texts;
  const text = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || !keysAreOn(event)) return;
      event.preventDefault();
      text.current?.focus();
      text.current?.select();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  const words = useTyped(search.text, value => change({ text: value }));
  const account = useTyped(search.account, value => change({ account: value }));
  return (
    <search className={classes.filters}>
      <TextInput
        ref={text}
        type="search"
        aria-label={live.filter}
        placeholder={live.filterHint}
        value={words.value}
        onChange={event => {
          words.type(event.currentTarget.value);
          words.commit(event.currentTarget.value);
        }}
        onKeyDown={event => {
          if (event.key !== 'Escape') return;
          // The browser would empty the field.
          event.preventDefault();
          event.currentTarget.blur();
        }}
      />
      <form
        onSubmit={event => {
          event.preventDefault();
          account.commit(account.value);
        }}
      >
        <TextInput
          type="search"
          aria-label={live.account}
          placeholder={live.anyAccount}
          autoComplete="off"
          value={account.value}
          onChange={event => account.type(event.currentTarget.value)}
          onBlur={() => account.commit(account.value)}
        />
      </form>
      <NativeSelect
        aria-label={live.trunk}
        value={search.trunk ?? ''}
        data={[{ value: '', label: live.anyTrunk }, ...trunks]}
        onChange={({ currentTarget: { value } }) => change({ trunk: value || undefined })}
      />
      <NativeSelect
        aria-label={live.state}
        value={search.state ?? ''}
        data={[{ value: '', label: live.anyState }, ...STATES.map(value => ({ value, label: live.states[value] }))]}
        onChange={({ currentTarget: { value } }) => change({ state: STATES.find(each => each === value) })}
      />
    </search>
  );
});

/** A field whose value goes to the address: what is typed stands there at once, and what the address says later replaces it. */
function useTyped(said: string | undefined, tell: (value: string | undefined) => void) {
  const [value, type] = useState(said ?? '');
  const told = useRef(said ?? '');
  useEffect(() => {
    // The address follows what is typed; only another hand's change of it is news.
    if ((said ?? '') === told.current) return;
    told.current = said ?? '';
    type(told.current);
  }, [said]);
  const commit = (next: string) => {
    const trimmed = next.trim();
    if (trimmed === told.current) return;
    told.current = trimmed;
    tell(trimmed || undefined);
  };
  return { value, type, commit };
}
