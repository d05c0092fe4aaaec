import { Button, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { told } from '../../api/ask';
import { forgetHeld, useHeld } from '../../api/held';
import {
  recoveryCodesRenew,
  type SecondFactor,
  type SecondFactorState,
  secondFactorConfirm,
  secondFactorEnrol,
  secondFactorRemove,
} from '../../api/operations';
import { useSession } from '../../api/session';
import { LeaveQuestion } from '../../parts/leave-question';
import { Asked } from '../../parts/page';
import { ProofRefusal } from '../../parts/proof-refusal';
import { State } from '../../parts/shown';
import { clockTime } from '../../parts/times';
import { type Typed, useTypedForm } from '../../parts/typed-form';
import { useReading, useTexts } from '../../texts/texts';
import classes from './me.module.css';
import { FACTOR_KEY, Proof, useFactor, wantsCode } from './proof';
import { QrCode } from './qr-code';

/** The person's second factor: set up, renewed, removed. Its secret and its codes are shown once, and kept nowhere. */
export function Factor() {
  const { me } = useTexts();
  const query = useFactor();
  const queries = useQueryClient();
  const [codes, setCodes] = useHeld<readonly string[]>('recovery codes');
  const [begun, setBegun] = useHeld<SecondFactor>('second factor');
  const isOn = typeof query.data?.confirmed_at === 'string';
  useEffect(() => {
    if (isOn) setBegun(() => null);
  }, [isOn, setBegun]);
  const readAnew = () => queries.invalidateQueries({ queryKey: FACTOR_KEY });
  const show = async (fresh: readonly string[]) => {
    setCodes(() => fresh);
    await readAnew();
  };
  return (
    <>
      <section>
        <div className={classes.headline}>
          <h2>{me.factor}</h2>
          {query.data && (
            <State mood={query.data.confirmed_at === null ? 'quiet' : 'ours'}>
              {query.data.confirmed_at === null ? me.factorOff : me.factorOn}
            </State>
          )}
        </div>
        <Asked query={query}>
          {state =>
            state.confirmed_at === null ? (
              <SetUp begun={begun} onBegun={fresh => setBegun(() => fresh)} onCodes={show} />
            ) : (
              <On state={state} onCodes={show} onRemoved={readAnew} />
            )
          }
        </Asked>
      </section>
      {codes !== null && <Codes codes={codes} onKept={() => setCodes(() => null)} />}
    </>
  );
}

interface SetUpProps {
  begun: SecondFactor | null;
  onBegun: (begun: SecondFactor) => void;
  onCodes: (codes: readonly string[]) => Promise<void>;
}

function SetUp({ begun, onBegun, onCodes }: SetUpProps) {
  const { me } = useTexts();
  const { csrf_token: xCsrfToken } = useSession();
  if (begun !== null) return <Confirm begun={begun} onCodes={onCodes} />;
  return (
    <>
      <p className={classes.lead}>{me.factorLead}</p>
      <InPlace go={me.begin}>
        {cancel => (
          <ProofForm
            name={me.begin}
            go={me.begin}
            needsCode={false}
            onCancel={cancel}
            send={async ({ password = '' }) => {
              onBegun(await told(secondFactorEnrol({ xCsrfToken, body: { password } })));
            }}
          />
        )}
      </InPlace>
    </>
  );
}

/** A window of a telephone. */
const NARROW = '(max-width: 48em)';

function Confirm({ begun, onCodes }: { begun: SecondFactor; onCodes: (codes: readonly string[]) => Promise<void> }) {
  const { me, common } = useTexts();
  const { csrf_token: xCsrfToken } = useSession();
  const { error, isBusy, submit } = useTypedForm(async ({ code = '' }) => {
    const { recovery_codes: codes } = await told(secondFactorConfirm({ xCsrfToken, body: { code } }));
    await onCodes(codes);
  });
  const form = useRef<HTMLFormElement>(null);
  const field = useRef<HTMLInputElement>(null);
  // The QR code and the field below it are both in sight. On a telephone the keyboard would cover them: there the field waits until it is touched.
  useEffect(() => {
    const isNarrow = matchMedia(NARROW).matches;
    (isNarrow ? form : field).current?.focus({ preventScroll: true });
    form.current?.scrollIntoView({ block: isNarrow ? 'start' : 'nearest' });
  }, []);
  return (
    <form ref={form} tabIndex={-1} className={classes.form} onSubmit={submit} aria-label={me.confirm}>
      <Stack gap={12}>
        <LeaveQuestion onLeave={forgetHeld}>{common.leaveLoses}</LeaveQuestion>
        <p className={classes.lead}>{me.scanLead}</p>
        {begun.uri.startsWith('otpauth://') && (
          <>
            <QrCode text={begun.uri} says={me.qrCode} />
            <div>
              <Button size="md" px={12} fz="sm" fullWidth variant="default" component="a" href={begun.uri}>
                {me.openApp}
              </Button>
            </div>
          </>
        )}
        <div>
          {me.secret}
          <code className={classes.secret}>{begun.secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
        </div>
        <TextInput
          ref={field}
          size="md"
          name="code"
          label={me.firstCode}
          inputMode="numeric"
          autoComplete="one-time-code"
          required
        />
        <ProofRefusal error={error} />
        <div>
          <Button size="md" type="submit" loading={isBusy}>
            {me.confirm}
          </Button>
        </div>
      </Stack>
    </form>
  );
}

interface OnProps {
  state: SecondFactorState;
  onCodes: (codes: readonly string[]) => Promise<void>;
  onRemoved: () => Promise<void>;
}

function On({ state: { confirmed_at: at, recovery_codes_left: left }, onCodes, onRemoved }: OnProps) {
  const { texts, language } = useReading();
  const { me } = texts;
  const { csrf_token: xCsrfToken } = useSession();
  const bodyOf = ({ password = '', code }: Typed) => ({ password, ...(code && { code }) });
  return (
    <>
      <p className={classes.lead}>{me.factorSince(clockTime(at as string, language), left)}</p>
      <InPlace go={me.renew}>
        {cancel => (
          <ProofForm
            name={me.renew}
            lead={me.renewLead}
            go={me.renew}
            isOnce
            onCancel={cancel}
            send={async typed => {
              const { recovery_codes: codes } = await told(recoveryCodesRenew({ xCsrfToken, body: bodyOf(typed) }));
              cancel();
              await onCodes(codes);
            }}
          />
        )}
      </InPlace>
      <InPlace go={me.remove}>
        {cancel => (
          <ProofForm
            name={me.remove}
            lead={me.removeLead}
            go={me.remove}
            isDanger
            onCancel={cancel}
            send={async typed => {
              await told(secondFactorRemove({ xCsrfToken, body: bodyOf(typed) }));
              await onRemoved();
            }}
          />
        )}
      </InPlace>
    </>
  );
}

/** A button that its form takes the place of. */
function InPlace({ go, children }: { go: string; children: (cancel: () => void) => ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  if (isOpen) return children(() => setOpen(false));
  return (
    <div className={classes.buttons}>
      <Button size="md" variant="default" onClick={() => setOpen(true)}>
        {go}
      </Button>
    </div>
  );
}

interface ProofFormProps {
  name: string;
  lead?: string;
  go: string;
  needsCode?: boolean;
  isDanger?: boolean;
  /** Whether what it brings is shown once. */
  isOnce?: boolean;
  send: (typed: Typed) => Promise<void>;
  onCancel: () => void;
}

function ProofForm({
  name,
  lead,
  go,
  needsCode = true,
  isDanger = false,
  isOnce = false,
  send,
  onCancel,
}: ProofFormProps) {
  const { common } = useTexts();
  const { error, isBusy, submit } = useTypedForm(send);
  return (
    <form
      className={classes.form}
      onSubmit={submit}
      aria-label={name}
      onKeyDown={event => {
        if (event.key === 'Escape') onCancel();
      }}
    >
      <Stack gap={12} my={12}>
        {isOnce && isBusy && <LeaveQuestion onLeave={forgetHeld}>{common.leaveLoses}</LeaveQuestion>}
        {lead !== undefined && <p className={classes.lead}>{lead}</p>}
        <Proof needsCode={needsCode || wantsCode(error)} autoFocus />
        <ProofRefusal error={error} />
        <div className={classes.buttons}>
          <Button
            size="md"
            type="submit"
            loading={isBusy}
            {...(isDanger && { variant: 'outline', color: 'var(--rf-wrong)' })}
          >
            {go}
          </Button>
          <Button size="md" variant="default" onClick={onCancel}>
            {common.cancel}
          </Button>
        </div>
      </Stack>
    </form>
  );
}

function Codes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const { me, common } = useTexts();
  const [isCopied, setCopied] = useState(false);
  // Browsers give no clipboard to a page that came over plain HTTP from elsewhere.
  const canCopy = typeof navigator.clipboard?.writeText === 'function';
  const copy = () =>
    void navigator.clipboard.writeText(codes.join('\n')).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <section data-codes="" role="status">
      <LeaveQuestion onLeave={forgetHeld}>{common.leaveLoses}</LeaveQuestion>
      <h2>{me.codesTitle}</h2>
      <p className={classes.lead}>{me.codesLead}</p>
      <ul className={classes.codes}>
        {codes.map(code => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className={classes.buttons}>
        {canCopy && (
          <Button size="md" variant="default" onClick={copy}>
            {isCopied ? me.copied : me.copy}
          </Button>
        )}
        <Button size="md" variant="default" onClick={() => window.print()}>
          {me.print}
        </Button>
        <Button size="md" onClick={onKept}>
          {me.kept}
        </Button>
      </div>
    </section>
  );
}
