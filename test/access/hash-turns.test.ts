import { HashTurns } from '../../src/access/hash-turns';

/** Work that goes on until it is let go. */
function workshop(turns: HashTurns) {
  const running: string[] = [];
  const ends = new Map<string, () => void>();
  const begin = (name: string, isKnown: boolean) =>
    turns.run(isKnown, async () => {
      running.push(name);
      await new Promise<void>(resolve => ends.set(name, resolve));
      running.splice(running.indexOf(name), 1);
      return name;
    });
  const settle = () => new Promise(resolve => setImmediate(resolve));
  const end = async (name: string) => {
    ends.get(name)?.();
    await settle();
  };
  return { running, begin, end, settle };
}

test('two are done at once, one of a stranger', async () => {
  const { running, begin, end, settle } = workshop(new HashTurns());
  const all = [begin('s1', false), begin('s2', false), begin('k1', true), begin('k2', true)];
  await settle();
  expect(running).toEqual(['s1', 'k1']);
  await end('s1');
  expect(running).toEqual(['k1', 'k2']);
  await end('k1');
  expect(running).toEqual(['k2', 's2']);
  for (const name of ['k2', 's2']) await end(name);
  expect(await Promise.all(all)).toEqual(['s1', 's2', 'k1', 'k2'].map(result => ({ result })));
});

test('people who are known where they are go before all strangers, two at once', async () => {
  const { running, begin, end, settle } = workshop(new HashTurns());
  for (const name of ['s1', 's2', 's3']) void begin(name, false);
  for (const name of ['k1', 'k2', 'k3']) void begin(name, true);
  await settle();
  expect(running).toEqual(['s1', 'k1']);
  await end('s1');
  expect(running).toEqual(['k1', 'k2']);
  await end('k2');
  expect(running).toEqual(['k1', 'k3']);
  for (const name of ['k1', 'k3', 's2', 's3']) await end(name);
  expect(running).toEqual([]);
});

test('with twenty strangers that wait the next one is refused, a known person is not', async () => {
  const { running, begin, end, settle } = workshop(new HashTurns());
  for (let count = 0; count < 21; count++) void begin(`s${count}`, false);
  expect(await begin('late', false)).toBeNull();
  void begin('k', true);
  await settle();
  expect(running).toEqual(['s0', 'k']);
  for (let count = 0; count < 21; count++) await end(`s${count}`);
  await end('k');
});

test('work that fails gives its place back', async () => {
  const turns = new HashTurns();
  const failing = () => Promise.reject(new Error('no memory'));
  for (let count = 0; count < 5; count++) await expect(turns.run(false, failing)).rejects.toThrow('no memory');
  expect(await turns.run(false, async () => 1)).toEqual({ result: 1 });
});
