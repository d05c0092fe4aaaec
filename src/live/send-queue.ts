/** What waits to be written to a listener that reads slowly. Pure. */
export class SendQueue {
  private readonly waiting: Uint8Array[] = [];
  private bytes = 0;

  constructor(private readonly mostBytes: number) {}

  /** false if it was not taken, because too much waits already. What is larger than the bound is taken if nothing waits. */
  push(part: Uint8Array): boolean {
    if (this.waiting.length > 0 && this.bytes + part.length > this.mostBytes) return false;
    this.waiting.push(part);
    this.bytes += part.length;
    return true;
  }

  /** The oldest part; undefined if nothing waits. */
  shift(): Uint8Array | undefined {
    const part = this.waiting.shift();
    this.bytes -= part?.length ?? 0;
    return part;
  }

  clear(): void {
    this.waiting.length = 0;
    this.bytes = 0;
  }
}
