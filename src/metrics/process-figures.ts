import { readdirSync, readFileSync } from 'node:fs';
import { constants, PerformanceObserver } from 'node:perf_hooks';
import type { Metric, Sample } from './exposition';
import { Histogram } from './histogram';

const GC_BOUNDS_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1];

const GC_KINDS: Record<number, string> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
};

/** What every process has: processor, memory, files, rubbish collected. By the names that Prometheus' other clients use. */
export class ProcessFigures {
  private readonly collections = new Histogram(GC_BOUNDS_SECONDS);
  private readonly observer = new PerformanceObserver(list => {
    for (const entry of list.getEntries()) {
      const { detail, duration } = entry as { duration: number; detail?: { kind?: number } };
      this.collections.observe({ kind: GC_KINDS[detail?.kind ?? 0] ?? 'other' }, duration / 1000);
    }
  });

  /** `version`: of Ringfence. */
  constructor(private readonly version: string) {
    this.observer.observe({ entryTypes: ['gc'] });
  }

  get metrics(): Metric[] {
    const { user, system } = process.cpuUsage();
    const { rss, heapTotal, heapUsed, external } = process.memoryUsage();
    const { open, most } = files();
    return [
      gauge('ringfence_info', 'The version that runs', { version: this.version }, 1),
      gauge('nodejs_version_info', 'The version of Node.js', { version: process.version }, 1),
      gauge(
        'process_start_time_seconds',
        'When the process was started, in seconds since 1970',
        {},
        (performance.timeOrigin / 1000).toFixed(3),
      ),
      counter('process_cpu_user_seconds_total', 'Processor time in the program', user / 1e6),
      counter('process_cpu_system_seconds_total', 'Processor time in the kernel', system / 1e6),
      counter('process_cpu_seconds_total', 'Processor time in all', (user + system) / 1e6),
      gauge('process_resident_memory_bytes', 'Memory in use', {}, rss),
      gauge('nodejs_heap_size_total_bytes', 'Heap of Node.js', {}, heapTotal),
      gauge('nodejs_heap_size_used_bytes', 'Heap of Node.js in use', {}, heapUsed),
      gauge('nodejs_external_memory_bytes', 'Memory of Node.js outside of its heap', {}, external),
      { ...gauge('process_open_fds', 'Files and sockets that are open', {}, 0), samples: sampled(open) },
      { ...gauge('process_max_fds', 'How many may be', {}, 0), samples: sampled(most) },
      {
        name: 'nodejs_gc_duration_seconds',
        help: 'How long collecting rubbish took, by kind',
        type: 'histogram',
        samples: this.collections.samples,
      },
    ];
  }

  close(): void {
    this.observer.disconnect();
  }
}

const gauge = (name: string, help: string, labels: Record<string, string>, value: number | string): Metric => ({
  name,
  help,
  type: 'gauge',
  samples: [{ labels, value }],
});

const counter = (name: string, help: string, value: number): Metric => ({
  name,
  help,
  type: 'counter',
  samples: [{ labels: {}, value }],
});

const sampled = (value: number | null): Sample[] => (value === null ? [] : [{ labels: {}, value }]);

/** null for what this system does not tell. */
function files(): { open: number | null; most: number | null } {
  try {
    const [, most] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return { open: readdirSync('/proc/self/fd').length, most: most === undefined ? null : Number(most) };
  } catch {
    return { open: null, most: null };
  }
}
