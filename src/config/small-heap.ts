/**
 * Flags of V8 for what reads millions of rows. It then collects garbage often: on a machine with much memory it would let hundreds of
 * megabytes of dead rows lie. It costs processor time, which such a program has while it waits for the database. They must be given before
 * the heap has grown: the young generation stays as it is then, and the old one grows by half.
 */
export const SMALL_HEAP = ['--semi-space-growth-factor=1', '--heap-growing-percent=50'] as const;
