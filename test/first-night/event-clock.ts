/**
 * Time as a queue of what is going to happen: the clock jumps from one wake-up to the next, one at a time and in a fixed
 * order, so that hours pass in seconds and a seed always gives the same night. While handlers work, which takes no
 * simulated time of its own, it stands still.
 */
import type { WaitingClock } from "../../local/clock/simulated-clock";
import type { FakeClock } from "../support/collaborators";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}
/** Turns of the event loop after which nothing comes that had not begun by then: the interpreter hands on by promises alone. */
const QUIET_TURNS = 3;

export class EventClock implements WaitingClock {
  /** A binary heap: the earliest first. */
  private readonly timers: Timer[] = [];
  private order = 0;
  private working = 0;

  constructor(private readonly clock: FakeClock) {}

  now = (): Date => this.clock.now();

  sleepUntil(time: Date): Promise<void> {
    return new Promise((wake) => this.push({ at: time.getTime(), order: this.order++, wake }));
  }
  sleep(seconds: number): Promise<void> {
    return this.sleepUntil(new Date(this.now().getTime() + seconds * 1000));
  }

  /** Work in real time, such as a handler's: the clock stands still meanwhile. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.working += 1;
    try {
      return await work();
    } finally {
      this.working -= 1;
    }
  }

  /** Plays on until `done`. Throws when nothing is left to wait for, or at `limit`. */
  async play(done: () => boolean, limit: Date): Promise<void> {
    for (;;) {
      await this.quiet();
      if (done()) return;
      const next = this.pop();
      if (next === undefined) throw new Error("Nothing is left to wait for, and it is not done.");
      if (next.at > limit.getTime()) throw new Error(`At ${limit.toISOString()} it was not done.`);
      if (next.at > this.now().getTime()) this.clock.set(new Date(next.at));
      next.wake();
    }
  }

  private async quiet(): Promise<void> {
    for (let turn = 0; turn < QUIET_TURNS; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.working > 0) turn = -1;
    }
  }

  private push(timer: Timer): void {
    const { timers } = this;
    let place = timers.push(timer) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!isBefore(timers[place], timers[above])) return;
      this.swap(place, above);
      place = above;
    }
  }

  private pop(): Timer | undefined {
    const { timers } = this;
    const first = timers[0];
    const last = timers.pop();
    if (last === undefined || timers.length === 0) return first;
    timers[0] = last;
    for (let place = 0; ;) {
      const [left, right] = [2 * place + 1, 2 * place + 2];
      const below = isBefore(timers[right], timers[left]) ? right : left;
      if (!isBefore(timers[below], timers[place])) return first;
      this.swap(place, below);
      place = below;
    }
  }

  private swap(one: number, other: number): void {
    const { timers } = this;
    [timers[one], timers[other]] = [timers[other] as Timer, timers[one] as Timer];
  }
}

const isBefore = (one: Timer | undefined, other: Timer | undefined): boolean =>
  one !== undefined && (other === undefined || one.at < other.at || (one.at === other.at && one.order < other.order));
