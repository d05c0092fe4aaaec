/** So many sockets are written to at a time: a millisecond for small messages, four for large ones. */
const PORTION = 100;

/** Does it for each, and lets the process carry its calls in between: 1,000 writes of 70 KB take 40 ms. */
export async function inPortions<Item>(items: readonly Item[], act: (item: Item) => void): Promise<void> {
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % PORTION === 0) await new Promise(resolve => setImmediate(resolve));
    act(item);
  }
}
