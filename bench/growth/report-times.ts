/** What the reports take. */
import { reports, runReport } from '../../src/admin/reports';
import { quantile } from '../quantile';
import { type Bench, eachTimed } from './measure';

export async function measureReports({ small, grown, tell }: Bench): Promise<void> {
  for (const report of reports()) {
    const ofDay = report.sql.includes('INTERVAL 30 DAY')
      ? [
          {
            ...report,
            name: `${report.name}, of a day`,
            sql: report.sql.replaceAll('INTERVAL 30 DAY', 'INTERVAL 1 DAY'),
          },
        ]
      : [];
    for (const each of [report, ...ofDay]) {
      const [smallMs, grownMs] = [[], []] as [number[], number[]];
      for (const [books, times] of [
        [small, smallMs],
        [grown, grownMs],
      ] as const) {
        times.push(...(await eachTimed([1, 2, 3], () => runReport(books.database, each))));
      }
      tell({
        part: 'reports',
        what: each.name,
        unit: 'ms',
        small: quantile(smallMs, 0.5),
        grown: quantile(grownMs, 0.5),
      });
    }
  }
}
