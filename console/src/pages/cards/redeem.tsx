/** Adds a voucher to an account for a customer on the telephone. */
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { told } from '../../api/ask';
import { useChange } from '../../api/change';
import { voucherRedeemFields } from '../../api/fields';
import { type VoucherRedeemed, voucherRedeem } from '../../api/operations';
import { readable } from '../../parts/amounts';
import { byField, FieldInput, Panel } from '../../parts/form';
import { Note } from '../../parts/page';
import { useReading } from '../../texts/texts';
import { ACCOUNTS_KEY, accountKey } from '../accounts/account-query';
import classes from './cards.module.css';
import { codesKey } from './codes';
import { useWords } from './words';

interface RedeemProps {
  /** That the address names. */
  account: string | undefined;
  onClose: () => void;
}

export function Redeem({ account, onClose }: RedeemProps) {
  const { language } = useReading();
  const words = useWords();
  const [accountcode, setAccountcode] = useState(account ?? '');
  const [code, setCode] = useState('');
  const [done, setDone] = useState<VoucherRedeemed | null>(null);
  const redeem = useChange({
    run: (body: { accountcode: string; code: string }, idempotencyKey) => told(voucherRedeem({ idempotencyKey, body })),
    stale: [codesKey('vouchers'), ACCOUNTS_KEY, accountKey(accountcode)],
    onDone: redeemed => {
      setDone(redeemed);
      setCode('');
    },
  });
  const { at, error } = byField(redeem.error, ['accountcode', 'code']);
  const isBlank = accountcode.trim() === '' || code.trim() === '';
  return (
    <Panel
      title={words.redeem}
      lead={words.redeemLead}
      go={words.redeemGo}
      isBusy={redeem.isPending}
      error={error}
      onGo={() => {
        if (isBlank) return;
        setDone(null);
        redeem.mutate({ accountcode: accountcode.trim(), code: code.trim() });
      }}
      onCancel={onClose}
    >
      <div className={classes.fields}>
        <FieldInput
          name="accountcode"
          field={voucherRedeemFields.accountcode}
          label={words.account}
          help={words.accountHelp}
          value={accountcode}
          error={at.accountcode}
          autoFocus={account === undefined}
          onChange={setAccountcode}
        />
        <FieldInput
          name="code"
          field={voucherRedeemFields.code}
          label={words.of.vouchers.code}
          help={words.codeHelp}
          value={code}
          error={at.code}
          autoFocus={account !== undefined}
          onChange={setCode}
        />
      </div>
      {done && (
        <div className={classes.done}>
          <Note mood="ours">
            {words.redeemed(
              String(done.serial),
              `${readable(done.amount, language)} ${done.currency}`,
              readable(done.balance, language),
              readable(done.available, language),
            )}{' '}
            <Link to="/accounts/$accountcode" params={{ accountcode: done.accountcode }}>
              <bdi>{done.accountcode}</bdi>
            </Link>
          </Note>
        </div>
      )}
    </Panel>
  );
}
