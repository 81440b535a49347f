/** Bounded concurrency: over a stream in order, and over work that holds memory. */

/** What `work` makes of each item, in the items' order, at most `limit` at once. The first failure ends it. */
export async function* mapInOrder<T, R>(
  items: AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const underWay: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const promise = work(item);
      // It is awaited in its turn; until then its failure is not unhandled.
      promise.catch(() => undefined);
      underWay.push(promise);
      const first = underWay.length >= limit ? underWay.shift() : undefined;
      if (first !== undefined) yield await first;
    }
    for (let first = underWay.shift(); first !== undefined; first = underWay.shift()) yield await first;
  } finally {
    await Promise.allSettled(underWay);
  }
}

/** Admits work while both limits hold; a piece that is larger than the byte limit is admitted alone. */
export class Gate {
  private count = 0;
  private bytes = 0;
  private failure: { readonly error: unknown } | undefined;
  private waiting: (() => void)[] = [];

  constructor(private readonly limits: { readonly count: number; readonly bytes: number }) {}

  /** Waits for room, then starts `work` and returns without waiting for it. Throws the first failure so far. */
  async start(bytes: number, work: () => Promise<void>): Promise<void> {
    while (!this.hasRoom(bytes)) await this.change();
    if (this.failure !== undefined) throw this.failure.error;
    this.count++;
    this.bytes += bytes;
    void work()
      .catch((error: unknown) => void (this.failure ??= { error }))
      .finally(() => {
        this.count--;
        this.bytes -= bytes;
        for (const wake of this.waiting.splice(0)) wake();
      });
  }

  /** Waits until all that was started has ended. Throws the first failure. */
  async drain(): Promise<void> {
    await this.settle();
    if (this.failure !== undefined) throw this.failure.error;
  }

  /** As `drain`, whatever failed. */
  async settle(): Promise<void> {
    while (this.count > 0) await this.change();
  }

  private hasRoom(bytes: number): boolean {
    if (this.failure !== undefined || this.count === 0) return true;
    return this.count < this.limits.count && this.bytes + bytes <= this.limits.bytes;
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
