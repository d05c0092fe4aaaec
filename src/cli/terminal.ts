/** Where a command reads its settings from and writes to. */
export interface Terminal {
  environment: Record<string, string | undefined>;
  /** Standard input, to its end. */
  input(): string;
  out(text: string): void;
  err(text: string): void;
  /** Whether stderr is a screen, on which a line can be written over. */
  screen: boolean;
}

/**
 * Text that cannot move a cursor, colour a screen, ring a bell or turn the direction of writing: control, format and separator characters,
 * and halves of surrogate pairs, become `\x1b` or `\u202e`. Everything else stays as it is.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, character => {
    const code = character.codePointAt(0) as number;
    if (character === '\n') return '\\n';
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}
