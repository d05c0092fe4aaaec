/** What a version is compared with at first. */
import { beforeOf } from '../../console/src/pages/prices/search';

const version = (number: number, importedAt: string | null, current = false) => ({
  version: number,
  current,
  imported_at: importedAt,
});

test('a version is compared with the one that was current before it, also after a way back to a lower number', () => {
  const versions = [
    version(8, null),
    version(7, '2026-12-07T00:00:00.000Z'),
    version(6, '2026-12-08T00:00:00.000Z', true),
    version(5, '2026-12-05T00:00:00.000Z'),
  ];
  expect([8, 7, 6, 5, 4].map(each => beforeOf(versions, each)?.version)).toEqual([6, 5, 7, undefined, undefined]);
  expect(beforeOf(versions, undefined)).toBeUndefined();
});
