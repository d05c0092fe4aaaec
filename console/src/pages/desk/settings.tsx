/** The settings of the service that answers, with what each means; secrets are never shown. */
import { useQuery } from '@tanstack/react-query';
import { createLazyRoute } from '@tanstack/react-router';
import { told } from '../../api/ask';
import { type Setting, type Settings, settings } from '../../api/operations';
import { Chips } from '../../parts/chips';
import { Asked, Empty } from '../../parts/page';
import { State } from '../../parts/shown';
import { type Column, Rows } from '../../parts/table';
import { settingsDe } from '../../texts/settings-de';
import { type Language, useReading, useTexts } from '../../texts/texts';
import classes from './desk.module.css';
import { ForRoles, ServiceName } from './parts-of-desk';
import { useWords } from './words';

export const Route = createLazyRoute('/desk/settings')({ component: SettingsPage });

/** What each setting means, in other languages than the API's. */
const HELP: Record<Language, Partial<Record<string, string>>> = { en: {}, de: settingsDe };

function SettingsPage() {
  return (
    <ForRoles of="settings">
      <InUse />
    </ForRoles>
  );
}

function InUse() {
  const query = useQuery({ queryKey: ['desk', 'settings'], queryFn: () => told(settings()) });
  return <Asked query={query}>{data => <List settings={data} />}</Asked>;
}

function List({ settings: { service, items } }: { settings: Settings }) {
  const { texts, language } = useReading();
  const { common } = texts;
  const desk = useWords();
  const { all } = Route.useSearch();
  const navigate = Route.useNavigate();
  const shown = items.filter(({ is_given: isGiven }) => all || isGiven);
  const columns: Column<Setting>[] = [
    {
      head: desk.setting,
      cell: setting => (
        <>
          <code className={classes.breaks}>{setting.name}</code>
          <span className={classes.help}>{HELP[language][setting.name] ?? setting.help}</span>
          {/* Where the window is narrow there is no place beside it. */}
          <span className={classes.whereNarrow}>
            {desk.value}: <Value setting={setting} />
          </span>
        </>
      ),
    },
    { head: desk.value, cell: setting => <Value setting={setting} />, isExtra: true },
    {
      head: desk.default,
      cell: ({ default: usual }) => (
        <span className={classes.breaks} dir="auto">
          {usual ?? common.none}
        </span>
      ),
      isExtra: true,
    },
  ];
  return (
    <>
      <p className={classes.lead}>
        {desk.settingsLead} <ServiceName of={service} />
      </p>
      <Chips
        label={desk.parts.settings}
        words={{ given: desk.givenOnes, all: desk.allSettings }}
        chosen={all ? 'all' : 'given'}
        onChoose={word =>
          void navigate({ search: word === 'all' ? { all: true } : {}, replace: true, resetScroll: false })
        }
      />
      {shown.length === 0 ? (
        <Empty>{desk.noneGiven}</Empty>
      ) : (
        <Rows caption={desk.parts.settings} columns={columns} rows={shown} keyOf={({ name }) => name} />
      )}
    </>
  );
}

function Value({ setting: { value, is_secret: isSecret } }: { setting: Setting }) {
  const { common } = useTexts();
  const desk = useWords();
  if (isSecret) return <State mood="quiet">{value === 'set' ? desk.secretSet : desk.notSet}</State>;
  return (
    <span className={classes.breaks} dir="auto">
      {value ?? common.none}
    </span>
  );
}
