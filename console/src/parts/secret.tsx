import { PasswordInput, type PasswordInputProps } from '@mantine/core';
import { useTexts } from '../texts/texts';

/** A password, which its person may look at, by keyboard too. */
export function Secret(props: PasswordInputProps) {
  const { common } = useTexts();
  return <PasswordInput visibilityToggleButtonProps={{ 'aria-label': common.show, tabIndex: 0 }} {...props} />;
}
