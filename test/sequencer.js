const { statSync } = require('node:fs');
const { default: Sequencer } = require('@jest/test-sequencer');

/** Keeps one core busy for a minute or so. */
const isBusy = ({ path }) => /fuzz|simulation/.test(path);

/** Waits most of its time: for telephones that ring and talk. */
const isWaiting = ({ path }) => path.endsWith('.sip.test.ts');

/**
 * The order in which the test files start, the same on every machine: large ones first, because they take longest; those that wait and those
 * that keep a core busy are spread among all others. Waiting ones beside each other would leave the processors idle, and busy ones would starve
 * each other.
 */
module.exports = class extends Sequencer {
  sort(tests) {
    const bySize = tests.toSorted(
      (one, other) => statSync(other.path).size - statSync(one.path).size || (one.path < other.path ? -1 : 1),
    );
    const busy = bySize.filter(isBusy);
    const waiting = bySize.filter(test => isWaiting(test) && !isBusy(test));
    const others = bySize.filter(test => !isWaiting(test) && !isBusy(test));
    return spread(waiting, spread(busy, others));
  }
};

/** The few among the many, at equal distances. They end with the first three quarters of the many, so that no long file is alone at the end. */
function spread(few, many) {
  const every = Math.max(1, (many.length * 3) / 4 / Math.max(1, few.length));
  const order = few.flatMap((one, index) => [
    one,
    ...many.slice(Math.floor(index * every), Math.floor((index + 1) * every)),
  ]);
  return [...order, ...many.slice(Math.floor(few.length * every))];
}
