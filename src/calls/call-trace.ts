/**
 * The life of a call as spans of OpenTelemetry. Without an SDK in the process nothing is kept, and nothing is done beyond asking for that.
 *
 * A span `call` for each call that is carried, and in it: `start` (its routes and the ledger), with `batch` (its part of a transaction) in
 * it, `dial`, `limit`, `answer` (from the dial to the answer), `end` (until its end is committed). No number and no account: traces go to
 * other programs than the log.
 */
import { type Context, context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import type { CallEvent, CallState } from './call-state';

const tracer = trace.getTracer('ringfence');

export class CallTrace {
  private readonly call: Span;
  /** null if no program wants to know. */
  private readonly within: Context | null;
  private answering: Span | null = null;

  constructor({ uniqueid, node, phase }: Pick<CallState, 'uniqueid' | 'node' | 'phase'>) {
    const attributes = {
      'ringfence.uniqueid': uniqueid,
      'ringfence.node': node,
      'ringfence.taken_over': phase !== 'authorising',
    };
    this.call = tracer.startSpan('call', { attributes }, ROOT_CONTEXT);
    this.within = this.call.isRecording() ? trace.setSpan(ROOT_CONTEXT, this.call) : null;
  }

  /** Runs a part of the call's life, and returns what it returns. */
  during<Result>(part: 'start' | 'dial' | 'limit' | 'end', run: () => Promise<Result>): Promise<Result> {
    if (!this.within) return run();
    const span = tracer.startSpan(part, {}, this.within);
    return context.with(trace.setSpan(this.within, span), run).finally(() => span.end());
  }

  /** What happened to the call. */
  note(event: CallEvent): void {
    if (!this.within) return;
    if (event.type === 'granted') this.call.setAttribute('ringfence.granted_seconds', event.grant.grantedSeconds);
    if (event.type === 'refused') this.call.setAttribute('ringfence.refusal', event.refusal);
    if (event.type === 'dialled') this.answering = tracer.startSpan('answer', {}, this.within);
    if (event.type === 'answered' || event.type === 'destroyed') {
      this.answering?.setAttribute('ringfence.answered', event.type === 'answered');
      this.answering?.end();
      this.answering = null;
    }
  }

  /** The call is no longer carried. May be called twice. */
  close(): void {
    this.answering?.end();
    this.answering = null;
    this.call.end();
  }
}
