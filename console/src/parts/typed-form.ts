import { type FormEvent, useState } from 'react';

export type Typed = Partial<Record<string, string>>;

/** A form whose fields are read when it is sent: a password is kept nowhere else. `send` rejects with why it was refused. */
export function useTypedForm(send: (typed: Typed) => Promise<void>) {
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = [...new FormData(form)].map(([name, value]) => [name, String(value)]);
    setBusy(true);
    setError(null);
    await send(Object.fromEntries(fields)).catch(refused => {
      setError(refused);
      // The button that was pressed lost the focus while it was busy: the keyboard goes on where something must be typed anew.
      if (document.activeElement === document.body)
        form.querySelector<HTMLElement>('input:not([type=hidden])')?.focus();
    });
    setBusy(false);
  };
  return { error, isBusy, submit };
}
