/**
 * AWS Lambda's concurrency, all that is played of it: an account's functions share its quota in a region, less what is
 * reserved for some of them. A call beyond is refused at once, as Lambda refuses synchronous calls.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html (reserved concurrency, throttling).
 */
import type { FunctionName } from "../../lib/names";
import type { EventClock } from "./event-clock";
import { PerMinute } from "./per-minute";

export interface Concurrency {
  /** In the region, for all functions together. New accounts may have 10. */
  readonly quota: number;
  readonly reserved: Partial<Readonly<Record<FunctionName, number>>>;
  /** What functions of others keep busy, of what isn't reserved. @default none */
  readonly others?: (now: Date) => number;
}

export class LambdaDouble {
  readonly calls: PerMinute;
  readonly refused = new Map<FunctionName, number>();
  /** The most that ran at once, and of each function. */
  readonly most = new Map<FunctionName | "all", number>();
  private readonly running = new Map<FunctionName, number>();

  constructor(
    private readonly clock: EventClock,
    private readonly concurrency: Concurrency,
  ) {
    this.calls = new PerMinute(clock);
  }

  /** `work` happens when `seconds` are over. Throws Lambda.TooManyRequestsException. */
  async invoke<T>(name: FunctionName, seconds: number, work: () => Promise<T>): Promise<T> {
    this.calls.add();
    if (!this.hasRoom(name)) {
      this.refused.set(name, (this.refused.get(name) ?? 0) + 1);
      throw Object.assign(new Error(REFUSAL), { name: "Lambda.TooManyRequestsException" });
    }
    this.count(name, 1);
    try {
      await this.clock.sleep(seconds);
      return await this.clock.during(work);
    } finally {
      this.count(name, -1);
    }
  }

  get refusals(): number {
    return [...this.refused.values()].reduce((sum, count) => sum + count, 0);
  }

  private hasRoom(name: FunctionName): boolean {
    const { quota, reserved, others } = this.concurrency;
    const own = reserved[name];
    if (own !== undefined) return (this.running.get(name) ?? 0) < own;
    const shared = quota - Object.values(reserved).reduce((sum, count) => sum + count, 0);
    const used = [...this.running]
      .filter(([other]) => reserved[other] === undefined)
      .reduce((sum, [, count]) => sum + count, 0);
    return used + (others?.(this.clock.now()) ?? 0) < shared;
  }

  private count(name: FunctionName, change: 1 | -1): void {
    this.running.set(name, (this.running.get(name) ?? 0) + change);
    const all = [...this.running.values()].reduce((sum, count) => sum + count, 0);
    this.most.set(name, Math.max(this.most.get(name) ?? 0, this.running.get(name) ?? 0));
    this.most.set("all", Math.max(this.most.get("all") ?? 0, all));
  }
}

/** What Step Functions hands on of it. */
const REFUSAL =
  "Rate Exceeded. (Service: AWSLambda; Status Code: 429; Error Code: TooManyRequestsException; Request ID: 7c9f; Proxy: null)";
