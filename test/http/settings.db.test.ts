/** The settings of a service, as an administrator sees them: which service answers, and no secret in it. */
import { ownName } from '../../src/ownership/process-identity';
import { ringfence } from '../cli/cli-fixture';
import { createTestDatabase, engines, type TestDatabase } from '../database/test-database';
import { Browser, PASSWORD, peopleService } from './people-fixture';

const PIN_KEY = 'hunter2-of-thirty-two-characters-0';

describe.each(engines)('the settings of a service, %s', engine => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase(engine);
  });
  afterAll(() => db.drop());

  const passwordOf = () => decodeURIComponent(new URL(db.url).password);

  test('an administrator sees those of the service that answers, and nobody a secret', async () => {
    const service = await peopleService(db, { RINGFENCE_PIN_KEY: PIN_KEY, RINGFENCE_RING_SECONDS: '30' });
    try {
      const { out } = await ringfence(db.url, ['operator', 'invite', 'anna', '--roles', 'admin', '--json']);
      const anna = new Browser(service.port, '198.51.100.1');
      expect((await anna.post('/invitation', { token: JSON.parse(out).token, password: PASSWORD })).status).toBe(200);
      await anna.logIn('anna', PASSWORD);
      const { status, body, text } = await anna.get('/settings');
      expect(status).toBe(200);
      expect(body.service).toBe(ownName());
      const found = (name: string) => body.items.find((each: { name: string }) => each.name === name);
      expect(found('RINGFENCE_RING_SECONDS')).toMatchObject({ value: '30', default: '60', is_given: true });
      expect(found('RINGFENCE_DRAIN_SECONDS')).toMatchObject({ value: '10', default: '10', is_given: false });
      expect(found('RINGFENCE_PIN_KEY')).toMatchObject({ value: 'set', default: null, is_secret: true });
      expect(found('RINGFENCE_REST_KEYS')).toMatchObject({ value: 'not set', is_given: false, is_secret: true });
      const { host, pathname } = new URL(db.url);
      expect(found('RINGFENCE_DATABASE_URL').value).toContain(`@${host}${pathname}`);
      for (const secret of ['hunter2', passwordOf()]) expect(text).not.toContain(secret);
    } finally {
      await service.stop();
    }
  });

  test('the command line shows those of its own environment', async () => {
    const environment = { RINGFENCE_PIN_KEY: PIN_KEY, RINGFENCE_RING_SECONDS: '30' };
    for (const words of [['settings'], ['settings', '--json']]) {
      const { exitCode, out, err } = await ringfence(db.url, words, environment);
      expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
      expect(out).toContain('RINGFENCE_RING_SECONDS');
      for (const secret of ['hunter2', passwordOf()]) expect(out).not.toContain(secret);
    }
    const { out } = await ringfence(db.url, ['settings'], environment);
    expect(out).toMatch(/^RINGFENCE_RING_SECONDS +30 +yes +60/m);
    expect(out).toMatch(/^RINGFENCE_PIN_KEY +set +yes/m);
  });
});
