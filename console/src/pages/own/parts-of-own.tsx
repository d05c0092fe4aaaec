/** Lists of the customer that are read part by part. */
import { Button } from '@mantine/core';
import { type QueryKey, useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Asked } from '../../parts/page';
import { useTexts } from '../../texts/texts';
import classes from './own.module.css';

interface Part<Row> {
  items: Row[];
  is_more: boolean;
  next_cursor?: string;
}

interface PartsProps<Row> {
  queryKey: QueryKey;
  /** Where to read on: undefined for the first part. */
  ask: (cursor?: string) => Promise<Part<Row>>;
  children: (rows: readonly Row[], isWhole: boolean) => ReactNode;
}

/** What was read by now, and how to get the next part. */
export function Parts<Row>({ queryKey, ask, children }: PartsProps<Row>) {
  const { common } = useTexts();
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => ask(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: last => (last.is_more ? last.next_cursor : undefined),
  });
  return (
    <Asked query={query}>
      {({ pages }) => (
        <>
          {children(
            pages.flatMap(({ items }) => items),
            !query.hasNextPage,
          )}
          {query.hasNextPage && (
            <Button
              className={classes.more}
              size="md"
              variant="default"
              loading={query.isFetchingNextPage}
              onClick={() => void query.fetchNextPage()}
            >
              {common.more}
            </Button>
          )}
        </>
      )}
    </Asked>
  );
}
