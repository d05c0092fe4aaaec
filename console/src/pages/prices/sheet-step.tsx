/** How a file was understood, column by column, to be corrected before anything is sent. */
import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { Sheet as SheetKept } from '../../api/operations';
import { Empty, Note } from '../../parts/page';
import { useReading } from '../../texts/texts';
import { KeptSheet, useKeptSheet } from './kept-sheet';
import classes from './prices.module.css';
import { type Encoding, MOST_READ_BYTES, NoText, textIn } from './sheet/bytes';
import type { DayOrder, Hyphen, Mark } from './sheet/cells';
import { headerAt, isOurHeader, MAY_REPEAT, MEANINGS, type Meaning, meaningsIn } from './sheet/columns';
import { choicesOf, meaningsByKept, readingOf } from './sheet/kept';
import { type Choices, type Doubt, defaultIncrements, LEFT_OUT, type Read, read } from './sheet/reading';
import { rowsOf, SEPARATORS, type Separator, type SheetRow, separatorOf } from './sheet/rows';
import { useWords } from './words';

/** A file that was chosen. */
export interface Opened {
  name: string;
  file: File;
  /** null if it is too large to be shown, or no text. */
  text: string | null;
  encoding: Encoding;
  isNoText: boolean;
  /** When it was opened: the same file again begins anew. */
  at: number;
}

export async function openSheet(file: File): Promise<Opened> {
  const opened = { name: file.name, file, text: null, encoding: 'utf-8' as const, isNoText: false, at: Date.now() };
  if (file.size > MOST_READ_BYTES) return opened;
  try {
    return { ...opened, ...(await textIn(file)) };
  } catch (error) {
    // What is packed and broken is no text either.
    if (error instanceof NoText || error instanceof TypeError) return { ...opened, isNoText: true };
    throw error;
  }
}

interface Ready {
  body: Blob;
  originOf: (line: number) => { line: number; text: string };
}

interface SheetProps {
  opened: Opened;
  /** The deck that it is imported into; undefined for a new one. */
  deck: string | undefined;
  /** Its name, also of a new one; '' before it has any. */
  target: string;
  currency: string;
  /** What the button says. */
  go: string;
  isBusy: boolean;
  canSend: boolean;
  onSend: (ready: Ready) => void;
}

export function Sheet({ opened, deck, ...more }: SheetProps) {
  const words = useWords();
  const kept = useKeptSheet(deck);
  const { text, file, isNoText } = opened;
  if (isNoText) return <Note mood="wrong">{words.noText}</Note>;
  if (text === null || isOurHeader(firstCells(text))) {
    const lines = () => (text ?? '').split(/\r\n|\n|\r/);
    const originOf = (line: number) => ({ line, text: text === null ? '' : (lines()[line - 1] ?? '') });
    return (
      <>
        <p className={classes.lead}>{text === null ? words.tooLarge : words.isOurs}</p>
        <Go {...more} onGo={() => more.onSend({ body: file, originOf })} />
      </>
    );
  }
  // Otherwise the columns would change their meanings under the hands of who corrects them.
  if (kept === undefined) return null;
  return <Columns key={deck} text={text} encoding={opened.encoding} kept={kept} {...more} />;
}

const firstCells = (text: string): string[] => rowsOf(text.replace(/^\ufeff/, ''), ',', 1)[0]?.cells ?? [];

function Go({ go, isBusy, canSend, onGo }: Pick<SheetProps, 'go' | 'isBusy' | 'canSend'> & { onGo: () => void }) {
  return (
    <div className={classes.buttons}>
      <Button disabled={!canSend || isBusy} onClick={onGo}>
        {go}
      </Button>
    </div>
  );
}

/** Rows that are shown of the sheet. */
const SHOWN = 5;
/** Rows among which the header is chosen. */
const HEADERS = 20;

function Columns({
  text,
  encoding,
  currency,
  target,
  kept,
  onSend,
  ...go
}: Omit<SheetProps, 'opened' | 'deck'> & { text: string; encoding: Encoding; kept: SheetKept | null }) {
  const { language } = useReading();
  const words = useWords();
  const plain = useMemo(() => text.replace(/^\ufeff/, ''), [text]);
  const [separator, setSeparator] = useState<Separator>(() => separatorOf(plain));
  const rows = useMemo(() => rowsOf(plain, separator), [plain, separator]);
  const [header, setHeader] = useState<number | null>(null);
  const place = header ?? headerAt(rows);
  const guessed = useMemo(() => meaningsIn(rows, place), [rows, place]);
  const [corrected, setCorrected] = useState<Record<number, Meaning | null>>({});
  const namesOfAll = useMemo(() => guessed.map((_, at) => rows[place]?.cells[at] ?? ''), [guessed, rows, place]);
  const ofKept = useMemo(() => kept && meaningsByKept(kept, namesOfAll, guessed), [kept, namesOfAll, guessed]);
  const [chosen, setChoices] = useState<Choices>({});
  const choices = useMemo(() => ({ ...(kept && ofKept && choicesOf(kept)), ...chosen }), [kept, ofKept, chosen]);
  const meanings = (ofKept?.meanings ?? guessed).map((meaning, at) =>
    at in corrected ? (corrected[at] ?? null) : meaning,
  );
  const meansText = meanings.join(' ');
  const below = useMemo(() => rows.slice(place + 1), [rows, place]);
  const result = useMemo(
    () =>
      read(
        below,
        meansText.split(' ').map(word => MEANINGS.find(each => each === word) ?? null),
        choices,
        {
          currency,
          today: new Date().toISOString().slice(0, 10),
          names: rows[place]?.cells ?? [],
          notices: rows.slice(0, Math.max(0, place)),
        },
      ),
    [rows, place, below, meansText, choices, currency],
  );
  const choose = (at: number, meaning: Meaning | null) => {
    // What another column meant moves here.
    const others = meanings.flatMap((each, other) =>
      other !== at && each === meaning && meaning !== null && !MAY_REPEAT.includes(meaning)
        ? [[other, null] as const]
        : [],
    );
    setCorrected({ ...corrected, ...Object.fromEntries(others), [at]: meaning });
  };
  const anew = () => {
    setCorrected({});
    setHeader(null);
  };
  const names = rows[place]?.cells ?? [];
  const notices = place > 0 ? rows.slice(0, place) : [];
  if (rows.length === 0) return <Empty>{words.emptyFile}</Empty>;
  const isReady = result.questions.length === 0 && result.problemCount === 0 && result.lineOf.length > 1;
  const increments = defaultIncrements(choices.increments);
  const reading = isReady
    ? readingOf(namesOfAll, meanings, separator, choices, increments && `${increments.initial}/${increments.next}`)
    : null;
  const send = () =>
    onSend({
      body: new Blob([result.csv.join('\n'), '\n'], { type: 'text/csv' }),
      originOf: line => originIn(result, rows, line),
    });
  return (
    <>
      <div className={classes.fields}>
        <NativeSelect
          label={words.separator}
          data={SEPARATORS.map(each => ({ value: each, label: words.separators[each] }))}
          value={separator}
          onChange={event => {
            setSeparator(SEPARATORS.find(each => each === event.currentTarget.value) ?? ',');
            anew();
          }}
        />
        <NativeSelect
          label={words.header}
          data={[
            { value: '-1', label: words.noHeader },
            ...rows.slice(0, HEADERS).map(({ line, cells }, at) => ({
              value: String(at),
              label: words.headerLine(
                line,
                cells
                  .filter(cell => cell !== '')
                  .join(' · ')
                  .slice(0, 60),
              ),
            })),
          ]}
          value={String(place)}
          onChange={event => {
            setHeader(Number(event.currentTarget.value));
            setCorrected({});
          }}
        />
        <TextInput
          label={words.defaultIncrements}
          description={words.defaultIncrementsHelp}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          placeholder="60/1"
          autoComplete="off"
          error={
            choices.increments && defaultIncrements(choices.increments) === null ? words.incrementsUnclear : undefined
          }
          value={choices.increments ?? ''}
          onChange={event => setChoices({ ...choices, increments: event.currentTarget.value })}
        />
        <Choice
          label={words.hyphen}
          words={words.hyphens}
          isAsked={result.questions.includes('hyphen')}
          value={choices.hyphen}
          onChoose={(hyphen: Hyphen) => setChoices({ ...choices, hyphen })}
        />
        <Choice
          label={words.mark}
          words={words.marks}
          isAsked={result.questions.includes('mark')}
          value={choices.mark}
          onChoose={(mark: Mark) => setChoices({ ...choices, mark })}
        />
        <Choice
          label={words.order}
          words={words.orders}
          isAsked={result.questions.includes('order')}
          value={choices.order}
          onChoose={(order: DayOrder) => setChoices({ ...choices, order })}
        />
      </div>
      {notices.length > 0 && (
        <details>
          <summary>{words.notices(notices.length)}</summary>
          <Quoted rows={notices} label={words.notices(notices.length)} />
        </details>
      )}
      {target !== '' && (
        <KeptSheet
          deck={target}
          kept={kept}
          isUsed={ofKept != null}
          missing={ofKept?.missing ?? []}
          reading={reading}
          onForgotten={anew}
        />
      )}
      <Understood names={names} rows={below.slice(0, SHOWN)} meanings={meanings} onChoose={choose} />
      <div className={classes.notes} style={{ marginTop: 16 }}>
        {encoding !== 'utf-8' && <Note mood="attention">{words.otherEncoding(encoding)}</Note>}
        {result.questions.map(
          question =>
            // A doubt has its own box, below.
            question in words.questions && (
              <Note key={question} mood="attention">
                {words.questions[question as keyof typeof words.questions]}
              </Note>
            ),
        )}
        {result.doubts.map(doubt => (
          <Doubted
            key={doubt.id}
            doubt={doubt}
            currency={currency}
            isConfirmed={!result.questions.includes(doubt.about)}
            onConfirm={isConfirmed => {
              const others = (choices.confirmed ?? []).filter(id => id !== doubt.id);
              setChoices({ ...choices, confirmed: isConfirmed ? [...others, doubt.id] : others });
            }}
          />
        ))}
        {result.later > 0 && <Note mood="attention">{words.later(result.later.toLocaleString(language))}</Note>}
      </div>
      <BlockedLines rows={result.blocked} />
      <LeftOutLines leftOut={result.leftOut} />
      {result.problemCount > 0 && <Problems result={result} />}
      {result.questions.length === 0 && (
        <p className={classes.lead} role="status">
          {words.understood(
            below.length.toLocaleString(language),
            (result.lineOf.length - 1 - result.removed).toLocaleString(language),
          )}
        </p>
      )}
      <Go {...go} canSend={go.canSend && isReady} onGo={send} />
    </>
  );
}

interface DoubtedProps {
  doubt: Doubt;
  currency: string;
  isConfirmed: boolean;
  onConfirm: (isConfirmed: boolean) => void;
}

/** Texts of a doubt that are shown. */
const FOUND = 5;

/** What the sheet says against the reading of it; nothing is uploaded before a person says that the reading is right. */
function Doubted({ doubt: { about, found }, currency, isConfirmed, onConfirm }: DoubtedProps) {
  const words = useWords();
  return (
    <Note mood="attention">
      {words.doubts[about].found}{' '}
      {found.slice(0, FOUND).map((text, at) => (
        <span key={text}>
          {at > 0 && ', '}“<bdi>{text.slice(0, 80)}</bdi>”
        </span>
      ))}
      {found.length > FOUND && ', …'}. {words.doubts[about].todo(currency)}
      <Checkbox
        mt={8}
        label={words.doubts[about].confirm(currency)}
        checked={isConfirmed}
        onChange={event => onConfirm(event.currentTarget.checked)}
      />
    </Note>
  );
}

/** Where a line of what was sent comes from. */
function originIn(result: Read, rows: readonly SheetRow[], line: number): { line: number; text: string } {
  const origin = result.lineOf[line - 1] ?? line;
  return { line: origin, text: rows.find(row => row.line === origin)?.cells.join(' · ') ?? '' };
}

interface ChoiceProps<Word extends string> {
  label: string;
  words: Record<Word, string>;
  isAsked: boolean;
  value: Word | undefined;
  onChoose: (word: Word) => void;
}

/** What a sheet leaves open; not there where it does not. */
function Choice<Word extends string>({ label, words, isAsked, value, onChoose }: ChoiceProps<Word>) {
  const prices = useWords();
  if (!isAsked && value === undefined) return null;
  const choices = Object.entries(words) as [Word, string][];
  return (
    <NativeSelect
      label={label}
      data={[
        ...(value === undefined ? [{ value: '', label: prices.choose }] : []),
        ...choices.map(([word, text]) => ({ value: word, label: text })),
      ]}
      value={value ?? ''}
      onChange={event => {
        const chosen = choices.find(([word]) => word === event.currentTarget.value)?.[0];
        if (chosen !== undefined) onChoose(chosen);
      }}
    />
  );
}

interface UnderstoodProps {
  names: readonly string[];
  rows: readonly SheetRow[];
  meanings: readonly (Meaning | null)[];
  onChoose: (at: number, meaning: Meaning | null) => void;
}

/** Each column with its name, its meaning, and its first values. */
function Understood({ names, rows, meanings, onChoose }: UnderstoodProps) {
  const words = useWords();
  const data = [
    { value: '', label: words.leaveOut },
    ...MEANINGS.map(meaning => ({ value: meaning, label: words.meanings[meaning] })),
  ];
  return (
    <section className={classes.sheet} aria-label={words.columnsUnderstood}>
      {meanings.map((meaning, at) => {
        const name = names[at] || words.column(at + 1);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: columns of a sheet do not change places
          <div key={at} className={classes.column} data-is={meaning === null ? 'out' : 'in'}>
            <NativeSelect
              label={<bdi>{name}</bdi>}
              data={data}
              value={meaning ?? ''}
              onChange={event => onChoose(at, MEANINGS.find(each => each === event.currentTarget.value) ?? null)}
            />
            <ul>
              {rows.map(row => (
                <li key={row.line} dir="auto">
                  {row.cells[at] || '–'}
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </section>
  );
}

function Quoted({ rows, label }: { rows: readonly SheetRow[]; label: string }) {
  const words = useWords();
  return (
    <table className={classes.lines} aria-label={label}>
      <tbody>
        {rows.slice(0, 50).map(({ line, cells }) => (
          <tr key={line}>
            <td>{words.line(line)}</td>
            <td dir="auto">{cells.filter(cell => cell !== '').join(' · ')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Lines that make a rate by which calls are refused. */
function BlockedLines({ rows }: { rows: readonly SheetRow[] }) {
  const words = useWords();
  if (rows.length === 0) return null;
  const label = words.blockedLines(rows.length);
  return (
    <details>
      <summary>{label}</summary>
      <Quoted rows={rows} label={label} />
    </details>
  );
}

/** Lines that make no rate, by why. What they name may have the price of a shorter prefix. */
function LeftOutLines({ leftOut }: { leftOut: Read['leftOut'] }) {
  const words = useWords();
  return LEFT_OUT.filter(why => leftOut[why].length > 0).map(why => {
    const label = words.leftOut[why](leftOut[why].length);
    return (
      <details key={why}>
        <summary>{label}</summary>
        <Quoted rows={leftOut[why]} label={label} />
      </details>
    );
  });
}

function Problems({ result }: { result: Read }) {
  const { language } = useReading();
  const words = useWords();
  const title = words.problems(result.problemCount, result.problemCount.toLocaleString(language));
  return (
    <div className={classes.problems}>
      <Note mood="wrong">{title}</Note>
      <table className={classes.lines} aria-label={title}>
        <tbody>
          {result.problems.map(({ line, problem, cell, row }) => (
            <tr key={`${line} ${problem}`}>
              <td>{words.line(line)}</td>
              <td>
                <bdi>“{cell}”</bdi> {words.cellProblems[problem]}
                <span className={classes.quoted} dir="auto">
                  {row}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
