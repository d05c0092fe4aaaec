import { Anchor, Button, Paper, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { Refused, told } from '../api/ask';
import { useHolder } from '../api/held';
import { invitationAccept, passwordForgotten, sessionBegin } from '../api/operations';
import { changeSession } from '../api/session';
import { Note } from '../parts/page';
import { ProofRefusal } from '../parts/proof-refusal';
import { Secret } from '../parts/secret';
import { useTypedForm } from '../parts/typed-form';
import { useTexts } from '../texts/texts';
import classes from './shell.module.css';

/** Whoever is not logged in: by password, or with a one-time token. The page that was asked for stays in the address. */
export function Entrance({ firstName = '' }: { firstName?: string }) {
  const holder = useHolder();
  const [name, setName] = useState(holder ?? firstName);
  const [way, setWay] = useState<'login' | 'invited' | 'forgotten'>('login');
  const back = () => setWay('login');
  // What a person has not kept yet waits here for that person: the browser asks before this window is closed.
  useEffect(() => {
    if (holder === null) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [holder]);
  if (way === 'forgotten') return <Forgotten onBack={back} />;
  return way === 'invited' ? (
    <Welcome
      onDone={person => {
        setName(person);
        back();
      }}
      onBack={back}
    />
  ) : (
    <Login
      firstName={name}
      holder={holder}
      onInvited={() => setWay('invited')}
      onForgotten={() => setWay('forgotten')}
    />
  );
}

interface LoginProps {
  firstName: string;
  /** The person for whom this window keeps what was shown once; null for none. */
  holder: string | null;
  onInvited: () => void;
  onForgotten: () => void;
}

function Login({ firstName, holder, onInvited, onForgotten }: LoginProps) {
  const { login } = useTexts();
  const queries = useQueryClient();
  const [needsCode, setNeedsCode] = useState(false);
  const { error, isBusy, submit } = useTypedForm(async fields => {
    const { name = '', password = '', code } = fields;
    try {
      const session = await told(sessionBegin({ body: { name, password, ...(code && { code }) } }));
      changeSession(queries, session);
    } catch (refused) {
      if (!(refused instanceof Refused) || refused.refusal !== 'code_missing') throw refused;
      setNeedsCode(true);
    }
  });
  return (
    <Door title={login.title}>
      <form onSubmit={submit}>
        <Stack gap={12}>
          {holder !== null && <Note mood="attention">{login.held(holder)}</Note>}
          <TextInput
            name="name"
            label={login.name}
            defaultValue={firstName}
            autoComplete="username"
            required
            autoFocus={!firstName}
          />
          <Secret
            name="password"
            label={login.password}
            autoComplete="current-password"
            required
            autoFocus={!!firstName}
          />
          {needsCode && <TextInput name="code" label={login.code} autoComplete="one-time-code" required autoFocus />}
          <ProofRefusal error={error} />
          <Button type="submit" loading={isBusy}>
            {login.go}
          </Button>
          <Anchor component="button" type="button" size="sm" onClick={onForgotten}>
            {login.forgotten}
          </Anchor>
          <Anchor component="button" type="button" size="sm" onClick={onInvited}>
            {login.invited}
          </Anchor>
        </Stack>
      </form>
    </Door>
  );
}

interface WelcomeProps {
  /** Of a link; without it the person types one. */
  token?: string;
  onDone: (name: string) => void;
  onBack: () => void;
}

/** Chooses a password by a one-time token. */
export function Welcome({ token: linked, onDone, onBack }: WelcomeProps) {
  const { welcome } = useTexts();
  const { error, isBusy, submit } = useTypedForm(async ({ token = '', password = '' }) => {
    const { name } = await told(invitationAccept({ body: { token: linked ?? token.trim(), password } }));
    onDone(name);
  });
  return (
    <Door title={welcome.title}>
      <form onSubmit={submit}>
        <Stack gap={12}>
          <p className={classes.lead}>{linked === undefined ? welcome.lead : welcome.linked}</p>
          {linked === undefined && <Secret name="token" label={welcome.token} autoComplete="off" required autoFocus />}
          <Secret
            name="password"
            label={welcome.password}
            description={welcome.passwordHelp}
            autoComplete="new-password"
            minLength={12}
            required
            autoFocus={linked !== undefined}
          />
          <ProofRefusal error={error} />
          <Button type="submit" loading={isBusy}>
            {welcome.go}
          </Button>
          <Anchor component="button" type="button" size="sm" onClick={onBack}>
            {welcome.back}
          </Anchor>
        </Stack>
      </form>
    </Door>
  );
}

/** Asks for a mail with a link. What is told is the same for whatever name. */
function Forgotten({ onBack }: { onBack: () => void }) {
  const { forgotten, welcome } = useTexts();
  const [isAsked, setAsked] = useState(false);
  const { error, isBusy, submit } = useTypedForm(async ({ name = '' }) => {
    await told(passwordForgotten({ body: { name: name.trim() } }));
    setAsked(true);
  });
  const isMailSet = !(error instanceof Refused) || error.refusal !== 'mail_not_set';
  return (
    <Door title={forgotten.title}>
      <form onSubmit={submit}>
        <Stack gap={12}>
          <p className={classes.lead}>{isAsked ? forgotten.asked : forgotten.lead}</p>
          {!isAsked && (
            <>
              <TextInput name="name" label={forgotten.name} autoComplete="username" required autoFocus />
              {isMailSet ? <ProofRefusal error={error} /> : <Note mood="attention">{forgotten.noMail}</Note>}
              <Button type="submit" loading={isBusy}>
                {forgotten.go}
              </Button>
            </>
          )}
          <Anchor component="button" type="button" size="sm" onClick={onBack}>
            {welcome.back}
          </Anchor>
        </Stack>
      </form>
    </Door>
  );
}

function Door({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className={classes.door}>
      <Paper withBorder p={24} w={360} maw="100%">
        <div className={classes.brand}>
          <img src="/icon.svg" alt="" width={28} height={28} /> Ringfence
        </div>
        <h1>{title}</h1>
        {children}
      </Paper>
    </main>
  );
}
