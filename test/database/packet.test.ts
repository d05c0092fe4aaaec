import { inOnePacket, sendOneByOne } from '../../src/database/packet';
import { type Sql, select, write } from '../../src/database/rows';

/** A connection that answers each packet with its own text, statement by statement. */
function connectionThat(answers: (packet: string) => unknown) {
  const packets: string[] = [];
  const format = (text: string, values: unknown[]) =>
    values.reduce<string>((sql, value) => sql.replace('?', String(value)), text);
  const query = async (text: string) => {
    packets.push(text);
    return [answers(text), []];
  };
  return { packets, connection: { format, query } as unknown as Parameters<typeof inOnePacket>[0] };
}

test('what is asked at once goes in one packet, in its order, and each hears its own answer', async () => {
  const { packets, connection } = connectionThat(() => [{ affectedRows: 2 }, [{ name: 'alice' }]]);
  const [matched, rows] = await inOnePacket(connection, sql => [
    write(sql, 'UPDATE a SET b = ?', [7]),
    select(sql, 'SELECT name FROM a'),
  ]);
  expect([matched, rows]).toEqual([2, [{ name: 'alice' }]]);
  expect(packets).toEqual(['UPDATE a SET b = 7;\nSELECT name FROM a']);
});

test('one question alone is answered as any query, and none sends nothing', async () => {
  const { packets, connection } = connectionThat(() => [{ name: 'alice' }]);
  expect(await inOnePacket(connection, sql => [select(sql, 'SELECT name FROM a')])).toEqual([[{ name: 'alice' }]]);
  expect(await inOnePacket(connection, () => [])).toEqual([]);
  expect(packets).toHaveLength(1);
});

test('to a Galera node each statement goes by itself, and none behind one that is refused', async () => {
  const { packets, connection } = connectionThat(text => {
    if (text === 'UPDATE b') throw new Error('1213');
    return { affectedRows: 1 };
  });
  sendOneByOne(connection);
  expect(await inOnePacket(connection, sql => [write(sql, 'UPDATE a'), write(sql, 'COMMIT')])).toEqual([1, 1]);
  const refused = inOnePacket(connection, sql => [
    write(sql, 'UPDATE a'),
    write(sql, 'UPDATE b'),
    write(sql, 'COMMIT'),
  ]);
  await expect(refused).rejects.toThrow('1213');
  expect(packets).toEqual(['UPDATE a', 'COMMIT', 'UPDATE a', 'UPDATE b']);
});

test('where one question cannot be composed nothing is sent, a COMMIT behind it least of all', async () => {
  const { packets, connection } = connectionThat(() => []);
  const broken = async (sql: Sql) => {
    await Promise.resolve();
    throw new Error(`no amount for ${typeof sql}`);
  };
  const packet = inOnePacket(connection, sql => [write(sql, 'UPDATE a SET b = 1'), broken(sql), write(sql, 'COMMIT')]);
  await expect(packet).rejects.toThrow('no amount');
  expect(packets).toEqual([]);
});

test('a packet that is refused fails every question, and what is asked after it was sent is an error', async () => {
  const { connection } = connectionThat(() => {
    throw new Error('refused');
  });
  const late = async (sql: Sql) => {
    await select(sql, 'SELECT 1').catch(() => []);
    return select(sql, 'SELECT 2');
  };
  const outcomes: PromiseSettledResult<unknown>[] = [];
  await expect(
    inOnePacket(connection, sql => {
      const answers = [write(sql, 'UPDATE a SET b = 1'), late(sql)] as const;
      void Promise.allSettled(answers).then(all => outcomes.push(...all));
      return answers;
    }),
  ).rejects.toThrow('refused');
  await new Promise(resolve => setImmediate(resolve));
  expect(outcomes.map(one => (one as PromiseRejectedResult).reason.message)).toEqual([
    'refused',
    'asked after its packet was sent: SELECT 2',
  ]);
});
