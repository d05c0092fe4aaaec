/** The first start: what is needed until a call is answered. It ticks itself, as the API sees what is there. */
import { Button } from '@mantine/core';
import { createLazyRoute, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useSession } from '../../api/session';
import { NoPermission } from '../../parts/no-permission';
import { Asked, Note, Page } from '../../parts/page';
import { Heard } from '../../parts/shown';
import { type Lacking, leaveForLater, useLacking } from '../../shell/first-start';
import type { Texts } from '../../texts/en';
import { useTexts } from '../../texts/texts';
import classes from './start.module.css';

export const Route = createLazyRoute('/start')({ component: StartPage });

function StartPage() {
  const { start: words } = useTexts();
  const { roles } = useSession();
  if (!roles.includes('admin')) return <NoPermission title={words.title} />;
  return <Start />;
}

function Start() {
  const { start: words } = useTexts();
  const navigate = Route.useNavigate();
  const query = useLacking(true);
  return (
    <Page
      title={words.title}
      actions={
        query.data ? (
          <Button
            variant="default"
            onClick={() => {
              leaveForLater();
              void navigate({ to: '/' });
            }}
          >
            {words.later}
          </Button>
        ) : null
      }
    >
      <Asked query={query}>{lacking => <List lacking={lacking} />}</Asked>
    </Page>
  );
}

interface Step {
  name: 'switch' | 'deck' | 'trunk' | 'account' | 'call';
  isDone: boolean;
  /** Beside its title when it is done. */
  seen?: string;
  /** What to do; not shown when it is done. */
  todo: ReactNode;
}

/** An answered call needed all of them: then nothing is asked any more, and each is ticked. */
function stepsOf(lacking: Lacking | null, words: Texts['start']): Step[] {
  const { switches, hasDeck, hasTrunk, hasRoute, hasAccount } = lacking ?? {
    switches: [],
    hasDeck: true,
    hasTrunk: true,
    hasRoute: true,
    hasAccount: true,
  };
  return [
    {
      name: 'switch',
      isDone: lacking === null || switches.length > 0,
      seen: switches.join(', '),
      todo: lacking && <ConnectIt lacking={lacking} />,
    },
    {
      name: 'deck',
      isDone: hasDeck,
      todo: (
        <Todo name="deck" commands={[IMPORT]}>
          <Go>
            <Button variant="default" renderRoot={props => <Link to="/prices/import" {...props} />}>
              {words.loadPrices}
            </Button>
          </Go>
        </Todo>
      ),
    },
    {
      name: 'trunk',
      isDone: hasTrunk && hasRoute,
      todo: (
        <Todo name="trunk" commands={[...(hasTrunk ? [] : [ADD_TRUNK]), ...(hasRoute ? [] : [ADD_ROUTE])]}>
          <Go>
            <Button variant="default" renderRoot={props => <Link to="/trunks" {...props} />}>
              {words.toTrunks}
            </Button>
          </Go>
        </Todo>
      ),
    },
    {
      name: 'account',
      isDone: hasAccount,
      todo: (
        <Todo name="account" commands={[CREATE]}>
          <Go>
            <Button variant="default" renderRoot={props => <Link to="/accounts" search={{ new: true }} {...props} />}>
              {words.openAccount}
            </Button>
          </Go>
        </Todo>
      ),
    },
    { name: 'call', isDone: lacking === null, todo: lacking && <FirstCall lacking={lacking} /> },
  ];
}

const CONNECT = ["export RINGFENCE_ARI_URL='http://user:password@host:8088'", 'ringfence serve'];
const IMPORT = 'ringfence deck import retail rates.csv --currency EUR';
const ADD_TRUNK = "ringfence trunk add main --endpoint 'PJSIP/{number}@main-carrier'";
const ADD_ROUTE = "ringfence route add --prefix '' --trunk main";
const CREATE = 'ringfence account create alice --deck retail --balance 10.00';

function List({ lacking }: { lacking: Lacking | null }) {
  const { start: words } = useTexts();
  const steps = stepsOf(lacking, words);
  const done = steps.filter(({ isDone }) => isDone).length;
  const next = steps.find(({ isDone }) => !isDone)?.name;
  return (
    <>
      {lacking === null ? (
        <Note mood="ours">
          {words.over}{' '}
          <Link to="/live" className={classes.link}>
            {words.toLive}
          </Link>
        </Note>
      ) : (
        <p className={classes.lead} role="status">
          {words.lead} {words.so(done, steps.length)}
        </p>
      )}
      <ol className={classes.steps}>
        {steps.map(({ name, isDone, seen, todo }, index) => (
          <li key={name} data-done={isDone ? '' : undefined} data-next={name === next ? '' : undefined}>
            <span className={classes.mark} aria-hidden="true">
              {isDone ? '✓' : index + 1}
            </span>
            <div className={classes.step}>
              <h2>
                {words.steps[name].title} <Heard>{isDone ? words.done : words.open}</Heard>
                {isDone && seen && <small dir="auto">{seen}</small>}
              </h2>
              {!isDone && todo}
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}

interface TodoProps {
  name: Step['name'];
  commands: readonly string[];
  children?: ReactNode;
}

function Todo({ name, commands, children }: TodoProps) {
  const { start: words } = useTexts();
  return (
    <>
      <p>{words.steps[name].todo}</p>
      {children}
      {commands.length > 0 && <pre className={classes.command}>{commands.join('\n')}</pre>}
    </>
  );
}

function ConnectIt({ lacking: { alarms } }: { lacking: Lacking }) {
  return (
    <Todo name="switch" commands={CONNECT}>
      {alarms.map(({ alarm, subject, details }) => (
        <Note key={`${alarm} ${subject}`} mood="attention">
          <bdi>{subject}</bdi>: {details}
        </Note>
      ))}
    </Todo>
  );
}

/** A page that does it, beside the command. */
function Go({ children }: { children: ReactNode }) {
  const { start: words } = useTexts();
  return (
    <div className={classes.go}>
      {children}
      <span>{words.orCommand}</span>
    </div>
  );
}

/** The last one that failed says why: that is what must be corrected next. */
function FirstCall({ lacking: { lastCall } }: { lacking: Lacking }) {
  const { start: words, calls } = useTexts();
  return (
    <>
      <p>{words.steps.call.todo}</p>
      {lastCall && (
        <Note mood="attention">
          {lastCall.refusal !== null
            ? words.refused(calls.refusals[lastCall.refusal])
            : lastCall.end_at === null
              ? words.ringing
              : words.unanswered}{' '}
          <Link to="/calls/$uniqueid" params={{ uniqueid: lastCall.uniqueid }} className={classes.link}>
            {words.seeCall}
          </Link>
        </Note>
      )}
    </>
  );
}
