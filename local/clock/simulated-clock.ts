/**
 * The clock of the local run: real time plus an offset that only grows, in whole seconds, from below zero where the
 * run begins in the past. It flows by itself while
 * something works and jumps to the next wake-up once everything waits, so that a night takes seconds.
 * A failure leaves nothing behind: timers live in memory only.
 */
export interface WaitingClock {
  now(): Date;
  /** Resolves once the clock shows `time` or later. */
  sleepUntil(time: Date): Promise<void>;
}

interface Timer {
  readonly at: number;
  readonly wake: () => void;
}

export class SimulatedClock implements WaitingClock {
  private offset = 0;
  private timers: Timer[] = [];
  private working = 0;
  private stopped = false;
  private readonly jumpListeners: ((offsetMs: number) => void)[] = [];
  private quietWaiters: (() => void)[] = [];

  /** @param start what it shows at first; left out: the present */
  constructor(start?: Date) {
    if (start !== undefined) this.offset = Math.round((start.getTime() - Date.now()) / 1000) * 1000;
  }

  now(): Date {
    return new Date(Date.now() + this.offset);
  }

  /** Milliseconds that simulated time is ahead of real time: whole seconds, so that translated times stay exact. */
  get offsetMs(): number {
    return this.offset;
  }

  onJump(listener: (offsetMs: number) => void): void {
    this.jumpListeners.push(listener);
  }

  sleepUntil(time: Date): Promise<void> {
    return new Promise((resolve) => {
      const timer: Timer = { at: time.getTime(), wake: resolve };
      const place = this.timers.findIndex((other) => other.at > timer.at);
      this.timers.splice(place === -1 ? this.timers.length : place, 0, timer);
    });
  }

  /** Work in real time: while any is under way, the clock does not jump. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.working += 1;
    try {
      return await work();
    } finally {
      this.working -= 1;
      if (this.working === 0) this.releaseQuietWaiters();
    }
  }

  /** Plays everything that happens until `time`, in order, and ends with nothing under way and `time` reached. */
  async advanceTo(time: Date, until: () => boolean = () => false): Promise<void> {
    while (!this.stopped) {
      await this.quietOrNextTimer();
      this.wakeDue();
      if (await this.isBusy()) continue;
      if (until()) return;
      const next = this.timers[0];
      if (next !== undefined && next.at <= time.getTime()) {
        this.jumpTo(next.at);
        this.wakeDue();
      } else if (this.now() < time) {
        this.jumpTo(time.getTime());
      } else {
        return;
      }
    }
  }

  /** Moves straight to `time`: whatever should have happened in between wakes once, late. */
  async skipTo(time: Date): Promise<void> {
    while (await this.isBusy()) await this.quiet();
    this.jumpTo(time.getTime());
  }

  stop(): void {
    this.stopped = true;
    this.releaseQuietWaiters();
  }

  /** True while something works, also when only its next step is due in this turn of the event loop. */
  private async isBusy(): Promise<boolean> {
    for (let turn = 0; turn < 4; turn++) {
      if (this.working > 0) return true;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return this.working > 0;
  }

  private async quietOrNextTimer(): Promise<void> {
    if (!(await this.isBusy())) return;
    const next = this.timers[0];
    const untilNext = next === undefined ? Infinity : next.at - this.now().getTime();
    if (untilNext > 60_000) return this.quiet();
    await Promise.race([this.quiet(), pause(Math.max(untilNext, 1))]);
  }

  private quiet(): Promise<void> {
    if (this.working === 0) return Promise.resolve();
    return new Promise((resolve) => this.quietWaiters.push(resolve));
  }

  private releaseQuietWaiters(): void {
    const waiters = this.quietWaiters;
    this.quietWaiters = [];
    for (const release of waiters) release();
  }

  /** Wakes what has come due by the flow of time alone. */
  wakeDue(): void {
    const now = this.now().getTime();
    while (this.timers[0] !== undefined && this.timers[0].at <= now) this.timers.shift()?.wake();
  }

  private jumpTo(time: number): void {
    const ahead = time - this.now().getTime();
    if (ahead <= 0) return;
    this.offset += Math.ceil(ahead / 1000) * 1000;
    for (const listener of this.jumpListeners) listener(this.offset);
  }
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
