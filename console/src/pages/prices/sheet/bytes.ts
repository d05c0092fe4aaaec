/** The text of a file that a carrier sent. Pure. */

/** Beyond this a browser has no room to show what it understood: such a file is sent as it is. Bytes. */
export const MOST_READ_BYTES = 60_000_000;

export type Encoding = 'utf-8' | 'utf-16' | 'windows-1252';

/** It is no text: a workbook of a spreadsheet program. */
export class NoText extends Error {}

/** @throws NoText */
export async function textIn(file: Blob): Promise<{ text: string; encoding: Encoding }> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    return decoded(new Uint8Array(await new Response(unpacked).arrayBuffer()));
  }
  return decoded(bytes);
}

/** By its mark, else UTF-8, else what Windows writes in western Europe. @throws NoText */
export function decoded(bytes: Uint8Array): { text: string; encoding: Encoding } {
  // A zip, which is xlsx or ods; and xls.
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) throw new NoText();
  if (bytes[0] === 0xd0 && bytes[1] === 0xcf && bytes[2] === 0x11 && bytes[3] === 0xe0) throw new NoText();
  if (bytes[0] === 0xff && bytes[1] === 0xfe)
    return { text: new TextDecoder('utf-16le').decode(bytes), encoding: 'utf-16' };
  if (bytes[0] === 0xfe && bytes[1] === 0xff)
    return { text: new TextDecoder('utf-16be').decode(bytes), encoding: 'utf-16' };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), encoding: 'utf-8' };
  } catch {
    return { text: new TextDecoder('windows-1252').decode(bytes), encoding: 'windows-1252' };
  }
}
