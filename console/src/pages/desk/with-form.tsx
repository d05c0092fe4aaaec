/** A list to which a form adds something: the form opens in its place above the list, and what was done is told there. */
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { Note } from '../../parts/page';
import classes from './desk.module.css';
import type { Place } from './place';

interface WithFormProps<Search extends { open?: unknown; do?: unknown }> {
  place: Place<Search>;
  /** Beside the button: what the list is reduced to, or what it is. */
  bar: ReactNode;
  /** What the address calls the form; `words` are on its button. null for those who may add nothing. */
  add: { form: Search['do']; words: string; fields: ReactNode } | null;
  /** What was made and is shown once. */
  once?: ReactNode;
  children: ReactNode;
}

export function WithForm<Search extends { open?: unknown; do?: unknown }>({
  place: { search, done, begin, end },
  bar,
  add,
  once,
  children,
}: WithFormProps<Search>) {
  const isOpen = add !== null && search.do === add.form;
  return (
    <>
      <div className={classes.bar}>
        {bar}
        {add && (
          // It stays: the keyboard is back at it when the form is closed.
          <Button
            variant={isOpen ? 'default' : 'filled'}
            aria-expanded={isOpen}
            onClick={() => (isOpen ? end(null) : begin(add.form))}
          >
            {add.words}
          </Button>
        )}
      </div>
      <Told>{done}</Told>
      {once}
      {isOpen && add.fields}
      {children}
    </>
  );
}

/** What was done, in its place; nothing for null. */
export const Told = ({ children }: { children: string | null }) => (
  <div className={classes.notes}>{children !== null && <Note mood="ours">{children}</Note>}</div>
);
