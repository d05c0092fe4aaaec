/** A rate file in two steps: it is loaded, and becomes current after a look at what it changes. */
import { Readable } from 'node:stream';
import type { Knex } from 'knex';
import { openWire } from '../../lab/servers/wire';
import { openDatabase } from '../../src/database/connection';
import {
  listDecks,
  listRates,
  listVersions,
  openVersion,
  removeAbandoned,
  removeVersion,
  versionOf,
} from '../../src/decks/deck-store';
import { type DeckLoad, importDeck, loadDeck } from '../../src/decks/import-deck';
import { deleteVersion, pruneVersions } from '../../src/decks/old-version-store';
import { type Publication, previewVersion, publishVersion } from '../../src/decks/waiting-version-store';
import { type Acting, actingAs } from '../../src/operator/acting';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';

const HEADER = 'prefix,destination,price_per_minute,connect_fee,initial_increment,increment\n';

/** A file of one rate for each prefix, at its price. */
const priced = (prices: Record<string, string>): Readable =>
  Readable.from([HEADER, ...Object.entries(prices).map(([prefix, price]) => `${prefix},Somewhere,${price},0,60,60\n`)]);

const TEN = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`3${index}`, '0.01']));
const PAGE = { limit: 20, offset: 0 };

/** A database whose process dies when its first transaction is committed. */
function dyingAfterCommit(database: Knex): Knex {
  let begun = 0;
  return new Proxy(database, {
    get(target, name) {
      if (name === 'transaction' && begun++ > 0) throw new Error('it died');
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

describe.each(engines)('a version that waits, %s', engine => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
  });
  afterAll(() => db.drop());

  const acting = () => actingAs('test', db.database);
  const load = (deck: string, prices: Record<string, string>, more: Partial<DeckLoad> = {}) =>
    loadDeck(acting(), { deck, currency: 'EUR', source: 'rates.csv', input: priced(prices), ...more });
  const imported = (deck: string, prices: Record<string, string>) =>
    importDeck(acting(), { deck, currency: 'EUR', source: 'rates.csv', input: priced(prices), mayShrink: true });
  const publish = (deck: string, version: number, more: Partial<Publication> = {}) =>
    publishVersion(acting(), { deck, version, ...more });
  const preview = (deck: string, version: number) => previewVersion(db.database, deck, version);

  /** The prices of the deck's current version; empty without one. */
  async function current(deck: string): Promise<Record<string, string>> {
    const rows = await db
      .database('astrate as r')
      .join('astratedeck as d', 'd.version', 'r.version')
      .where({ deck })
      .select('r.prefix', 'r.price_per_minute');
    return Object.fromEntries(rows.map(({ prefix, price_per_minute }) => [prefix, String(Number(price_per_minute))]));
  }
  const ratesIn = async (version: number) => (await db.database('astrate').where({ version })).length;
  const rowOf = (version: number) => db.database('astratedeckversion').where({ version }).first();
  const trail = async (object: string) =>
    db.database('astaudit').where({ object }).orderBy('audit_id').pluck('operation');

  test('changes nothing until it is published, and says the same again of what it would change', async () => {
    const { version: first } = await imported('retail', TEN);
    const { '30': _gone, ...kept } = TEN;
    const loaded = await load('retail', { ...kept, '31': '0.02', '': '9' });
    expect(loaded).toMatchObject({
      deck: 'retail',
      currency: 'EUR',
      rates: 10,
      source: 'rates.csv',
      anyNumberLine: expect.any(Number),
      comparedWith: first,
      changes: {
        new: { count: 1, examples: [''] },
        changed: { count: 1, examples: ['31'] },
        gone: { count: 1, examples: ['30'] },
        unchanged: { count: 8 },
      },
    });
    const { version, waitsUntil } = loaded;
    expect(waitsUntil.getTime() - Date.now()).toBeGreaterThan(23 * 3_600_000);
    expect(await preview('retail', version)).toEqual(loaded);
    expect(await current('retail')).toEqual(TEN);
    expect((await listDecks(db.database, PAGE)).items).toContainEqual(
      expect.objectContaining({ deck: 'retail', version: first, rates: 10, waiting: version }),
    );
    expect((await listVersions(db.database, 'retail', PAGE)).items).toMatchObject([
      { version, isCurrent: false, isWaiting: true, importedAt: null, loadedAt: expect.any(Date) },
      { version: first, isCurrent: true, isWaiting: false },
    ]);
    expect(await publish('retail', version)).toEqual({
      deck: 'retail',
      version,
      currency: 'EUR',
      rates: 10,
      replaced: first,
    });
    expect(await current('retail')).toEqual({ ...kept, '31': '0.02', '': '9' });
    expect((await listDecks(db.database, PAGE)).items).toContainEqual(
      expect.objectContaining({ deck: 'retail', version, waiting: null }),
    );
    expect(await rowOf(version)).toMatchObject({ longest_prefix: 2, rates: 10, currency: 'EUR' });
    expect(await trail(`version ${version} of deck retail`)).toEqual(['deck load']);
    expect(await trail('deck retail')).toEqual(['deck import', 'deck publish']);
  });

  test('of a deck that is not there makes the deck when it becomes current, and not before', async () => {
    const { version, comparedWith, changes } = await load('young', { '49': '0.05' });
    expect({ comparedWith, changes }).toEqual({ comparedWith: 0, changes: null });
    expect(await db.database('astratedeck').where({ deck: 'young' })).toEqual([]);
    const listed = (await listDecks(db.database, PAGE)).items.find(({ deck }) => deck === 'young');
    expect(listed).toEqual({
      deck: 'young',
      currency: 'EUR',
      parent: null,
      markupPercent: 0n,
      markupAmount: 0n,
      version: 0,
      rates: 0,
      source: '',
      importedAt: null,
      waiting: version,
    });
    expect((await listDecks(db.database, { limit: 1, offset: 0 })).total).toBe(2);
    expect((await listVersions(db.database, 'young', PAGE)).items).toMatchObject([{ version, isWaiting: true }]);
    const rates = await listRates(db.database, await versionOf(db.database, 'young', version), {}, PAGE);
    expect(rates.items).toMatchObject([{ prefix: '49' }]);
    await publish('young', version, { comparedWith: 0 });
    expect(await current('young')).toEqual({ '49': '0.05' });
  });

  test('in another currency than the deck has got meanwhile is not published', async () => {
    const [euro, dollar] = [await load('money', { '1': '1' }), await load('money', { '1': '1' }, { currency: 'USD' })];
    await publish('money', dollar.version);
    await expect(publish('money', euro.version)).rejects.toMatchObject({ refusal: 'version_outdated' });
    const late = await openVersion(db.database, 'money', 'late');
    await db
      .database('astratedeckversion')
      .where({ version: late })
      .update({ loaded_at: new Date(), currency: 'EUR', compared_with: dollar.version });
    await expect(publish('money', late)).rejects.toMatchObject({ refusal: 'currency_mismatch' });
    expect(await db.database('astratedeck').where({ deck: 'money' })).toMatchObject([
      { currency: 'USD', version: String(dollar.version) },
    ]);
    await expect(load('money', { '1': '1' })).rejects.toMatchObject({ refusal: 'currency_mismatch' });
  });

  test('is compared with another version than that of its load once: by the first preview, for those that ask at once or later, and to be published', async () => {
    const { version: before } = await imported('once', TEN);
    const [one, other] = [await load('once', { ...TEN, '30': '2' }), await load('once', { ...TEN, '31': '3' })];
    let statements = 0;
    const count = ({ sql }: { sql: string }) => {
      if (sql.includes('SUM(')) statements++;
    };
    db.database.on('query', count);
    expect((await preview('once', other.version)).comparedWith).toBe(before);
    await publish('once', one.version);
    expect(statements).toBe(0);
    const asked = await Promise.all(Array.from({ length: 5 }, () => preview('once', other.version)));
    for (const each of [...asked, await preview('once', other.version)]) {
      expect(each).toMatchObject({
        comparedWith: one.version,
        changes: { changed: { count: 2, examples: ['30', '31'] }, unchanged: { count: 8 } },
      });
    }
    await publish('once', other.version, { comparedWith: one.version });
    // Each of the two versions is read by one.
    expect(statements).toBe(2);
    db.database.removeListener('query', count);
  });

  test('is compared no further when the only one that wants to know has left', async () => {
    await imported('left', TEN);
    const [one, other] = [await load('left', { ...TEN, '30': '2' }), await load('left', { ...TEN, '30': '3' })];
    await publish('left', one.version);
    const leaving = new AbortController();
    let statements = 0;
    const leave = ({ sql }: { sql: string }) => {
      if (!sql.includes('SUM(')) return;
      statements++;
      leaving.abort(new Error('gone'));
    };
    db.database.on('query', leave);
    await expect(previewVersion(db.database, 'left', other.version, leaving.signal)).rejects.toThrow('gone');
    await db.database.raw('SELECT SLEEP(0.2)');
    expect(statements).toBe(1);
    db.database.removeListener('query', leave);
    expect(await preview('left', other.version)).toMatchObject({ comparedWith: one.version });
  });

  test('whose preview is stale is not published, until the caller has looked again', async () => {
    const { version: before } = await imported('stale', TEN);
    const [one, other] = [await load('stale', { ...TEN, '30': '2' }), await load('stale', { ...TEN, '30': '3' })];
    await publish('stale', one.version);
    await expect(publish('stale', other.version)).rejects.toMatchObject({
      refusal: 'preview_outdated',
      detail: expect.stringContaining(`the deck has version ${one.version} now`),
    });
    expect(await current('stale')).toMatchObject({ '30': '2' });
    const again = await preview('stale', other.version);
    expect(again).toMatchObject({ comparedWith: one.version, changes: { changed: { count: 1, examples: ['30'] } } });
    await expect(publish('stale', other.version, { comparedWith: before })).rejects.toMatchObject({
      refusal: 'preview_outdated',
    });
    // Without a word of the caller it is still the preview of the load that counts.
    await expect(publish('stale', other.version)).rejects.toMatchObject({ refusal: 'preview_outdated' });
    await publish('stale', other.version, { comparedWith: one.version });
    expect(await current('stale')).toMatchObject({ '30': '3' });
  });

  test('that is older than the current one, or was current, is not published', async () => {
    const [one, other] = [await load('aged', TEN), await load('aged', TEN)];
    await publish('aged', other.version);
    for (const ask of [() => publish('aged', one.version), () => preview('aged', one.version)])
      await expect(ask()).rejects.toMatchObject({ refusal: 'version_outdated' });
    for (const ask of [() => publish('aged', other.version), () => preview('aged', other.version)])
      await expect(ask()).rejects.toMatchObject({ refusal: 'version_current' });
    await expect(publish('aged', 999_999)).rejects.toMatchObject({ refusal: 'version_not_found' });
    await expect(publish('nowhere', other.version)).rejects.toMatchObject({ refusal: 'deck_not_found' });
  });

  test('that lacks three of ten prefixes is published only if that is confirmed, whatever it was compared with', async () => {
    await imported('less', TEN);
    const seven = Object.fromEntries(Object.entries(TEN).slice(3));
    const { version } = await load('less', seven);
    await expect(publish('less', version)).rejects.toMatchObject({
      refusal: 'prefixes_gone',
      detail: expect.stringContaining(`version ${version} lacks 3 of the 10 prefixes of deck "less" (30, 31, 32)`),
    });
    expect(await current('less')).toEqual(TEN);
    await publish('less', version, { confirm: true });
    expect(await current('less')).toEqual(seven);
    // Whole against what was current when it was loaded, and a part of what is current now.
    const [whole, seventeen] = [
      { ...seven, '40': '1' },
      { ...seven, ...Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`5${index}`, '1'])) },
    ];
    const earlier = await load('less', seventeen);
    const part = await load('less', whole);
    await publish('less', earlier.version);
    await expect(publish('less', part.version, { comparedWith: earlier.version })).rejects.toMatchObject({
      refusal: 'prefixes_gone',
    });
    expect(await current('less')).toEqual(seventeen);
  });

  test('whose prices are over is published only if that is confirmed', async () => {
    const dated = (days: Record<string, string>) =>
      Readable.from([
        'prefix,destination,price_per_minute,connect_fee,initial_increment,increment,valid_from,valid_until\n',
        ...Object.entries(days).map(([prefix, day]) => `${prefix},Somewhere,0.01,0,60,60,${day}\n`),
      ]);
    const all = (day: string) => Object.fromEntries(Object.keys(TEN).map(prefix => [prefix, day]));
    await imported('dated', TEN);
    const { version, changes } = await load('dated', {}, { input: dated(all(',2020-01-01')) });
    expect(changes).toMatchObject({
      changed: { count: 10 },
      gone: { count: 0 },
      lapsed: { count: 10, examples: ['30', '31', '32'] },
    });
    await expect(publish('dated', version)).rejects.toMatchObject({
      refusal: 'prefixes_gone',
      detail: expect.stringContaining('has no price today for 10 of the 10 prefixes of deck "dated" (30, 31, 32, …)'),
    });
    // Two of them is no more than a fifth; with one that is gone it is. What has a price of today, too, has one.
    const two: Record<string, string> = { ...all('2020-01-01,'), '30': ',2020-01-01', '31': ',2020-01-01' };
    const few = await load('dated', {}, { input: dated(two) });
    expect(few.changes).toMatchObject({ lapsed: { count: 2, examples: ['30', '31'] } });
    const { '39': _gone, ...nine } = two;
    const one = await load('dated', {}, { input: dated(nine) });
    await expect(publish('dated', one.version)).rejects.toMatchObject({
      detail: expect.stringContaining(
        'lacks 1 of the 10 prefixes of deck "dated" (39) and has no price today for 2 more (30, 31), more',
      ),
    });
    // What was compared on another day, or before this was counted, is compared anew.
    await db.database('astratedeckversion').where({ version: one.version }).update({ changes: '{}' });
    await expect(publish('dated', one.version)).rejects.toMatchObject({ refusal: 'prefixes_gone' });
    const yesterday = db.database.raw('UTC_TIMESTAMP(3) - INTERVAL 24 HOUR');
    await db
      .database('astratedeckversion')
      .where({ version: one.version })
      .update({ loaded_at: yesterday, changes: JSON.stringify(few.changes) });
    await expect(publish('dated', one.version)).rejects.toMatchObject({ refusal: 'prefixes_gone' });
    expect(await preview('dated', one.version)).toMatchObject({
      changes: { gone: { count: 1 }, lapsed: { count: 2 } },
    });
    await publish('dated', few.version);
    // What had no price today before does not lose it: here two of ten that have no price yet are left out, and no third one lapses.
    await load('dated', {}, { input: dated({ ...two, '32': '9998-01-01,' }) }).then(({ version: next }) =>
      publish('dated', next),
    );
  });

  test('that blocks more than a fifth of what has a price today is published only if that is confirmed', async () => {
    const listed = (blocked: readonly string[]) =>
      Readable.from([
        `${HEADER.trim()},blocked\n`,
        ...Object.keys(TEN).map(
          prefix => `${prefix},Somewhere,0.01,0,60,60,${blocked.includes(prefix) ? 'yes' : 'no'}\n`,
        ),
      ]);
    await imported('blocking', TEN);
    const three = await load('blocking', {}, { input: listed(['30', '31', '32']) });
    expect(three.changes).toMatchObject({
      changed: { count: 3 },
      lapsed: { count: 0 },
      blocked: { count: 3, examples: ['30', '31', '32'] },
    });
    await expect(publish('blocking', three.version)).rejects.toMatchObject({
      refusal: 'prefixes_gone',
      detail: expect.stringContaining('blocks 3 of the 10 prefixes of deck "blocking" (30, 31, 32), more than a fifth'),
    });
    const two = await load('blocking', {}, { input: listed(['30', '31']) });
    await publish('blocking', two.version);
    // What is blocked already does not count once more.
    const four = await load('blocking', {}, { input: listed(['30', '31', '32', '33']) });
    expect(four.changes).toMatchObject({ blocked: { count: 2, examples: ['32', '33'] } });
    await publish('blocking', four.version);
  });

  test('that is being loaded or deleted is neither shown nor published', async () => {
    await imported('halves', TEN);
    const version = await openVersion(db.database, 'halves', 'half.csv');
    for (const ask of [() => publish('halves', version), () => preview('halves', version)])
      await expect(ask()).rejects.toMatchObject({ refusal: 'version_incomplete' });
    expect((await listVersions(db.database, 'halves', PAGE)).items[0]).toMatchObject({ version, isWaiting: false });
    await db.database('astratedeckversion').where({ version }).delete();
  });

  test('is kept for a day: then the next load or import deletes it', async () => {
    const [old, young] = [await load('patient', TEN), await load('patient', TEN)];
    const waited = (version: number, hours: number) =>
      db
        .database('astratedeckversion')
        .where({ version })
        .update({
          loaded_at: db.database.raw('UTC_TIMESTAMP(3) - INTERVAL ? HOUR', [hours]),
          progress_at: db.database.raw('UTC_TIMESTAMP(3) - INTERVAL ? HOUR', [hours]),
        });
    await waited(old.version, 25);
    await waited(young.version, 23);
    await imported('sweeper', { '1': '1' });
    expect(await rowOf(old.version)).toBeUndefined();
    expect(await ratesIn(old.version)).toBe(0);
    await expect(publish('patient', old.version)).rejects.toMatchObject({ refusal: 'deck_not_found' });
    expect(await ratesIn(young.version)).toBe(10);
    await publish('patient', young.version);
    // One that is current is never too old.
    await waited(young.version, 48);
    await imported('sweeper', { '1': '2' });
    expect(await current('patient')).toEqual(TEN);
  });

  test('is taken back by delete-version, whether its deck is there or not', async () => {
    const { version: first } = await imported('taken', TEN);
    const back = await load('taken', { ...TEN, '30': '7' });
    // As a load does whose COMMIT was done and never answered.
    await removeVersion(db.database, back.version);
    expect(await ratesIn(back.version)).toBe(10);
    expect(await deleteVersion(acting(), 'taken', back.version)).toEqual({
      deck: 'taken',
      version: back.version,
      rates: 10,
    });
    const { version } = await load('never', { '1': '1' });
    await deleteVersion(acting(), 'never', version);
    for (const gone of [back.version, version]) {
      expect(await rowOf(gone)).toBeUndefined();
      expect(await ratesIn(gone)).toBe(0);
    }
    await expect(publish('taken', back.version)).rejects.toMatchObject({ refusal: 'version_not_found' });
    await expect(deleteVersion(acting(), 'never', version)).rejects.toMatchObject({ refusal: 'deck_not_found' });
    expect((await listDecks(db.database, PAGE)).items.map(({ deck }) => deck)).not.toContain('never');
    await expect(deleteVersion(acting(), 'taken', first)).rejects.toMatchObject({ refusal: 'version_current' });
    expect(await current('taken')).toEqual(TEN);
  });

  test('whose deletion is told to stop ends after the step in progress; the same request deletes the rest', async () => {
    const prefixes = Array.from({ length: 12_000 }, (_, number) => [`${100_000 + number}`, '0.01']);
    const { version } = await load('stopped', Object.fromEntries(prefixes));
    const stop = new AbortController();
    const left = new Error('its client left');
    const onDelete = ({ sql }: { sql: string }) => sql.startsWith('DELETE FROM astrate') && stop.abort(left);
    db.database.on('query', onDelete);
    await expect(deleteVersion({ ...acting(), signal: stop.signal }, 'stopped', version)).rejects.toBe(left);
    db.database.removeListener('query', onDelete);
    expect(await ratesIn(version)).toBe(7_000);
    expect(await deleteVersion(acting(), 'stopped', version)).toEqual({ deck: 'stopped', version, rates: 12_000 });
    expect([await rowOf(version), await ratesIn(version)]).toEqual([undefined, 0]);
    expect(await trail(`version ${version} of deck stopped`)).toEqual(['deck load', 'deck delete-version']);
  });

  test('whose deletion was interrupted is deleted by the same request again, by a prune, and by a service that looks later', async () => {
    const versions: number[] = [];
    for (const price of ['0.01', '0.02', '0.03', '0.04']) {
      versions.push((await imported('broken-off', { 1: price, 2: price, 3: price })).version);
    }
    const [one, two, three, four] = versions as [number, number, number, number];
    await db.database('astratedeckversion').whereIn('version', versions).update({ imported_at: '2026-01-01' });
    // Marked, and no more: as if the process had died then.
    for (const version of [one, two, three]) {
      const broken: Acting = { ...acting(), database: dyingAfterCommit(db.database) };
      await expect(deleteVersion(broken, 'broken-off', version)).rejects.toThrow('it died');
      expect(await rowOf(version)).toMatchObject({ imported_at: null, loaded_at: null, rates: 3 });
      expect(await ratesIn(version)).toBe(3);
    }
    expect(await deleteVersion(acting(), 'broken-off', one)).toEqual({ deck: 'broken-off', version: one, rates: 3 });
    expect([await rowOf(one), await ratesIn(one)]).toEqual([undefined, 0]);
    // Once for both.
    expect(await trail(`version ${one} of deck broken-off`)).toEqual(['deck delete-version']);
    await db
      .database('astratedeckversion')
      .where({ version: two })
      .update({ progress_at: db.database.raw('UTC_TIMESTAMP(3) - INTERVAL 16 MINUTE') });
    await removeAbandoned(db.database);
    expect([await rowOf(two), await ratesIn(two), await ratesIn(three)]).toEqual([undefined, 0, 3]);
    expect(await pruneVersions(acting(), 'broken-off', 9)).toEqual([{ deck: 'broken-off', version: three, rates: 3 }]);
    expect([await rowOf(three), await ratesIn(three), await ratesIn(four)]).toEqual([undefined, 0, 3]);
    // One that is being imported is still not deleted.
    const importing = await openVersion(db.database, 'broken-off', 'rates.csv');
    await expect(deleteVersion(acting(), 'broken-off', importing)).rejects.toMatchObject({
      refusal: 'version_current',
      detail: expect.stringContaining('is being imported'),
    });
    await removeVersion(db.database, importing);
  });

  test('is published once, however often at once; and of two at once one is, and the other refused by name', async () => {
    for (let round = 0; round < 5; round++) {
      const deck = `raced-${round}`;
      await imported(deck, TEN);
      const [one, other] = [await load(deck, { ...TEN, '30': '1' }), await load(deck, { ...TEN, '30': '2' })];
      const both = await Promise.allSettled([one, other].map(({ version }) => publish(deck, version)));
      const refused = both.filter(result => result.status === 'rejected').map(({ reason }) => reason.refusal);
      const won = both.findIndex(({ status }) => status === 'fulfilled');
      expect(refused).toEqual([won === 0 ? 'preview_outdated' : 'version_outdated']);
      expect(await current(deck)).toMatchObject({ '30': won === 0 ? '1' : '2' });
    }
    const { version } = await load('raced-0', { ...TEN, '30': '5' });
    const many = await Promise.allSettled(Array.from({ length: 4 }, () => publish('raced-0', version)));
    expect(many.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
    for (const result of many)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ refusal: 'version_current' });
    expect(await trail('deck raced-0')).toHaveLength(3);
  });

  test('is not there if its result cannot be kept, and is there once if the answer to its COMMIT is lost, or gone if it is deleted', async () => {
    const versions = async () => (await db.database('astratedeckversion').where({ deck: 'kept' })).length;
    const refuses = () => Promise.reject(new Error('cannot be kept'));
    await expect(load('kept', TEN, { onResult: refuses })).rejects.toThrow('cannot be kept');
    expect(await versions()).toBe(0);
    expect(await db.database('astaudit').where('object', 'like', '%deck kept')).toEqual([]);
    const wire = await openWire(db.url);
    const pool = openDatabase(wire.url);
    const seen: string[] = [];
    const lost: Promise<void>[] = [];
    const loaded = await loadDeck(actingAs('test', pool), {
      deck: 'kept',
      currency: 'EUR',
      source: 'rates.csv',
      input: priced(TEN),
      onResult: async (_transaction, result) => {
        seen.push(JSON.stringify(result));
        if (seen.length === 1) lost.push(wire.loseNextCommitReply());
      },
    });
    await Promise.all(lost);
    expect(seen).toEqual([JSON.stringify(loaded), JSON.stringify(loaded)]);
    expect(await preview('kept', loaded.version)).toEqual(loaded);
    expect(await versions()).toBe(1);
    expect(await trail(`version ${loaded.version} of deck kept`)).toEqual(['deck load']);
    // A publication likewise.
    const lose = wire.loseNextCommitReply();
    await publishVersion(actingAs('test', pool), { deck: 'kept', version: loaded.version });
    await lose;
    expect(await current('kept')).toEqual(TEN);
    expect(await trail('deck kept')).toEqual(['deck publish']);
    // And a deletion.
    const { version } = await load('kept', TEN);
    const loseAgain = wire.loseNextCommitReply();
    expect(await deleteVersion(actingAs('test', pool), 'kept', version)).toMatchObject({ version, rates: 10 });
    await loseAgain;
    expect([await rowOf(version), await ratesIn(version)]).toEqual([undefined, 0]);
    expect(await trail(`version ${version} of deck kept`)).toEqual(['deck load', 'deck delete-version']);
    await pool.destroy();
    await wire.close();
  });

  test('no more than twenty wait at once, and nothing is written of one more', async () => {
    await db.database('astratedeckversion').whereNull('imported_at').update({ loaded_at: '2020-01-01' });
    const loaded = [];
    for (let number = 0; number < 20; number++) loaded.push(await load(`many-${number}`, TEN));
    const versions = await db.database('astratedeckversion').count({ total: '*' }).first();
    const more = load('many-more', TEN);
    await expect(more).rejects.toMatchObject({ refusal: 'too_many_versions' });
    expect(await db.database('astratedeckversion').count({ total: '*' }).first()).toEqual(versions);
    await publish('many-3', loaded[3]?.version as number);
    expect(await load('many-more', TEN)).toMatchObject({ deck: 'many-more' });
  });
});
