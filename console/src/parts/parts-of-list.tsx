/** Lists that are read part by part, as the API hands them out. */
import { Button } from '@mantine/core';
import { type InfiniteData, type QueryKey, type UseInfiniteQueryResult, useInfiniteQuery } from '@tanstack/react-query';
import { useReading } from '../texts/texts';
import { Asked } from './page';
import classes from './parts.module.css';

export interface Part<Row> {
  items: Row[];
  is_more: boolean;
  next_cursor?: string;
  total?: number;
  total_is_exact?: boolean;
}

type Parts<Row> = UseInfiniteQueryResult<InfiniteData<Part<Row>, string | undefined>>;

/** `ask` gets where to read on: undefined for the first part. `againMs`: how often what was read is read anew; only after changes if not given. */
export const useParts = <Row,>(
  queryKey: QueryKey,
  ask: (cursor?: string) => Promise<Part<Row>>,
  againMs?: number,
): Parts<Row> =>
  useInfiniteQuery({
    ...(againMs !== undefined && { refetchInterval: againMs }),
    queryKey,
    queryFn: ({ pageParam }) => ask(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: last => (last.is_more ? last.next_cursor : undefined),
  });

interface NumberedPart<Row> {
  items: Row[];
  is_more: boolean;
  page: number;
  total?: number;
}

/** The same of a list that stays short: the API hands it out by pages. */
export const useNumberedParts = <Row,>(
  queryKey: QueryKey,
  ask: (page: number) => Promise<NumberedPart<Row>>,
  againMs?: number,
): Parts<Row> =>
  useParts(
    queryKey,
    async cursor => {
      const part = await ask(Number(cursor ?? 1));
      return { ...part, next_cursor: String(part.page + 1) };
    },
    againMs,
  );

interface ListPartsProps<Row> {
  query: Parts<Row>;
  /** `md` for customers. */
  size?: 'sm' | 'md';
  /** `isWhole`: no further row may follow. */
  children: (rows: Row[], isWhole: boolean) => React.ReactNode;
}

/** All rows that were read by now, and how to get the next ones. */
export function ListParts<Row>({ query, size = 'sm', children }: ListPartsProps<Row>) {
  const { texts, language } = useReading();
  return (
    <Asked query={query}>
      {({ pages }) => {
        const rows = pages.flatMap(({ items }) => items);
        const { total, total_is_exact: isExact = true } = pages[0] ?? {};
        return (
          <>
            {children(rows, !query.hasNextPage)}
            <div className={classes.below}>
              {query.hasNextPage && (
                <Button
                  size={size}
                  variant="default"
                  loading={query.isFetchingNextPage}
                  onClick={() => void query.fetchNextPage()}
                >
                  {texts.common.more}
                </Button>
              )}
              {total !== undefined && rows.length > 0 && (
                <span>{texts.common.rows(total.toLocaleString(language), isExact)}</span>
              )}
            </div>
          </>
        );
      }}
    </Asked>
  );
}
