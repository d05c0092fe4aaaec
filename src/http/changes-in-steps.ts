/** Changes that take several steps: each once at a time, and none goes on when the service stops. Pure. */

/** No further step is begun: what was done stays. */
export class ServiceStops extends Error {
  override name = 'ServiceStops';
}

/** The same request is in progress: the one that came again would do its steps beside it. */
export class ChangeInProgress extends Error {
  override name = 'ChangeInProgress';
}

export class ChangesInSteps {
  /** By what each is called: its actor and its Idempotency-Key. */
  private readonly running = new Map<string, AbortController>();
  private isClosed = false;

  /** Makes the change of that name. `ending` is aborted with ServiceStops when the service stops. @throws ChangeInProgress; what `make` throws */
  async make<Result>(name: string, ending: AbortController, make: () => Promise<Result>): Promise<Result> {
    if (this.running.has(name)) throw new ChangeInProgress('it is in progress');
    this.running.set(name, ending);
    if (this.isClosed) ending.abort(new ServiceStops());
    try {
      return await make();
    } finally {
      this.running.delete(name);
    }
  }

  close(): void {
    this.isClosed = true;
    for (const ending of this.running.values()) ending.abort(new ServiceStops());
  }
}
