import { asFault } from '../../src/database/fault';
import { inOnePacket, type PacketConnection, sendOneByOne } from '../../src/database/packet';
import { type Sql, select, write } from '../../src/database/rows';

/** A connection that answers each packet with its own text, statement by statement; a refusal is of the statement with this index. */
function connectionThat(answers: (packet: string) => unknown, refuses = 0) {
  const packets: string[] = [];
  const format = (text: string, values: unknown[]) =>
    values.reduce<string>((sql, value) => sql.replace('?', String(value)), text);
  const query = async (text: string) => {
    packets.push(text);
    return [answers(text), []];
  };
  const plain = {
    query(text: string, answered: (error: object | null, results: unknown) => void) {
      query(text).then(
        ([results]) => answered(null, results),
        error => answered(error, undefined),
      );
      return { _resultIndex: refuses };
    },
  };
  return { packets, connection: { format, query, connection: plain } as unknown as PacketConnection };
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

test('the fault of a packet names the statement that was refused, without its values', async () => {
  const { connection } = connectionThat(() => {
    throw Object.assign(new Error('Lock wait timeout exceeded'), { errno: 1205, code: 'ER_LOCK_WAIT_TIMEOUT' });
  }, 1);
  const fault = await inOnePacket(connection, sql => [
    write(sql, 'UPDATE astfence SET seq = 1'),
    select(sql, 'SELECT balance FROM astaccount WHERE accountcode = ?', ["'alice'"]),
    write(sql, 'COMMIT'),
  ]).catch(asFault);
  expect(fault).toMatchObject({ kind: 'again', statement: 'SELECT astaccount' });
});

test.each([
  ['INSERT INTO astcdr (uniqueid) VALUES (1) ON DUPLICATE KEY UPDATE src = 2', 'INSERT astcdr'],
  ['UPDATE astaccount SET reason = "taken from bob"', 'UPDATE astaccount'],
  ['delete from `astcreditres` where uniqueid = 1', 'DELETE astcreditres'],
  ['COMMIT', 'COMMIT'],
  [undefined, undefined],
])('a fault of %s names %s', (sql, statement) => {
  expect(asFault(Object.assign(new Error('no'), { errno: 1213, sql }))).toMatchObject({ kind: 'again', statement });
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

test('a connection that is lost already is a database that is away', async () => {
  const { connection } = connectionThat(() => []);
  const query = (_: string, answered: (error: object, results: unknown) => void) => {
    answered(Object.assign(new Error('in closed state'), { fatal: true, code: 'PROTOCOL_CONNECTION_LOST' }), undefined);
    return {};
  };
  const lost = { ...connection, connection: { query } } as unknown as PacketConnection;
  const fault = await inOnePacket(lost, sql => [write(sql, 'UPDATE a'), write(sql, 'COMMIT')]).catch(asFault);
  expect(fault).toMatchObject({ kind: 'away' });
});
