#!/usr/bin/env node
'use strict';

/**
 * The program behind `npm run lab`, `npm test`, `npm run drill`, `npm run simulate`, `npm run fuzz` and `npm run bench:…`. It runs before
 * anything is installed or compiled, so it is plain JavaScript without dependencies. It installs the npm packages, builds, fetches the Node of the
 * command and starts it. It does not repeat what it has done already.
 */

const { spawn, spawnSync } = require('node:child_process');
const {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} = require('node:fs');
const { setPriority } = require('node:os');
const { delimiter, dirname, join } = require('node:path');

const projectFolder = join(__dirname, '..');
const labFolder = join(projectFolder, '.lab');
const distFolder = join(projectFolder, 'dist');
/** Written last, so an interrupted build has none. */
const builtMarker = join(distFolder, '.built');

/**
 * The tested Nodes, by their major version. npm has each as a package without an install script; `integrity` is the value that the registry
 * must answer for it.
 */
const nodes = {
  // The Node that docker/ringfence/Dockerfile and the documents name.
  24: {
    version: '24.21.0',
    integrity: {
      x64: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
      arm64: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
    },
  },
  // The oldest that `engines` in package.json allows.
  20: {
    version: '20.20.2',
    integrity: {
      x64: 'sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==',
      arm64: 'sha512-LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==',
    },
  },
};
const OLDEST = 20;
const NEWEST = 24;

const jest = args => run(process.execPath, [join(projectFolder, 'node_modules/jest/bin/jest.js'), ...args]);

const commands = {
  // For .ci/run, whose checks need the packages too.
  install: async () => 0,
  lab: args => run(process.execPath, [join(distFolder, 'lab/main.js'), ...args]),
  // Four workers on two cores: files wait for telephones that ring and for databases. test/sequencer.js mixes them with those that work hard.
  test: args => {
    goFirst();
    return jest(['--maxWorkers=4', ...args]);
  },
  // No databases and no switches, so that both Nodes are tested within the time of one.
  'test-oldest': args => jest(['--config=jest.pure.config.js', '--maxWorkers=100%', ...args]),
  'check-compose': args => run(process.execPath, [join(distFolder, 'lab/compose-check.js'), ...args]),
  docs: args => run(process.execPath, [join(distFolder, 'lab/pages.js'), ...args]),
  drill: args => run(process.execPath, [join(distFolder, 'lab/drill/main.js'), ...args]),
  bench: ([name, ...args]) => run(process.execPath, [join(distFolder, `bench/${name}.js`), ...args]),
  simulate: args => run(process.execPath, [join(distFolder, 'simulation/main.js'), ...args]),
  fuzz: args => run(process.execPath, [join(distFolder, 'fuzz/main.js'), ...args]),
  mutations: args => run(process.execPath, [join(distFolder, 'simulation/mutations.js'), ...args]),
};

/**
 * Telephones ring and databases answer in real time, which a machine that is busy with other things does not let them: what is started from
 * here on goes before those, as a switch in production does. Only root may say so; for others the tests take their chance.
 */
function goFirst() {
  try {
    setPriority(-10);
  } catch {
    // Not root.
  }
}

async function main() {
  const [name, ...args] = process.argv.slice(2);
  const command = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined;
  if (!command) fail(`usage: node lab/start.js ${Object.keys(commands).join('|')} [arguments]`, 2);
  checkTools();
  mkdirSync(join(labFolder, 'log'), { recursive: true });
  await installPackages();
  await build();
  const node = await ensureNode(name === 'test-oldest' ? OLDEST : NEWEST);
  // First in PATH: programs that begin with `#!/usr/bin/env node` run on it too.
  process.env.PATH = `${dirname(node)}${delimiter}${process.env.PATH}`;
  process.exitCode = node === process.execPath ? await command(args) : await run(node, process.argv.slice(1));
}

/** The path of a Node of that major version: this one, or one that npm has fetched. */
async function ensureNode(major) {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const { version, integrity } = nodes[major];
  const { partsFolder } = require(join(distFolder, 'lab/parts.js'));
  const folder = join(partsFolder(), `node-${version}`);
  const name = `node-linux-${process.arch}`;
  const node = join('node_modules', name, 'bin/node');
  if (existsSync(join(folder, node))) return join(folder, node);
  if (!integrity[process.arch]) fail(`npm has no Node ${major} for ${process.arch}: install Node ${major} yourself`);
  // Fetched aside and renamed at the end, so that an interrupted one does not count as whole.
  const unfinished = `${folder}-${process.pid}`;
  try {
    mkdirSync(unfinished, { recursive: true });
    writeFileSync(join(unfinished, 'package.json'), '{}');
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await quietly(`Node ${version}`, 'npm', ['install', ...options, '--prefix', unfinished, `${name}@${version}`]);
    const { packages } = JSON.parse(readFileSync(join(unfinished, 'node_modules/.package-lock.json'), 'utf8'));
    const fetched = packages[`node_modules/${name}`].integrity;
    if (fetched !== integrity[process.arch]) fail(`${name}@${version} is not the one that was tested: ${fetched}`);
    if (!existsSync(folder)) renameSync(unfinished, folder);
    return join(folder, node);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function checkTools() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  // What builds the console needs 20.19.
  if (major < 20 || (major === 20 && minor < 19))
    fail(`Node 20.19 or newer is needed; this is ${process.versions.node}`);
  if (process.platform !== 'linux') fail(`Linux is needed (Debian packages are run); this is ${process.platform}`);
  if (spawnSync('git', ['--version']).status !== 0) fail('git is needed and was not found');
}

async function installPackages() {
  // npm writes this file last, so a broken installation does not count as whole.
  const installed = changedAt(join(projectFolder, 'node_modules/.package-lock.json'));
  if (installed >= changedAt(join(projectFolder, 'package-lock.json'))) return;
  const quiet = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  // `npm ci` refuses a lock file that was written where the registry offers fewer platforms' packages than here, or more. `npm install`
  // takes the locked versions all the same, and --no-save leaves the file as it is.
  if (await quietly('npm ci', 'npm', ['ci', ...quiet], { mayFail: true })) return;
  await quietly('npm install', 'npm', ['install', '--no-save', ...quiet]);
}

async function build() {
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json', 'console'];
  const sources = ['src', 'lab', 'bench', 'simulation', 'fuzz', ...settings];
  const newest = Math.max(...sources.map(source => newestIn(join(projectFolder, source))));
  if (changedAt(builtMarker) >= newest) return;
  const startedAt = new Date();
  // Built aside and renamed at the end, because another program may run from dist/ meanwhile.
  const unfinished = join(projectFolder, `.lab/dist-${process.pid}`);
  try {
    await quietly('build', join(projectFolder, 'node_modules/.bin/tsc'), [
      '-p',
      'tsconfig.build.json',
      '--outDir',
      unfinished,
    ]);
    const outDir = ['--outDir', join(unfinished, 'console'), '--logLevel', 'warn'];
    await quietly('build the console', join(projectFolder, 'node_modules/.bin/vite'), ['build', 'console', ...outDir]);
    writeFileSync(join(unfinished, '.built'), '');
    // As old as the build's start, so that what was saved while it ran is built next time.
    utimesSync(join(unfinished, '.built'), startedAt, startedAt);
    const old = `${unfinished}-old`;
    if (existsSync(distFolder)) renameSync(distFolder, old);
    renameSync(unfinished, distFolder);
    rmSync(old, { recursive: true, force: true });
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** Runs an installer with its output in a file, and shows the file's end if it fails; true if it did not. */
async function quietly(what, command, args, { mayFail = false } = {}) {
  const logPath = join(labFolder, 'log', `${what.replaceAll(' ', '-')}.log`);
  const startedAt = Date.now();
  process.stderr.write(`${what} ...\n`);
  const chunks = [];
  const child = spawn(command, args, { cwd: projectFolder, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.on('data', chunk => chunks.push(chunk));
  child.stderr.on('data', chunk => chunks.push(chunk));
  const stillAlive = setInterval(
    () => process.stderr.write(`${what} still works (${Math.round((Date.now() - startedAt) / 1000)} s)\n`),
    10_000,
  );
  const code = await ended(child).finally(() => clearInterval(stillAlive));
  writeFileSync(logPath, Buffer.concat(chunks));
  if (code === 0 || mayFail) return code === 0;
  const lastLines = readFileSync(logPath, 'utf8').trimEnd().split('\n').slice(-20).join('\n');
  fail(`${what} failed; the end of ${logPath}:\n${lastLines}`);
}

async function run(command, args) {
  const child = spawn(command, args, { cwd: projectFolder, stdio: 'inherit' });
  // Ctrl-C reaches the child by itself; we stay until it has tidied up.
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      if (signal === 'SIGTERM') child.kill(signal);
    });
  }
  return ended(child);
}

function ended(child) {
  return new Promise((done, failed) => {
    child.on('error', failed);
    child.on('exit', (code, signal) => done(signal ? 1 : code));
  });
}

/** Milliseconds since 1970; 0 if there is no such file. */
function changedAt(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

/** A folder's own time counts too: it changes when a file in it is deleted. */
function newestIn(path) {
  if (!existsSync(path)) return 0;
  const own = changedAt(path);
  if (!statSync(path).isDirectory()) return own;
  return Math.max(own, ...readdirSync(path).map(name => newestIn(join(path, name))));
}

/** Ends the program with a message and no stack. */
function fail(message, exitCode = 1) {
  throw Object.assign(new Error(message), { exitCode });
}

main().catch(error => {
  process.stderr.write(`${error.exitCode ? error.message : error.stack}\n`);
  process.exitCode = error.exitCode ?? 1;
});
