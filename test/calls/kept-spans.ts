import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  type ContextManager,
  context,
  ROOT_CONTEXT,
  type Span,
  type SpanOptions,
  type Tracer,
  trace,
} from '@opentelemetry/api';

export interface KeptSpan {
  name: string;
  /** The name of the span in which it is; null for the first. */
  within: string | null;
  attributes: Record<string, unknown>;
  hasEnded: boolean;
}

/** Spans in the order in which they began, as an SDK of OpenTelemetry would get them. Call it before anything is traced. */
export function keptSpans(): KeptSpan[] {
  const kept: KeptSpan[] = [];
  const names = new WeakMap<Span, string>();
  const tracer = {
    startSpan(name: string, { attributes = {} }: SpanOptions = {}, within: Context = context.active()): Span {
      const parent = trace.getSpan(within);
      const span: KeptSpan = {
        name,
        within: parent ? (names.get(parent) ?? null) : null,
        attributes: { ...attributes },
        hasEnded: false,
      };
      kept.push(span);
      const told = {
        isRecording: () => !span.hasEnded,
        spanContext: () => ({ traceId: '1'.repeat(32), spanId: '1'.repeat(16), traceFlags: 1 }),
        setAttribute(key: string, value: unknown) {
          span.attributes[key] = value;
          return told;
        },
        end() {
          span.hasEnded = true;
        },
      } as unknown as Span;
      names.set(told, name);
      return told;
    },
  } as Tracer;
  trace.setGlobalTracerProvider({ getTracer: () => tracer });
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, run, self, ...args) => storage.run(active, () => run.apply(self as never, args)),
    bind: (_active, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  context.setGlobalContextManager(manager);
  return kept;
}
