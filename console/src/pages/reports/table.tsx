/** The rows of a report, whatever its columns are: aligned, sorted by any of them, with the sums that say something. */
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ReportRow } from '../../api/operations';
import { placesOf } from '../../parts/amounts';
import { Amount, Instant } from '../../parts/shown';
import { Clipped, type Column, Rows } from '../../parts/table';
import { instantOf } from '../../parts/times';
import { useReading } from '../../texts/texts';
import { isFigure, kindOf } from './catalogue';
import { figureText } from './figures';
import classes from './reports.module.css';
import { columnsOf, sorted, sumsOf, type Value } from './rows';
import { useWords } from './words';

interface ReportTableProps {
  caption: string;
  rows: readonly ReportRow[];
  /** Whether there are more rows than these. */
  isCut: boolean;
  /** A column, with a minus for the largest first; in the order of the report if not given. */
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
}

export function ReportTable({ caption, rows, isCut, sort, onSort }: ReportTableProps) {
  const { texts, language } = useReading();
  const words = useWords();
  const { common } = texts;
  const all = columnsOf(rows);
  const [only, ...moreCurrencies] = new Set(rows.map(({ currency }) => currency));
  // Where all is of one currency, it stands in the heads of its columns.
  const currency = moreCurrencies.length === 0 && typeof only === 'string' && only !== '' ? only : undefined;
  const shown = currency === undefined ? all : all.filter(column => column !== 'currency');
  const sortedBy = sort?.replace(/^-/, '');
  const isDown = sort?.startsWith('-') ?? false;
  const inOrder = sortedBy !== undefined && all.includes(sortedBy) ? sorted(rows, sortedBy, isDown) : rows;
  const sums = sumsOf(rows);
  const named = (column: string) => words.columns[column] ?? column;
  const places = new Map(
    shown
      .filter(column => kindOf(column) === 'money' || kindOf(column) === 'minutes')
      .map(column => {
        const values = rows.map(row => row[column]).filter(value => value !== null && value !== undefined);
        return [column, placesOf([...values.map(String), ...sums.map(({ sums: of }) => of.get(column) ?? '0')])];
      }),
  );
  const columns = shown.map((column): Column<ReportRow> => {
    const isSorted = column === sortedBy;
    const head = kindOf(column) === 'money' && currency ? `${named(column)}, ${currency}` : named(column);
    // Figures first from the top, names from the beginning; then the other way; then as the report has them.
    const [first, second] = isFigure(column) ? [`-${column}`, column] : [column, `-${column}`];
    const next = sort === first ? second : sort === second ? undefined : first;
    return {
      head: (
        <button type="button" className={classes.sort} title={words.sortBy(head)} onClick={() => onSort(next)}>
          <span>{head}</span>
          <span aria-hidden="true">{isSorted ? (isDown ? '▾' : '▴') : ''}</span>
        </button>
      ),
      sort: isSorted ? (isDown ? 'descending' : 'ascending') : undefined,
      isFigure: isFigure(column),
      cell: row => <Cell column={column} value={row[column] ?? null} places={places.get(column)} />,
    };
  });
  const sumName = isCut ? words.sumOfShown(rows.length.toLocaleString(language)) : words.sum;
  const foot = sums.map(({ currency: of, sums: values }) =>
    shown.map((column, index): ReactNode => {
      if (index === 0) return sumName;
      if (column === 'currency') return of || common.none;
      const value = values.get(column);
      if (value === undefined) return null;
      return <Cell key={column} column={column} value={value} places={places.get(column)} />;
    }),
  );
  return (
    <Rows
      caption={caption}
      columns={columns}
      rows={inOrder}
      keyOf={row => all.map(column => row[column]).join('\u0000')}
      foot={foot}
    />
  );
}

function Cell({ column, value, places }: { column: string; value: Value; places: number | undefined }) {
  const { texts, language } = useReading();
  if (value === null || value === '') return texts.common.none;
  const text = String(value);
  switch (kindOf(column)) {
    case 'money':
    case 'minutes':
      return <Amount value={text} {...(places !== undefined && { places })} />;
    case 'count':
    case 'seconds':
    case 'percent':
      return figureText(column, text, language);
    case 'instant':
      return <Instant at={new Date(instantOf(text)).toISOString()} />;
    case 'account':
      return (
        <Link className={classes.link} to="/accounts/$accountcode" params={{ accountcode: text }}>
          <Clipped>{text}</Clipped>
        </Link>
      );
    case 'call':
      return (
        <Link className={classes.link} to="/calls/$uniqueid" params={{ uniqueid: text }}>
          <Clipped>{text}</Clipped>
        </Link>
      );
    case 'trunk':
      // The report's own word for calls without one.
      return text === '(no trunk)' ? (
        text
      ) : (
        <Link className={classes.link} to="/calls" search={{ trunk: text }}>
          <Clipped>{text}</Clipped>
        </Link>
      );
    default:
      return <Clipped>{text}</Clipped>;
  }
}
