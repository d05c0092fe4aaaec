/** Rows of facts: one table for all pages. */
import { Fragment, type KeyboardEvent, type ReactNode } from 'react';
import classes from './parts.module.css';

export interface Column<Row> {
  head: ReactNode;
  cell: (row: Row) => ReactNode;
  /** Figures stand on the right. */
  isFigure?: boolean;
  /** Left out where the window is narrow. */
  isExtra?: boolean;
  /** Whether the rows are in its order. */
  sort?: 'ascending' | 'descending' | undefined;
}

interface RowsProps<Row> {
  /** What the table shows, for those who hear it. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** Opens a row, by a click, or by Enter when it has the focus. */
  onOpen?: (row: Row) => void;
  /** Lines below the rows, such as sums: a cell for each column. */
  foot?: readonly (readonly ReactNode[])[];
  /** What stands below a row that is open; null for every other one. */
  below?: (row: Row) => ReactNode;
}

export function Rows<Row>({ caption, columns, rows, keyOf, onOpen, foot = [], below }: RowsProps<Row>) {
  return (
    // Where no row takes the focus the frame does, so that a keyboard can scroll it.
    <div className={classes.scroll} {...(!onOpen && { role: 'group', 'aria-label': caption, tabIndex: 0 })}>
      <table className={classes.table} aria-label={caption}>
        <thead>
          <tr>
            {columns.map(({ head, isFigure, isExtra, sort }, index) => (
              <th
                // biome-ignore lint/suspicious/noArrayIndexKey: columns of a table do not change places
                key={index}
                scope="col"
                aria-sort={sort}
                data-side={isFigure ? 'right' : undefined}
                data-extra={isExtra ? '' : undefined}
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => {
            const opened = below?.(row) ?? null;
            return (
              <Fragment key={keyOf(row)}>
                <tr
                  data-opens={onOpen ? '' : undefined}
                  data-chosen={opened === null ? undefined : ''}
                  tabIndex={onOpen ? 0 : undefined}
                  onClick={onOpen && (() => onOpen(row))}
                  onKeyDown={onOpen && (event => onKey(event, () => onOpen(row)))}
                >
                  {columns.map(({ cell, isFigure, isExtra }, index) => (
                    <td
                      // biome-ignore lint/suspicious/noArrayIndexKey: as above
                      key={index}
                      data-side={isFigure ? 'right' : undefined}
                      data-extra={isExtra ? '' : undefined}
                    >
                      {cell(row)}
                    </td>
                  ))}
                </tr>
                {opened !== null && (
                  <tr>
                    <td colSpan={columns.length} className={classes.belowRow}>
                      <div>{opened}</div>
                    </td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
        {foot.length > 0 && (
          <tfoot>
            {foot.map((cells, line) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines of a foot do not change places
              <tr key={line}>
                {columns.map(({ isFigure, isExtra }, index) => {
                  const Cell = index === 0 ? 'th' : 'td';
                  return (
                    <Cell
                      // biome-ignore lint/suspicious/noArrayIndexKey: as above
                      key={index}
                      {...(index === 0 && { scope: 'row' })}
                      data-side={isFigure ? 'right' : undefined}
                      data-extra={isExtra ? '' : undefined}
                    >
                      {cells[index]}
                    </Cell>
                  );
                })}
              </tr>
            ))}
          </tfoot>
        )}
      </table>
    </div>
  );
}

/** Enter opens; J and K, or the arrows, go from row to row. */
function onKey(event: KeyboardEvent<HTMLTableRowElement>, open: () => void): void {
  if (event.target !== event.currentTarget) return;
  const { currentTarget: row, key } = event;
  // What is open below a row is no stop on the way.
  const rows = [...(row.parentElement?.querySelectorAll<HTMLElement>(':scope > [data-opens]') ?? [])];
  const at = rows.indexOf(row);
  const next = { j: rows[at + 1], ArrowDown: rows[at + 1], k: rows[at - 1], ArrowUp: rows[at - 1] }[key];
  if (key === 'Enter') open();
  else if (next) next.focus();
  else return;
  event.preventDefault();
}

/** A text that a stranger chose: one line, as it is, cut where it is too long, and never turning the text around it. */
export function Clipped({ children }: { children: string }) {
  return (
    <span className={classes.clipped} title={children} dir="auto">
      {children}
    </span>
  );
}
