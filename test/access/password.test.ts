import { isPasswordOf, passwordHash, SALT_BYTES } from '../../src/access/password';

const salt = Buffer.alloc(SALT_BYTES, 7);

test('a hash names its scheme, its parameters and its salt, and knows its password alone', async () => {
  const kept = await passwordHash('correct horse battery', salt);
  expect(kept).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$BwcHBwcHBwcHBwcHBwcHBw\$[A-Za-z0-9_-]{43}$/);
  expect(kept.length).toBeLessThanOrEqual(200);
  expect(await isPasswordOf('correct horse battery', kept)).toBe(true);
  for (const wrong of ['Correct horse battery', 'correct horse battery ', '']) {
    expect([wrong, await isPasswordOf(wrong, kept)]).toEqual([wrong, false]);
  }
});

test('the same letters are the same password in both forms of Unicode', async () => {
  const kept = await passwordHash('gr\u00fc\u00dfe aus k\u00f6ln', salt);
  expect(await isPasswordOf('gru\u0308\u00dfe aus ko\u0308ln', kept)).toBe(true);
});

test('a hash with other parameters is understood by what it names', async () => {
  // Written by Python: hashlib.scrypt(b'correct horse battery', salt=bytes([7]) * 16, n=1024, r=8, p=1, dklen=32)
  const kept = '$scrypt$ln=10,r=8,p=1$BwcHBwcHBwcHBwcHBwcHBw$xLp2C-Wt_Nug3CdnAUNywcBXBvlBk1YwC2JqvryP1Zg';
  expect(await isPasswordOf('correct horse battery', kept)).toBe(true);
  expect(await isPasswordOf('correct horse batterz', kept)).toBe(false);
});

test('where there is no hash no password is right, and a hash is computed all the same', async () => {
  const scrypt = jest.spyOn(require('node:crypto'), 'scrypt');
  expect(await isPasswordOf('', null)).toBe(false);
  const kept = await passwordHash('correct horse battery', salt);
  await isPasswordOf('wrong', kept);
  const [none, , wrong] = scrypt.mock.calls.map(([, , bytes, cost]) => ({ bytes, cost }));
  expect(none).toEqual(wrong);
  scrypt.mockRestore();
});

test.each(['', 'plain', '$argon2id$v=19$m=1$x$y', '$scrypt$ln=15,r=8,p=3$BwcH$short'])(
  'a hash of no known scheme is a fault: %j',
  async kept => {
    await expect(isPasswordOf('x', kept)).rejects.toThrow('no known scheme');
  },
);
