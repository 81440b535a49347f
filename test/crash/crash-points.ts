/**
 * Where a run can be stopped: before or after the effect of every request that a function, a task or a workflow makes
 * (storage, catalog, executions, messages, SQL), and at every change of a workflow's state. Points are numbered in the
 * order in which a run comes to them. Whoever is stopped makes no further request.
 */
import { AsyncLocalStorage } from "node:async_hooks";

/** Not an error of ours: nothing in the product may swallow it and go on, because every later request throws it too. */
export class Stopped extends Error {
  override name = "Lambda.Unknown";
}

/** One run of a function or a task: what dies together when only that invocation is stopped. */
export class Invocation {
  stopped = false;
  private readonly endings: (() => void)[] = [];
  constructor(readonly name: string) {}
  /** Called when the invocation is stopped: closes its connections, ends its programs. */
  onStop(ending: () => void): void {
    this.endings.push(ending);
  }
  stop(): void {
    this.stopped = true;
    for (const ending of this.endings) ending();
  }
}

export type Mode = "invocation" | "service";

export class CrashPoints {
  /** Names of the points passed, in order. */
  readonly passed: string[] = [];
  serviceStopped = false;
  private readonly running = new AsyncLocalStorage<Invocation>();
  private target: { readonly at: number; readonly mode: Mode } | undefined;

  /** Counts anew, and stops the invocation, or the whole service, at point `at` (from 0). */
  arm(at: number, mode: Mode): void {
    this.passed.length = 0;
    this.target = { at, mode };
  }
  disarm(): void {
    this.passed.length = 0;
    this.target = undefined;
    this.serviceStopped = false;
  }
  within<T>(invocation: Invocation, work: () => Promise<T>): Promise<T> {
    return this.running.run(invocation, work);
  }
  current(): Invocation | undefined {
    return this.running.getStore();
  }

  /** A change of state: only the whole service can be stopped there. */
  passState(name: string): void {
    if (this.target?.mode !== "invocation") this.pass(name);
  }

  /** A point that the code under test comes to. Throws Stopped when it ends here, or has ended already. */
  pass(name: string): void {
    const invocation = this.running.getStore();
    if (this.serviceStopped || invocation?.stopped === true) throw new Stopped(`Stopped before ${name}`);
    const number = this.passed.push(`${invocation?.name ?? "workflow"}: ${name}`) - 1;
    if (this.target?.at !== number) return;
    if (this.target.mode === "service") this.serviceStopped = true;
    invocation?.stop();
    throw new Stopped(`Stopped at ${name}`);
  }
}
