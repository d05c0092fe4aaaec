/** The customer's calls. Each opens in its place and shows its price. */
import { NativeSelect, TextInput } from '@mantine/core';
import { createLazyRoute } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { told } from '../../api/ask';
import { ownCalls } from '../../api/operations';
import { DayInput } from '../../parts/day-input';
import { betweenDays } from '../../parts/days';
import { Asked } from '../../parts/page';
import { useTexts } from '../../texts/texts';
import { CallRow, useOwnCall } from './call-rows';
import { WithAccount } from './own';
import classes from './own.module.css';
import { OwnList } from './parts-of-own';
import { type callsSearch, DISPOSITIONS, digitsOf } from './search';
import { useWords } from './words';

export const Route = createLazyRoute('/own/calls')({ component: Calls });

type Search = ReturnType<typeof callsSearch>;

const LIMIT = 25;

function Calls() {
  return <WithAccount>{({ currency }) => <CallList currency={currency} />}</WithAccount>;
}

function CallList({ currency }: { currency: string }) {
  const own = useWords();
  const { open, ...filter } = Route.useSearch();
  const navigate = Route.useNavigate();
  const isFiltered = Object.keys(filter).length > 0;
  const { destination, disposition, ...days } = filter;
  const toggle = (uniqueid: string) =>
    void navigate({
      search: open === uniqueid ? filter : { ...filter, open: uniqueid },
      replace: true,
      resetScroll: false,
    });
  return (
    <>
      <Filters filter={filter} onChange={search => void navigate({ search, replace: true })} />
      <OwnList
        queryKey={['own', 'calls', filter]}
        ask={cursor =>
          told(
            ownCalls({
              limit: LIMIT,
              ...betweenDays(days),
              ...(destination !== undefined && { destination }),
              ...(disposition !== undefined && { disposition }),
              ...(cursor !== undefined && { cursor }),
            }),
          )
        }
        words={own.calls}
        isFiltered={isFiltered}
        onShowAll={() => void navigate({ search: {} })}
        label={own.tabs.calls}
        currency={currency}
        above={calls =>
          open !== undefined &&
          !calls.some(({ uniqueid }) => uniqueid === open) && (
            <Elsewhere uniqueid={open} currency={currency} onClose={() => toggle(open)} />
          )
        }
        row={call => (
          <CallRow
            key={call.uniqueid}
            call={call}
            isOpen={open === call.uniqueid}
            onToggle={() => toggle(call.uniqueid)}
          />
        )}
      />
    </>
  );
}

/** The call that the address names, if it is not among those that are shown. */
function Elsewhere({ uniqueid, currency, onClose }: { uniqueid: string; currency: string; onClose: () => void }) {
  const own = useWords();
  const query = useOwnCall(uniqueid);
  return (
    <section>
      <h2>{own.calls.opened}</h2>
      <Asked query={query}>
        {call => (
          <>
            <p className={classes.currency}>{currency}</p>
            <ul className={classes.list} aria-label={own.calls.opened}>
              <CallRow call={call} isOpen onToggle={onClose} />
            </ul>
          </>
        )}
      </Asked>
      <h2>{own.allCalls}</h2>
    </section>
  );
}

function Filters({ filter, onChange }: { filter: Omit<Search, 'open'>; onChange: (filter: Search) => void }) {
  const own = useWords();
  const { common } = useTexts();
  const { destination, disposition, from, to } = filter;
  const set = (part: { [Name in keyof Search]: Search[Name] | undefined }) =>
    onChange(
      Object.fromEntries(Object.entries({ ...filter, ...part }).filter(([, value]) => value !== undefined)) as Search,
    );
  return (
    <div className={classes.filters}>
      <NumberInput label={own.calls.number} value={destination} onChange={digits => set({ destination: digits })} />
      <NativeSelect
        size="md"
        label={own.calls.outcome}
        value={disposition ?? ''}
        data={[
          { value: '', label: common.all },
          ...DISPOSITIONS.map(value => ({ value, label: own.dispositions[value] })),
        ]}
        onChange={event => set({ disposition: DISPOSITIONS.find(word => word === event.currentTarget.value) })}
      />
      <DayInput label={common.from} value={from} onChange={day => set({ from: day })} />
      <DayInput label={common.to} value={to} onChange={day => set({ to: day })} />
    </div>
  );
}

interface NumberInputProps {
  label: string;
  value: string | undefined;
  onChange: (digits: string | undefined) => void;
}

const PAUSE_MS = 400;

/** Asks when the person pauses. */
function NumberInput({ label, value = '', onChange }: NumberInputProps) {
  const [typed, setTyped] = useState(value);
  useEffect(() => {
    // The address changed otherwise: by the button that shows all, or by going back.
    setTyped(before => ((digitsOf(before) ?? '') === value ? before : value));
  }, [value]);
  useEffect(() => {
    const digits = digitsOf(typed);
    if ((digits ?? '') === value) return;
    const timer = setTimeout(() => onChange(digits), PAUSE_MS);
    return () => clearTimeout(timer);
  });
  return (
    <TextInput
      size="md"
      label={label}
      inputMode="tel"
      autoComplete="off"
      placeholder="49 30"
      value={typed}
      onChange={event => setTyped(event.currentTarget.value)}
    />
  );
}
