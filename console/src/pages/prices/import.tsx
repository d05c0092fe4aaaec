/** Imports a price list in four steps that all stay in sight: the file, its columns, what it changes, done. */
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { createLazyRoute, Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Refused, told } from '../../api/ask';
import { useChange } from '../../api/change';
import { type DeckPreview, deckDeleteVersion, deckPublish } from '../../api/operations';
import { useMay, useSession } from '../../api/session';
import { NoPermission } from '../../parts/no-permission';
import { Note, Page, RefusalNote } from '../../parts/page';
import { Instant } from '../../parts/shown';
import { useReading } from '../../texts/texts';
import { staleOf, useDeckList, usePreview, useVersions } from './deck-query';
import { Differences } from './differences';
import classes from './prices.module.css';
import { given, type ImportSearch } from './search';
import { type Opened, openSheet, Sheet } from './sheet-step';
import { beginUpload, forgetUpload, type Upload, useUploading } from './uploading';
import { useWeight, Weight } from './weight';
import { useWords } from './words';

export const Route = createLazyRoute('/prices/import')({ component: ImportPage });

function ImportPage() {
  const words = useWords();
  const may = useMay();
  if (!may('deckLoad')) return <NoPermission title={words.importList} />;
  return <Import />;
}

function Import() {
  const words = useWords();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const { session_number: session } = useSession();
  const uploading = useUploading(session);
  const set = (more: { [Name in keyof ImportSearch]: ImportSearch[Name] | undefined }) =>
    void navigate({ search: given({ ...search, ...more }), replace: true, resetScroll: false });
  const { deck, version } = search;
  const preview = uploading?.preview;
  // The address is what the next person, or this one tomorrow, opens.
  useEffect(() => {
    if (preview) {
      void navigate({ search: { deck: preview.deck, version: preview.version }, replace: true });
      forgetUpload();
    }
  }, [preview, navigate]);
  const isUploaded = deck !== undefined && version !== undefined;
  return (
    <Page
      title={words.importList}
      hasTimes
      actions={
        <Button
          variant="default"
          renderRoot={props =>
            deck === undefined ? (
              <Link {...props} to="/prices" />
            ) : (
              <Link {...props} to="/prices/decks/$deck" params={{ deck }} />
            )
          }
        >
          {words.leave}
        </Button>
      }
    >
      <ol className={classes.steps}>
        {isUploaded ? (
          <Uploaded key={`${deck} ${version}`} deck={deck} version={version} search={search} onSearch={set} />
        ) : (
          <FromFile deck={deck} onDeck={name => set({ deck: name })} />
        )}
      </ol>
    </Page>
  );
}

interface StepProps {
  title: string;
  is: 'now' | 'done' | 'later';
  children?: ReactNode;
}

function Step({ title, is, children }: StepProps) {
  return (
    <li className={classes.step} data-is={is} aria-current={is === 'now' ? 'step' : undefined}>
      <h2>{title}</h2>
      {children}
    </li>
  );
}

const NEW = '';

/** What a file of a deck that has prices already is. */
const FILES = ['whole', 'changes'] as const;
type FileIs = (typeof FILES)[number];

interface FromFileProps {
  deck: string | undefined;
  onDeck: (deck: string | undefined) => void;
}

function FromFile({ deck, onDeck }: FromFileProps) {
  const words = useWords();
  const decks = useDeckList();
  const queries = useQueryClient();
  const { session_number: session } = useSession();
  const uploading = useUploading(session);
  const [currency, setCurrency] = useState('EUR');
  const [name, setName] = useState('');
  const [fileIs, setFileIs] = useState<FileIs | null>(null);
  const [opened, setOpened] = useState<Opened | null>(null);
  const [unread, setUnread] = useState<string | null>(null);
  const wanted = useRef<File | null>(null);
  const open = (file: File | null) => {
    wanted.current = file;
    // Gone at once: the file before it must not be uploaded under the name of this one.
    setOpened(null);
    setUnread(null);
    // Never guessed: another file may be of another kind.
    setFileIs(null);
    if (!file) return;
    const isWanted = () => wanted.current === file;
    openSheet(file).then(
      next => isWanted() && setOpened(next),
      () => isWanted() && setUnread(file.name),
    );
  };
  const [last, setLast] = useState<Upload | null>(null);
  const known = decks.data?.items ?? [];
  const chosen = known.find(each => each.deck === deck);
  const isNew = chosen === undefined;
  const hasPrices = chosen !== undefined && chosen.version > 0;
  const target = chosen ? chosen.deck : name.trim();
  const of = chosen?.currency ?? currency.trim().toUpperCase();
  const send = (upload: Pick<Upload, 'body' | 'originOf'>, source: string) => {
    const namesChanges = hasPrices && fileIs === 'changes';
    const next = { ...upload, session, deck: target, source, currency: isNew ? of : undefined, namesChanges };
    setLast(next);
    void beginUpload(next, queries);
  };
  const isBusy = uploading !== null && uploading.error === null;
  const isKnown = target !== '' && /^[A-Z]{3}$/.test(of);
  const canSend = isKnown && (!hasPrices || fileIs !== null);
  const nextIs = target === '' ? words.nameFirst : canSend ? words.upload(target) : words.fileIsFirst;
  return (
    <>
      <Step title={words.steps.file} is={opened ? 'done' : 'now'}>
        <div className={classes.fields}>
          <NativeSelect
            label={words.intoDeck}
            description={words.intoDeckHelp}
            inputWrapperOrder={['label', 'input', 'description']}
            data={[
              { value: NEW, label: words.newDeck },
              ...known.map(each => ({ value: each.deck, label: `${each.deck} (${each.currency})` })),
            ]}
            value={chosen?.deck ?? NEW}
            disabled={isBusy}
            onChange={event => onDeck(event.currentTarget.value || undefined)}
          />
          {isNew && (
            <>
              <TextInput
                label={words.deckName}
                autoComplete="off"
                dir="auto"
                maxLength={40}
                value={name}
                disabled={isBusy}
                onChange={event => setName(event.currentTarget.value)}
              />
              <TextInput
                label={words.deckCurrency}
                description={words.deckCurrencyHelp}
                inputWrapperOrder={['label', 'input', 'description']}
                autoComplete="off"
                maxLength={3}
                value={currency}
                disabled={isBusy}
                onChange={event => setCurrency(event.currentTarget.value)}
              />
            </>
          )}
        </div>
        <label className={classes.fileLabel}>
          {words.theFile}
          <input
            className={classes.fileInput}
            type="file"
            accept=".csv,.txt,.tsv,.gz,text/csv,text/plain"
            disabled={isBusy}
            onChange={event => {
              const [file] = event.currentTarget.files ?? [];
              if (uploading) forgetUpload();
              open(file ?? null);
            }}
          />
        </label>
        {unread !== null && (
          <Note mood="wrong">
            <bdi>{unread}</bdi>: {words.unreadable}
          </Note>
        )}
        <p className={classes.explain}>{words.fileHelp}</p>
      </Step>
      <Step title={words.steps.columns} is={opened ? 'now' : 'later'}>
        {opened && hasPrices && (
          <NativeSelect
            className={classes.fileIs}
            label={words.fileIs}
            required
            data={[
              ...(fileIs === null ? [{ value: '', label: words.choose }] : []),
              ...FILES.map(value => ({ value, label: words.filesAre[value] })),
            ]}
            value={fileIs ?? ''}
            disabled={isBusy}
            onChange={event => setFileIs(FILES.find(each => each === event.currentTarget.value) ?? null)}
          />
        )}
        {opened && (
          <Sheet
            key={opened.at}
            opened={opened}
            deck={chosen?.deck}
            target={target}
            currency={of}
            go={nextIs}
            isBusy={isBusy}
            canSend={canSend}
            onSend={upload => send(upload, opened.name)}
          />
        )}
        {uploading && <Progress onAgain={last && uploading.error ? () => void beginUpload(last, queries) : null} />}
      </Step>
      <Step title={words.steps.changes} is="later" />
      <Step title={words.steps.done} is="later" />
    </>
  );
}

/** The API tells no more of the lines that are wrong. */
const MOST_LINES = 50;

/** How far it is, or why it was refused: each line with what stands there in the carrier's own sheet. */
function Progress({ onAgain }: { onAgain: (() => void) | null }) {
  const { texts, language } = useReading();
  const words = useWords();
  const { common } = texts;
  const { session_number: session } = useSession();
  const uploading = useUploading(session);
  if (!uploading) return null;
  const { sent, bytes, error, originOf, deck, source } = uploading;
  const kilo = (count: number) => Math.ceil(count / 1_000).toLocaleString(language);
  if (error?.refusal === 'stopped') return null;
  if (error && error.lines.length > 0) {
    const { length } = error.lines;
    return (
      <div className={classes.progress}>
        <Note mood="wrong">
          {error.detail} {length === MOST_LINES && words.firstLines(length)}
        </Note>
        <table className={classes.lines} aria-label={words.linesWrong}>
          <tbody>
            {error.lines.map(({ line, says }) => {
              const origin = originOf(line);
              const why = says(place => originOf(place).line);
              return (
                <tr key={`${line} ${why}`}>
                  <td>{words.line(origin.line)}</td>
                  <td>
                    {why}
                    {origin.text && (
                      <span className={classes.quoted} dir="auto">
                        {origin.text}
                      </span>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    );
  }
  if (error) {
    return (
      <div className={classes.progress}>
        <RefusalNote error={error} />
        {onAgain && (
          <div>
            <Button variant="default" onClick={onAgain}>
              {common.again}
            </Button>
          </div>
        )}
      </div>
    );
  }
  return (
    <div className={classes.progress} role="status">
      <span>
        {sent < bytes ? words.sending(kilo(sent), kilo(bytes)) : words.checking} <bdi>{source}</bdi> → <bdi>{deck}</bdi>
      </span>
      <progress max={bytes} value={sent} aria-label={words.sending(kilo(sent), kilo(bytes))} />
      <span className={classes.explain}>{words.mayLeave}</span>
      <div>
        <Button size="xs" variant="default" onClick={forgetUpload}>
          {words.stop}
        </Button>
      </div>
    </div>
  );
}

interface UploadedProps {
  deck: string;
  version: number;
  search: ImportSearch;
  onSearch: (more: { [Name in keyof ImportSearch]: ImportSearch[Name] | undefined }) => void;
}

/** The steps after the upload. Everything is asked of the API: they are the same for a colleague who opens the address. */
function Uploaded({ deck, version, search, onSearch }: UploadedProps) {
  const { language } = useReading();
  const words = useWords();
  const versions = useVersions(deck);
  const its = versions.data?.items.find(each => each.version === version);
  const isWaiting = its?.waiting === true;
  const preview = usePreview(deck, version, isWaiting);
  const [isGone, setGone] = useState(false);
  const source = preview.data?.source ?? its?.source ?? '';
  const count = (preview.data?.rates ?? its?.rates ?? 0).toLocaleString(language);
  if (isGone) {
    return (
      <Step title={words.steps.done} is="now">
        <Note mood="ours">{words.takenBack(version)}</Note>
        <div className={classes.buttons}>
          <Button onClick={() => onSearch({ version: undefined, replaced: undefined, only: undefined })}>
            {words.another}
          </Button>
        </div>
      </Step>
    );
  }
  const isDone = its !== undefined && !its.waiting && its.imported_at !== null;
  const missing =
    versions.error ??
    (versions.data && !its ? new Refused('version_not_found', 404, words.versionGone(version)) : null);
  return (
    <>
      <Step title={words.steps.file} is="done">
        {its && (
          <p className={classes.lead}>
            <bdi>{source}</bdi> → <bdi>{deck}</bdi>, {words.versionOf(version, count)}
          </p>
        )}
        <RefusalNote error={missing} />
      </Step>
      <Step title={words.steps.columns} is="done">
        {its && <p className={classes.lead}>{words.columnsDone}</p>}
      </Step>
      <Step title={words.steps.changes} is={isDone ? 'done' : 'now'}>
        {its && !its.waiting && !isDone && <Note mood="attention">{words.notWaiting}</Note>}
        {isWaiting && preview.isPending && <p role="status">{words.comparing}</p>}
        {isWaiting && <RefusalNote error={preview.error} />}
        {isWaiting && preview.data && (
          <Changes
            // Another version before it is another preview.
            key={preview.data.compared_with}
            preview={preview.data}
            search={search}
            onSearch={onSearch}
            onAnew={() => void preview.refetch()}
            onGone={() => setGone(true)}
          />
        )}
      </Step>
      <Step title={words.steps.done} is={isDone ? 'now' : 'later'}>
        {isDone && (
          <Done deck={deck} version={version} isCurrent={its.current} replaced={search.replaced} onSearch={onSearch} />
        )}
      </Step>
    </>
  );
}

interface ChangesProps extends Pick<UploadedProps, 'search' | 'onSearch'> {
  preview: DeckPreview;
  onAnew: () => void;
  onGone: () => void;
}

function Changes({ preview, search, onSearch, onAnew, onGone }: ChangesProps) {
  const { texts, language } = useReading();
  const words = useWords();
  const { common } = texts;
  const may = useMay();
  const { deck, version, compared_with: comparedWith, changes, needs_confirm: needsConfirm } = preview;
  const weight = useWeight(deck, version, comparedWith, comparedWith > 0);
  const [typed, setTyped] = useState('');
  const publish = useChange({
    run: (body: { compared_with: number; confirm?: boolean }, idempotencyKey) =>
      told(deckPublish({ deck, version, idempotencyKey, body })),
    stale: staleOf(deck),
    onDone: ({ replaced }) => onSearch({ replaced, only: undefined }),
  });
  const remove = useChange({
    run: (wanted: number, idempotencyKey) => told(deckDeleteVersion({ deck, version: wanted, idempotencyKey })),
    stale: staleOf(deck),
    onDone: onGone,
  });
  const isOutdated = publish.error?.refusal === 'preview_outdated' || publish.error?.refusal === 'version_outdated';
  const counts =
    changes && (['new', 'changed', 'gone', 'unchanged'] as const).map(fate => [fate, changes[fate].count] as const);
  return (
    <>
      <p className={classes.lead}>
        {comparedWith === 0 ? words.isFirst : words.comparedWith(comparedWith)} {words.waitsUntil}{' '}
        <Instant at={preview.waits_until} />.
      </p>
      {counts && (
        <dl className={classes.counts}>
          {counts.map(([fate, count]) => (
            <div key={fate}>
              <dt>{words.fates[fate]}</dt>
              <dd>{count.toLocaleString(language)}</dd>
            </div>
          ))}
        </dl>
      )}
      <div className={classes.notes}>
        {preview.any_number_line !== null && (
          <Note mood="attention">{words.ratesAnyNumber(preview.any_number_line)}</Note>
        )}
        {needsConfirm && changes && (
          <Note mood="attention">
            {words.manyGone(
              { gone: changes.gone.count, lapsed: changes.lapsed.count, blocked: changes.blocked.count },
              count => count.toLocaleString(language),
            )}
          </Note>
        )}
      </div>
      {comparedWith > 0 && <Weight deck={deck} version={version} against={comparedWith} />}
      <Differences
        deck={deck}
        version={version}
        against={comparedWith}
        only={search.only}
        onOnly={only => onSearch({ only })}
      />
      {needsConfirm && (
        <TextInput
          mt={12}
          maw={360}
          label={common.typeToConfirm(deck)}
          autoComplete="off"
          dir="auto"
          value={typed}
          onChange={event => setTyped(event.currentTarget.value)}
        />
      )}
      <div className={classes.notes}>
        {weight.isError && <Note mood="attention">{words.weightUnknown}</Note>}
        <RefusalNote error={publish.error ?? remove.error} />
      </div>
      <div className={classes.buttons}>
        {isOutdated ? (
          <Button
            onClick={() => {
              publish.reset();
              onAnew();
            }}
          >
            {words.lookAnew}
          </Button>
        ) : (
          may('deckPublish') && (
            <Button
              loading={publish.isPending}
              disabled={weight.isLoading || (needsConfirm && typed !== deck)}
              {...(needsConfirm && { color: 'red' })}
              onClick={() => publish.mutate({ compared_with: comparedWith, ...(needsConfirm && { confirm: true }) })}
            >
              {words.publish(version)}
            </Button>
          )
        )}
        {may('deckDeleteVersion') && (
          <Button variant="default" loading={remove.isPending} onClick={() => remove.mutate(version)}>
            {words.takeBackOf(version)}
          </Button>
        )}
      </div>
    </>
  );
}

interface DoneProps {
  deck: string;
  version: number;
  isCurrent: boolean;
  /** 0 or undefined for none that is known. */
  replaced: number | undefined;
  onSearch: UploadedProps['onSearch'];
}

/** What is current now, and the way back: there it is seen what that changes, as the address may name any version. */
function Done({ deck, version, isCurrent, replaced, onSearch }: DoneProps) {
  const words = useWords();
  const may = useMay();
  return (
    <>
      <Note mood={isCurrent ? 'ours' : 'attention'}>
        {isCurrent ? words.published(version) : words.isEarlier(version)}
      </Note>
      <div className={classes.buttons}>
        {isCurrent && replaced !== undefined && replaced > 0 && may('deckRestore') && (
          <Button
            variant="default"
            renderRoot={props => (
              <Link
                {...props}
                to="/prices/decks/$deck"
                params={{ deck }}
                search={{ tab: 'versions', restore: replaced }}
              />
            )}
          >
            {words.undo(replaced)}
          </Button>
        )}
        <Button variant="default" renderRoot={props => <Link {...props} to="/prices/decks/$deck" params={{ deck }} />}>
          {words.showDeck}
        </Button>
        <Button
          variant="default"
          onClick={() => onSearch({ version: undefined, replaced: undefined, only: undefined })}
        >
          {words.another}
        </Button>
      </div>
    </>
  );
}
