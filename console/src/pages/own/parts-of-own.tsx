/** Lists of the customer that are read part by part. */
import { Button } from '@mantine/core';
import type { QueryKey } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Empty } from '../../parts/page';
import { ListParts, type Part, useParts } from '../../parts/parts-of-list';
import classes from './own.module.css';

interface OwnListProps<Row> {
  queryKey: QueryKey;
  /** Where to read on: undefined for the first part. */
  ask: (cursor?: string) => Promise<Part<Row>>;
  words: { none: string; noneFound: string; showAll: string };
  isFiltered: boolean;
  onShowAll: () => void;
  /** What the list is called, for those who hear it. */
  label: string;
  currency: string;
  /** What stands above the list, by its rows. */
  above?: (rows: readonly Row[]) => ReactNode;
  row: (row: Row) => ReactNode;
}

/** What was read by now, how to get the next part, and what stands there if nothing was found. */
export function OwnList<Row>({
  queryKey,
  ask,
  words,
  isFiltered,
  onShowAll,
  label,
  currency,
  above,
  row,
}: OwnListProps<Row>) {
  return (
    <ListParts query={useParts(queryKey, ask)} size="md">
      {(rows, isWhole) => (
        <>
          {above?.(rows)}
          {rows.length === 0 && isWhole && (
            <Empty>
              {isFiltered ? words.noneFound : words.none}
              {isFiltered && (
                <div>
                  <Button className={classes.more} size="md" variant="default" onClick={onShowAll}>
                    {words.showAll}
                  </Button>
                </div>
              )}
            </Empty>
          )}
          {rows.length > 0 && (
            <>
              <p className={classes.currency}>{currency}</p>
              <ul className={classes.list} aria-label={label}>
                {rows.map(row)}
              </ul>
            </>
          )}
        </>
      )}
    </ListParts>
  );
}
