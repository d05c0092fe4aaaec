/** The codes of a new batch as a sheet that is printed and cut. It is the only place where they are: the database has their hashes. */
import { Button, Paper, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { forgetHeld } from '../../api/held';
import { readable } from '../../parts/amounts';
import { LeaveQuestion } from '../../parts/leave-question';
import { Note, Page } from '../../parts/page';
import { useReading } from '../../texts/texts';
import { type Batch, useBatch } from './codes';
import type { Issued } from './make';
import type { Kind } from './search';
import classes from './sheet.module.css';
import { grouped } from './spans';
import { useWords } from './words';

interface SheetProps {
  kind: Kind;
  issued: Issued;
  onKept: () => void;
}

export function Sheet({ kind, issued: { batch, codes }, onKept }: SheetProps) {
  const { language } = useReading();
  const words = useWords();
  const facts = useBatch(kind, batch).data ?? null;
  const [print, setPrint] = usePrinted(kind);
  const title = words.of[kind].sheet(batch, codes.length.toLocaleString(language));
  // The page that made them was long: a sheet is read from its beginning.
  useEffect(() => {
    // Newer browsers return a promise, which is nothing to undo an effect by.
    void window.scrollTo(0, 0);
  }, []);
  return (
    <Page title={title}>
      <div data-screen="" className={classes.top}>
        <Note mood="attention">{words.of[kind].shownOnce}</Note>
        <LeaveQuestion onLeave={forgetHeld}>{words.of[kind].leave}</LeaveQuestion>
        <Paper withBorder p={16}>
          <div className={classes.fields}>
            <TextInput
              label={words.sheetName}
              description={words.sheetNameHelp}
              inputWrapperOrder={['label', 'input', 'description']}
              placeholder="Example Telecom"
              maxLength={40}
              dir="auto"
              value={print.name}
              onChange={event => setPrint({ ...print, name: event.currentTarget.value })}
            />
            <TextInput
              label={words.sheetHow}
              description={words.of[kind].sheetHowHelp}
              inputWrapperOrder={['label', 'input', 'description']}
              placeholder={words.of[kind].sheetHowExample}
              maxLength={160}
              dir="auto"
              value={print.how}
              onChange={event => setPrint({ ...print, how: event.currentTarget.value })}
            />
          </div>
          <div className={classes.buttons}>
            <Button onClick={() => window.print()}>{words.print}</Button>
            <Button variant="default" onClick={() => save(kind, batch, codes)}>
              {words.of[kind].save}
            </Button>
            <Button variant="default" onClick={onKept}>
              {words.kept}
            </Button>
          </div>
        </Paper>
      </div>
      <ul className={classes.sheet} aria-label={title}>
        {codes.map(({ serial, code }) => (
          <li key={serial} className={classes.card}>
            <div className={classes.head}>
              <span className={classes.issuer} dir="auto">
                {print.name}
              </span>
              {facts && (
                <b>
                  {readable(facts.value, language)} {facts.currency}
                </b>
              )}
            </div>
            <div className={classes.secret}>
              <span>{words.of[kind].code}</span>
              <code>{grouped(code)}</code>
            </div>
            {print.how !== '' && (
              <p className={classes.how} dir="auto">
                {print.how}
              </p>
            )}
            <div className={classes.foot}>
              <span>{words.of[kind].serial(String(serial))}</span>
              {facts && <Validity facts={facts} />}
            </div>
          </li>
        ))}
      </ul>
    </Page>
  );
}

/** Until when it is good; nothing if it never ends. */
function Validity({ facts: { expires_at: at, expires_days: days = null } }: { facts: Batch }) {
  const { language } = useReading();
  const words = useWords();
  const day = at === null ? null : new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(new Date(at));
  const parts = [...(days === null ? [] : [words.goodDays(days)]), ...(day === null ? [] : [words.goodUntil(day)])];
  return <span>{parts.join(' · ')}</span>;
}

interface Printed {
  /** Whose cards they are. */
  name: string;
  /** What a caller does with one. */
  how: string;
}

/** What stands on each of them besides its code: kept in this browser for the next batch. */
function usePrinted(kind: Kind): [Printed, (printed: Printed) => void] {
  const key = `ringfence.sheet.${kind}`;
  const [printed, setPrinted] = useState<Printed>(() => {
    try {
      const { name, how } = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Printed>;
      return { name: String(name ?? ''), how: String(how ?? '') };
    } catch {
      return { name: '', how: '' };
    }
  });
  return [
    printed,
    next => {
      localStorage.setItem(key, JSON.stringify(next));
      setPrinted(next);
    },
  ];
}

/** The file that `ringfence card generate --out` writes: for a printing house. */
function save(kind: Kind, batch: string, codes: Issued['codes']): void {
  const head = kind === 'cards' ? 'serial,pin' : 'serial,code';
  const lines = [head, ...codes.map(({ serial, code }) => `${serial},${code}`)];
  const url = URL.createObjectURL(new Blob([`${lines.join('\n')}\n`], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${batch.replace(/[^\p{L}\p{N}._-]/gu, '_')}.csv`;
  link.click();
  URL.revokeObjectURL(url);
}
