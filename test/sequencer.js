const { statSync } = require('node:fs');
const { default: Sequencer } = require('@jest/test-sequencer');

/** Keeps one core busy for a minute or so. */
const isBusy = ({ path }) => /fuzz|simulation/.test(path);

/** Waits most of its time: for telephones that ring and talk. */
const isWaiting = ({ path }) => path.endsWith('.sip.test.ts');

/**
 * The order in which the test files are begun, on every machine the same: those with calls first, as they take longest, and with those that keep
 * a core busy spread evenly among them. Three of these at once would starve each other, and the promises that they hold are about time.
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
