const { statSync } = require('node:fs');
const { default: Sequencer } = require('@jest/test-sequencer');

/** Keeps one core busy for a minute or so. */
const isBusy = ({ path }) => /fuzz|simulation/.test(path);

/** Waits most of its time: for telephones that ring and talk. */
const isWaiting = ({ path }) => path.endsWith('.sip.test.ts');

/**
 * The order in which the test files start, the same on every machine: files with calls first, because they take longest, and files that keep
 * a core busy spread evenly among them. Three of those at once would starve each other, and their promises are about time.
 */
module.exports = class extends Sequencer {
  sort(tests) {
    const bySize = tests.toSorted(
      (one, other) => statSync(other.path).size - statSync(one.path).size || (one.path < other.path ? -1 : 1),
    );
    const busy = bySize.filter(isBusy);
    const waiting = bySize.filter(test => isWaiting(test) && !isBusy(test));
    const others = bySize.filter(test => !isWaiting(test) && !isBusy(test));
    const every = Math.max(1, Math.floor(waiting.length / Math.max(1, busy.length)));
    const order = waiting.flatMap((test, index) =>
      index % every === 0 && busy.length > 0 ? [busy.shift(), test] : [test],
    );
    return [...order, ...busy, ...others];
  }
};
