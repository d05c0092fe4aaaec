/**
 * Metrics in Prometheus' text format 0.0.4. Pure.
 *
 * Our own code instead of a package: prom-client is deprecated (15.1.3 of December 2024 is its last release), and its successor,
 * @prometheus-io/client, does not run on Node 20. Besides the lines below, histogram.ts and process-figures.ts, nothing of them is needed. Source: https://prometheus.io/docs/instrumenting/exposition_formats/
 */

/** One figure, with the labels that distinguish it from others of its name. */
export interface Sample {
  labels: Record<string, string>;
  /** A text is a decimal number: of an amount not a digit is lost here. */
  value: number | string;
  /** For a histogram: the suffix of the metric's name. */
  suffix?: string;
}

export interface Metric {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram';
  samples: readonly Sample[];
}

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The text of all metrics. A metric without a sample appears by its name. */
export function exposition(metrics: readonly Metric[]): string {
  return metrics
    .map(({ name, help, type, samples }) =>
      [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples.map(sample => line(name, sample)), ''].join('\n'),
    )
    .join('');
}

function line(name: string, { labels, value, suffix = '' }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${suffix}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`;
}

const ESCAPES: Record<string, string> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };
const escaped = (text: string): string => text.replace(/[\\"\n]/g, character => ESCAPES[character] as string);
