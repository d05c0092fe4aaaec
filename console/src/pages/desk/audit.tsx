/** Who changed what, when and from where, with what was before and after. */
import { Button, TextInput } from '@mantine/core';
import { createLazyRoute, Link } from '@tanstack/react-router';
import { type FormEvent, useRef } from 'react';
import { told } from '../../api/ask';
import { auditList, type Change } from '../../api/operations';
import { changedFields } from '../../parts/changed-fields';
import { Difference } from '../../parts/difference';
import { localTime } from '../../parts/field-values';
import { Empty } from '../../parts/page';
import { ListParts, useParts } from '../../parts/parts-of-list';
import { Instant } from '../../parts/shown';
import { Clipped, type Column, Rows } from '../../parts/table';
import { readersZone } from '../../parts/times';
import { useReading, useTexts } from '../../texts/texts';
import classes from './desk.module.css';
import { ForRoles } from './parts-of-desk';
import { type AuditSearch, auditSearch, given } from './search';
import { useWords } from './words';

export const Route = createLazyRoute('/desk/audit')({ component: AuditPage });

const AT_ONCE = 50;
/** How many fields of a change a row shows. */
const IN_ROW = 3;

type SetAudit = (more: { [Name in keyof AuditSearch]?: AuditSearch[Name] | undefined }) => void;

function AuditPage() {
  return (
    <ForRoles of="auditList">
      <Audit />
    </ForRoles>
  );
}

function Audit() {
  const { texts, language } = useReading();
  const { common } = texts;
  const desk = useWords();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const { open, object, from, ...rest } = search;
  const filter = {
    ...rest,
    ...(object !== undefined && { $object: object }),
    ...(from !== undefined && { $from: from }),
  };
  const query = useParts<Change>(['desk', 'audit', filter], cursor =>
    told(auditList({ ...filter, limit: AT_ONCE, ...(cursor === undefined ? { count: true } : { cursor }) })),
  );
  const set: SetAudit = more =>
    void navigate({ search: given({ ...search, ...more }), replace: true, resetScroll: false });
  const columns: Column<Change>[] = [
    { head: desk.when, cell: ({ created_at: at }) => <Instant at={at} /> },
    {
      head: desk.who,
      cell: ({ actor, address }) => (
        <>
          <Clipped>{actor}</Clipped>
          {address !== null && <span className={classes.under}>{address}</span>}
        </>
      ),
    },
    {
      head: desk.what,
      cell: ({ operation, object: changed }) => (
        <>
          {operation}
          <span className={classes.under}>
            <Clipped>{changed}</Clipped>
          </span>
        </>
      ),
    },
    { head: desk.difference, cell: change => <Difference change={change} most={IN_ROW} />, isExtra: true },
  ];
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <>
      <Filters search={search} onSearch={set} />
      <ListParts query={query}>
        {rows =>
          rows.length === 0 ? (
            !query.hasNextPage && <Empty>{isFiltered ? desk.noChangeFound : desk.noChange}</Empty>
          ) : (
            <Rows
              caption={desk.parts.audit}
              columns={columns}
              rows={rows}
              keyOf={({ audit_id: id }) => id}
              onOpen={({ audit_id: id }) => set({ open: open === id ? undefined : id })}
              below={change => (change.audit_id === open ? <OneChange change={change} onSearch={set} /> : null)}
            />
          )
        }
      </ListParts>
      <p className={classes.small}>
        {query.hasNextPage && isFiltered && `${desk.lookFurther} `}
        <a className={classes.link} href={csvAddress(search, language)} download="audit.csv">
          {common.download}
        </a>
      </p>
    </>
  );
}

/** The same changes as a table for a spreadsheet in the reader's language and zone. */
function csvAddress({ open: _, ...filter }: AuditSearch, language: string): string {
  const isCommaDecimal = new Intl.NumberFormat(language).format(1.5).includes(',');
  const query = new URLSearchParams({
    ...filter,
    format: 'csv',
    time_zone: readersZone(),
    date_format: 'spreadsheet',
    separator: isCommaDecimal ? 'semicolon' : 'comma',
    decimal_mark: isCommaDecimal ? 'comma' : 'point',
  });
  return `/api/v1/audit?${query}`;
}

const NAMES = ['actor', 'operation', 'object', 'address'] as const;

function Filters({ search, onSearch }: { search: AuditSearch; onSearch: SetAudit }) {
  const { common } = useTexts();
  const desk = useWords();
  const form = useRef<HTMLFormElement>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const typed = Object.fromEntries(new FormData(form.current ?? undefined));
    const { actor, operation, object, address, from, to } = auditSearch(typed);
    onSearch({ actor, operation, object, address, from, to, open: undefined });
  };
  const isFiltered = Object.keys(given({ ...search, open: undefined })).length > 0;
  return (
    <form
      // Its fields begin anew with each other address.
      key={JSON.stringify({ ...search, open: undefined })}
      ref={form}
      className={classes.filters}
      onSubmit={submit}
      aria-label={desk.parts.audit}
    >
      {NAMES.map(name => (
        <TextInput
          key={name}
          name={name}
          w={150}
          label={desk.auditFilters[name]}
          placeholder={desk.auditExamples[name]}
          autoComplete="off"
          dir="auto"
          defaultValue={search[name] ?? ''}
        />
      ))}
      {(['from', 'to'] as const).map(name => (
        <TextInput
          key={name}
          type="datetime-local"
          step={1}
          name={name}
          label={common[name]}
          defaultValue={search[name] === undefined ? '' : localTime(search[name])}
        />
      ))}
      <Button type="submit" variant="default">
        {common.search}
      </Button>
      {isFiltered && (
        <Button
          variant="subtle"
          onClick={() =>
            onSearch({
              actor: undefined,
              operation: undefined,
              object: undefined,
              address: undefined,
              from: undefined,
              to: undefined,
              open: undefined,
            })
          }
        >
          {desk.clear}
        </Button>
      )}
    </form>
  );
}

/** One change in full, and where it leads. */
function OneChange({ change, onSearch }: { change: Change; onSearch: SetAudit }) {
  const { language } = useReading();
  const desk = useWords();
  const { actor, object, operation, audit_id: id, request_id: request } = change;
  const fields = changedFields(change, language);
  const [, accountcode] = /^account (.+)$/s.exec(object) ?? [];
  return (
    <>
      {fields.length > 0 && (
        <table className={classes.difference}>
          <thead>
            <tr>
              <th scope="col">{desk.field}</th>
              <th scope="col">{desk.before}</th>
              <th scope="col">{desk.after}</th>
            </tr>
          </thead>
          <tbody>
            {fields.map(({ name, was, is }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td data-was="" dir="auto">
                  {was}
                </td>
                <td dir="auto">{is}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className={classes.small} dir="auto">
        {desk.changeNumber(id, request)} {operation}, {object}
      </p>
      <div className={classes.buttons}>
        <Button size="xs" variant="default" onClick={() => onSearch({ object, open: undefined })}>
          {desk.onlyObject}
        </Button>
        <Button size="xs" variant="default" onClick={() => onSearch({ actor, open: undefined })}>
          {desk.onlyActor}
        </Button>
        {accountcode !== undefined && (
          <Button
            size="xs"
            variant="subtle"
            renderRoot={props => <Link {...props} to="/accounts/$accountcode" params={{ accountcode }} />}
          >
            {desk.openAccount}
          </Button>
        )}
      </div>
    </>
  );
}
