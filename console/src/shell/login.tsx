import { Anchor, Button, Paper, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Refused, told } from '../api/ask';
import { invitationAccept, sessionBegin } from '../api/operations';
import { changeSession } from '../api/session';
import { ProofRefusal } from '../parts/proof-refusal';
import { Secret } from '../parts/secret';
import { useTypedForm } from '../parts/typed-form';
import { useTexts } from '../texts/texts';
import classes from './shell.module.css';

/** Whoever is not logged in: by password, or with a one-time token. The page that was asked for stays in the address. */
export function Entrance() {
  const [name, setName] = useState('');
  const [isInvited, setInvited] = useState(false);
  return isInvited ? (
    <Welcome
      onDone={person => {
        setName(person);
        setInvited(false);
      }}
      onBack={() => setInvited(false)}
    />
  ) : (
    <Login firstName={name} onInvited={() => setInvited(true)} />
  );
}

function Login({ firstName, onInvited }: { firstName: string; onInvited: () => void }) {
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
          <Anchor component="button" type="button" size="sm" onClick={onInvited}>
            {login.invited}
          </Anchor>
        </Stack>
      </form>
    </Door>
  );
}

function Welcome({ onDone, onBack }: { onDone: (name: string) => void; onBack: () => void }) {
  const { welcome } = useTexts();
  const { error, isBusy, submit } = useTypedForm(async ({ token = '', password = '' }) => {
    const { name } = await told(invitationAccept({ body: { token: token.trim(), password } }));
    onDone(name);
  });
  return (
    <Door title={welcome.title}>
      <form onSubmit={submit}>
        <Stack gap={12}>
          <p className={classes.lead}>{welcome.lead}</p>
          <Secret name="token" label={welcome.token} autoComplete="off" required autoFocus />
          <Secret
            name="password"
            label={welcome.password}
            description={welcome.passwordHelp}
            autoComplete="new-password"
            minLength={12}
            required
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
