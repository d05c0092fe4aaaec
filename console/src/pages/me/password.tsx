import { Button, Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { told } from '../../api/ask';
import { passwordChange } from '../../api/operations';
import { useSession } from '../../api/session';
import { Note } from '../../parts/page';
import { ProofRefusal } from '../../parts/proof-refusal';
import { Secret } from '../../parts/secret';
import { useTypedForm } from '../../parts/typed-form';
import { useTexts } from '../../texts/texts';
import classes from './me.module.css';
import { Proof, useFactor, wantsCode } from './proof';
import { SESSIONS_KEY } from './sessions';

/** Another password for the person who is logged in. */
export function Password() {
  const { me } = useTexts();
  const { name, csrf_token: xCsrfToken } = useSession();
  const { data: factor } = useFactor();
  const queries = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const [ended, setEnded] = useState<number | null>(null);
  const { error, isBusy, submit } = useTypedForm(async ({ password = '', code, next = '' }) => {
    setEnded(null);
    const body = { password, new_password: next, ...(code && { code }) };
    const { sessions_ended: count } = await told(passwordChange({ xCsrfToken, body }));
    form.current?.reset();
    setEnded(count);
    await queries.invalidateQueries({ queryKey: SESSIONS_KEY });
  });
  return (
    <section>
      <h2>{me.password}</h2>
      <p className={classes.lead}>{me.passwordLead}</p>
      <form ref={form} className={classes.form} onSubmit={submit} aria-label={me.password}>
        <Stack gap={12}>
          {/* By it a keeper of passwords knows which one this is. */}
          <input type="hidden" name="username" autoComplete="username" value={name} />
          <Proof needsCode={!!factor?.confirmed_at || wantsCode(error)} />
          <Secret
            size="md"
            name="next"
            label={me.next}
            description={me.nextHelp}
            autoComplete="new-password"
            minLength={12}
            maxLength={200}
            required
          />
          <ProofRefusal error={error} />
          {ended !== null && <Note mood="ours">{me.changed(ended)}</Note>}
          <div>
            <Button size="md" type="submit" loading={isBusy}>
              {me.change}
            </Button>
          </div>
        </Stack>
      </form>
    </section>
  );
}
