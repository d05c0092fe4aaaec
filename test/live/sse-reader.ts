/** Reads text/event-stream as the HTML standard says (9.2.6): https://html.spec.whatwg.org/multipage/server-sent-events.html. */
export interface Received {
  /** `message` if it has no name. */
  event: string;
  data: string;
  /** The last id when it came. */
  id: string;
}

export class SseReader {
  readonly messages: Received[] = [];
  readonly comments: string[] = [];
  lastId = '';
  retryMs: number | null = null;
  private rest = '';
  private idBuffer = '';
  private event = '';
  private data: string[] = [];

  /** `more`: the next characters of the stream. */
  read(more: string): void {
    this.rest += more;
    // A line may end in the middle of CR LF: that one is left until the next character is there.
    for (;;) {
      const end = /\r\n|\n|\r(?!$)/.exec(this.rest);
      if (!end) return;
      const line = this.rest.slice(0, end.index);
      this.rest = this.rest.slice(end.index + end[0].length);
      this.take(line);
    }
  }

  private take(line: string): void {
    if (line === '') this.dispatch();
    else if (line.startsWith(':')) this.comments.push(line.slice(1));
    else this.takeField(line);
  }

  private takeField(line: string): void {
    const [, field, value = ''] = /^([^:]*)(?:: ?([\s\S]*))?$/.exec(line) as RegExpExecArray;
    if (field === 'event') this.event = value;
    else if (field === 'data') this.data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.idBuffer = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
  }

  private dispatch(): void {
    this.lastId = this.idBuffer;
    if (this.data.length > 0) {
      this.messages.push({ event: this.event || 'message', data: this.data.join('\n'), id: this.lastId });
    }
    this.event = '';
    this.data = [];
  }
}
