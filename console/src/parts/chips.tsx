/** One choice of a few, always in sight. */
import { Button } from '@mantine/core';
import classes from './parts.module.css';

interface ChipsProps<Word extends string> {
  label: string;
  words: Partial<Record<Word, string>>;
  chosen: Word;
  onChoose: (word: Word) => void;
}

export function Chips<Word extends string>({ label, words, chosen, onChoose }: ChipsProps<Word>) {
  return (
    <fieldset className={classes.chips} aria-label={label}>
      {(Object.entries(words) as [Word, string][]).map(([word, text]) => (
        <Button
          key={word}
          size="xs"
          variant={word === chosen ? 'light' : 'default'}
          aria-pressed={word === chosen}
          onClick={() => onChoose(word)}
        >
          {text}
        </Button>
      ))}
    </fieldset>
  );
}
