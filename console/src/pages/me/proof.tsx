/** What proves that it is the person: the password, and a code where there is a second factor. */
import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Refused, told } from '../../api/ask';
import { secondFactorShow } from '../../api/operations';
import { Secret } from '../../parts/secret';
import { useTexts } from '../../texts/texts';

export const FACTOR_KEY = ['my', 'second-factor'] as const;

export const useFactor = () => useQuery({ queryKey: FACTOR_KEY, queryFn: () => told(secondFactorShow()) });

/** Whether a code was missing: another browser may have set the second factor up meanwhile. */
export const wantsCode = (error: unknown): boolean => error instanceof Refused && error.refusal === 'code_missing';

export function Proof({ needsCode, autoFocus = false }: { needsCode: boolean; autoFocus?: boolean }) {
  const { me } = useTexts();
  return (
    <>
      <Secret
        size="md"
        name="password"
        label={me.present}
        autoComplete="current-password"
        required
        autoFocus={autoFocus}
      />
      {needsCode && <TextInput size="md" name="code" label={me.code} autoComplete="one-time-code" required />}
    </>
  );
}
