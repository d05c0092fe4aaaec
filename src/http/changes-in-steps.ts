/** Changes that take several steps: none goes on when the service stops. Pure. */

/** No further step is begun: what was done stays. */
export class ServiceStops extends Error {
  override name = 'ServiceStops';
}

export class ChangesInSteps {
  private readonly running = new Set<AbortController>();
  private isClosed = false;

  /** Makes a change. `ending` is aborted with ServiceStops when the service stops. @throws what `make` throws */
  async make<Result>(ending: AbortController, make: () => Promise<Result>): Promise<Result> {
    this.running.add(ending);
    if (this.isClosed) ending.abort(new ServiceStops());
    try {
      return await make();
    } finally {
      this.running.delete(ending);
    }
  }

  close(): void {
    this.isClosed = true;
    for (const ending of this.running) ending.abort(new ServiceStops());
  }
}
