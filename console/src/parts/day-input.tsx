/** A field for a day of the reader's own zone. */
import { TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { dayOf } from './days';

interface DayInputProps {
  label: string;
  value: string | undefined;
  onChange: (day: string | undefined) => void;
  /** `md` for customers if not given. */
  size?: 'sm' | 'md';
}

/** Browsers tell a day while its year is still being typed: what is none yet stays in the field, and is not asked for. */
export function DayInput({ label, value = '', onChange, size = 'md' }: DayInputProps) {
  const [typed, setTyped] = useState(value);
  // The address changed otherwise: by the button that shows all, or by going back.
  useEffect(() => setTyped(before => ((dayOf(before) ?? '') === value ? before : value)), [value]);
  const change = (text: string) => {
    setTyped(text);
    const day = dayOf(text);
    if ((day ?? '') !== value) onChange(day);
  };
  return (
    <TextInput
      size={size}
      type="date"
      label={label}
      value={typed}
      onChange={event => change(event.currentTarget.value)}
    />
  );
}
