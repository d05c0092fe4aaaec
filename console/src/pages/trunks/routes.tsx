/** Which numbers go to which trunks, in which order. */
import { TextInput, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { useMay } from '../../api/session';
import { typedNumber } from '../../parts/field-values';
import { Asked, Empty } from '../../parts/page';
import { Order } from './order';
import { useRoutes } from './questions';
import { RemovedNote, useRemoving } from './removing';
import { isAbout, type Way, waysOf } from './routing';
import { ANY_NUMBER, type TrunksSearch } from './search';
import type { Talking } from './talking';
import type { SetSearch } from './trunks';
import classes from './trunks.module.css';
import { useWords } from './words';

/** From so many prefixes on one is found by typing. */
const MANY = 12;
/** More are shown by a filter. */
const MOST_SHOWN = 200;

interface RoutesProps {
  talking: Talking;
  search: TrunksSearch;
  onSearch: SetSearch;
}

export function Routes({ talking, search, onSearch }: RoutesProps) {
  const words = useWords();
  const query = useRoutes();
  const may = useMay();
  const removing = useRemoving();
  const shared = { talking, search, onSearch, onRemove: may('routeRemove') ? removing.go : null };
  return (
    <>
      <RemovedNote removing={removing} />
      <Asked query={query}>
        {routes =>
          routes.length === 0 ? (
            <Empty command="ringfence route add --prefix '' --trunk main">{words.noRoutes}</Empty>
          ) : (
            <Ways ways={waysOf(routes)} {...shared} />
          )
        }
      </Asked>
    </>
  );
}

type OnRemove = ((prefix: string, trunk: string) => void) | null;

function Ways({
  ways,
  talking,
  search,
  onSearch,
  onRemove,
}: RoutesProps & { ways: readonly Way[]; onRemove: OnRemove }) {
  const words = useWords();
  const [typed, setTyped] = useState(search.filter ?? '');
  const sought = typedNumber(typed).replace(/^(\+|00)/, '');
  const found = sought === '' ? ways : ways.filter(({ prefix }) => isAbout(prefix, sought));
  return (
    <>
      <p className={classes.lead}>{words.routesLead}</p>
      {(ways.length > MANY || sought !== '') && (
        <TextInput
          mb={12}
          maw={320}
          type="search"
          label={words.filter}
          placeholder="+49 30"
          autoComplete="off"
          value={typed}
          onChange={event => {
            setTyped(event.currentTarget.value);
            onSearch({ filter: event.currentTarget.value || undefined });
          }}
        />
      )}
      {found.length === 0 && <Empty>{words.noneFound}</Empty>}
      <ul className={classes.ways}>
        {found.slice(0, MOST_SHOWN).map(way => (
          <WayItem
            key={way.prefix}
            way={way}
            talking={talking}
            onRemove={onRemove}
            isOpen={search.prefix === (way.prefix || ANY_NUMBER)}
            onToggle={isOpen => onSearch({ prefix: isOpen ? way.prefix || ANY_NUMBER : undefined })}
          />
        ))}
      </ul>
      <p className={classes.small}>
        {found.length > MOST_SHOWN ? words.firstOf(MOST_SHOWN, found.length) : words.prefixes(found.length)}
      </p>
    </>
  );
}

interface WayItemProps {
  way: Way;
  talking: Talking;
  onRemove: OnRemove;
  isOpen: boolean;
  onToggle: (isOpen: boolean) => void;
}

function WayItem({ way: { prefix, routes }, talking, onRemove, isOpen, onToggle }: WayItemProps) {
  const words = useWords();
  return (
    <li className={classes.item}>
      <UnstyledButton className={classes.way} aria-expanded={isOpen} onClick={() => onToggle(!isOpen)}>
        <span className={classes.prefix}>
          <span aria-hidden="true">{isOpen ? '▾' : '▸'} </span>
          {prefix || words.anyNumber}
        </span>
        {!isOpen && (
          <span className={classes.sequence}>
            {routes.map(({ trunk, enabled }, place) => (
              <span key={trunk} data-off={enabled ? undefined : ''}>
                {place > 0 && <i aria-hidden="true">→</i>} {trunk}
                {!enabled && <small> ({words.off})</small>}
              </span>
            ))}
          </span>
        )}
      </UnstyledButton>
      {isOpen && (
        <Order
          prefix={prefix}
          routes={routes}
          talking={talking}
          onRemove={onRemove && (trunk => onRemove(prefix, trunk))}
        />
      )}
    </li>
  );
}
