const { statSync } = require('node:fs');
const { default: Sequencer } = require('@jest/test-sequencer');

/** What a file does most of its time; 'other' asks a database, or is short. */
function kindOf({ path }) {
  if (/fuzz|simulation/.test(path)) return 'busy';
  if (path.includes('.browser.')) return 'browser';
  // For telephones that ring and talk.
  return path.endsWith('.sip.test.ts') ? 'waiting' : 'other';
}

/**
 * The order in which the test files start, the same on every machine. Each kind begins with its largest files, because they take longest, and all
 * kinds come to their ends together. Waiting ones beside each other would leave the processors idle; busy ones and browsers beside each other
 * would starve each other and the telephones.
 */
module.exports = class extends Sequencer {
  sort(tests) {
    const bySize = tests
      .map(test => ({ test, size: statSync(test.path).size }))
      .toSorted((one, other) => other.size - one.size || (one.test.path < other.test.path ? -1 : 1));
    return ['busy', 'browser', 'waiting', 'other']
      .flatMap(kind => placed(bySize.filter(({ test }) => kindOf(test) === kind)))
      .toSorted((one, other) => one.place - other.place)
      .map(({ test }) => test);
  }
};

/** The files of a kind, each with the part of their bytes that comes before it: bytes tell roughly how long a file takes. */
function placed(files) {
  const all = files.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  return files.map(({ test, size }) => {
    const place = before / all;
    before += size;
    return { test, place };
  });
}
