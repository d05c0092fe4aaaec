/** How long a limit that was read back speaks for those that follow. Ms. */
const PROVEN_FOR_MS = 1_000;

/**
 * Whether a switch is known to take the limits that it is told in one way. Asterisk answers 204 to a limit that it did not set
 * (res/stasis/control.c). It sets all or none: TIMEOUT() is a function of one module, which may be unloaded at any time. So a limit is read back
 * when none that was told in the same way was for a second. A busy switch is spared one request in three.
 */
export class LimitProof {
  #provenAt = Number.NEGATIVE_INFINITY;

  get isFresh(): boolean {
    return performance.now() - this.#provenAt < PROVEN_FOR_MS;
  }

  /** A limit was read back as it was set. */
  proven(): void {
    this.#provenAt = performance.now();
  }

  /** One was not, or the switch may be another one now. */
  forget(): void {
    this.#provenAt = Number.NEGATIVE_INFINITY;
  }
}
