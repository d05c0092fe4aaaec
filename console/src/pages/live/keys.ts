/** Single keys that act without the focus on a row: a person may turn them off (WCAG 2.1.4). */
import { useState } from 'react';

const STORED = 'ringfence.keys';
const areWanted = (): boolean => localStorage.getItem(STORED) !== 'off';

/** Whether a key that was pressed is one of ours: nobody types it into a field, and no menu or modifier takes it. */
export function keysAreOn({ target, ctrlKey, altKey, metaKey, defaultPrevented }: KeyboardEvent): boolean {
  if (ctrlKey || altKey || metaKey || defaultPrevented || !areWanted()) return false;
  return (
    !(target instanceof Element) || target.closest('input, textarea, select, [contenteditable], [role=menu]') === null
  );
}

export function useKeysWanted(): [boolean, () => void] {
  const [areOn, setOn] = useState(areWanted);
  const turn = () => {
    localStorage.setItem(STORED, areOn ? 'off' : 'on');
    setOn(!areOn);
  };
  return [areOn, turn];
}
