/** What a list says of the rows beyond its page. */
import { Printer } from '../../src/cli/command';
import type { Facts } from '../../src/operator/facts';
import { MOST_ROWS, type Page } from '../../src/operator/page';

const SINCE = new Date('2026-03-01T12:00:00.250Z');
const ROWS: Facts[] = [{ n: 1 }, { n: 2 }];

function printed(page: Page<Facts>, offset: number, isJson: boolean): string {
  let text = '';
  const out = (more: string) => {
    text += more;
  };
  const terminal = { environment: {}, input: () => '', out, err: out, screen: false };
  new Printer(terminal, isJson).list(page, { limit: 2, offset }, 'none');
  return text;
}

/** What is printed below the rows. */
const below = (page: Page<Facts>, offset: number) => printed(page, offset, false).split('\n').slice(3).join('\n');

const OLDER = `only rows since 2026-03-01T12:00:00.250Z were looked at, because there are many; older ones: --to 2026-03-01T12:00:00.250Z\n`;

describe('below a page of a list stands', () => {
  test.each<[string, Omit<Page<Facts>, 'items'>, number, string]>([
    ['how many more there are', { total: 5 }, 0, '3 more: --page 2, or --limit 5 for all\n'],
    ['nothing on the last page', { total: 4 }, 2, ''],
    ['at least how many', { total: MOST_ROWS, isMore: true }, 0, 'more than 99998 more: --page 2\n'],
    [
      'that there are more, on every page of 2 beyond what is counted',
      { total: 100_004, isMore: true },
      100_002,
      'more: --page 50003\n',
    ],
    ['no limit that is refused', { total: MOST_ROWS + 1 }, 0, '99999 more: --page 2\n'],
    [
      'no "all" that is not all, and how to see what is older',
      { total: 5, since: SINCE },
      0,
      `3 more: --page 2\n${OLDER}`,
    ],
    ['how to see what is older, on the last page too', { total: 2, since: SINCE }, 0, OLDER],
  ])('%s', (_what, page, offset, text) => {
    expect(below({ items: ROWS, ...page }, offset)).toBe(text);
  });

  test('where no row was found, how to see what is older', () => {
    expect(printed({ items: [], total: 0, since: SINCE }, 0, false)).toBe(`none\n${OLDER}`);
    expect(printed({ items: [], total: 5 }, 6, false)).toBe('nothing on page 4: there are 5 in all\n');
  });
});

describe('a machine reads pages until is_more is false', () => {
  test.each<[string, Page<Facts>, number, object]>([
    [
      'more than are counted',
      { items: ROWS, total: 100_002, isMore: true },
      100_000,
      { is_more: true, total_is_exact: false },
    ],
    ['more, all counted', { items: ROWS, total: 5 }, 0, { is_more: true }],
    ['the last page', { items: ROWS, total: 100_002 }, 100_000, { is_more: false }],
    ['an empty page', { items: [], total: 5 }, 6, { is_more: false }],
    ['older rows', { items: ROWS, total: 2, since: SINCE }, 0, { is_more: false, since: '2026-03-01T12:00:00.250Z' }],
  ])('%s', (_what, page, offset, beyond) => {
    const { items, total } = page;
    const told = JSON.parse(printed(page, offset, true));
    expect(told).toEqual({ items, total, ...beyond, page: offset / 2 + 1, limit: 2 });
  });
});
