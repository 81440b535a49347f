/**
 * RunTask on Fargate, as `ecs:runTask.sync` meets it: the vCPU quota of the region, the rate of calls, and for some
 * time launches that fail in the ways that AWS documents. Tasks take time to start, then to work.
 *
 * - A full quota, or no capacity, answers 200 with `failures`, which Step Functions makes `AmazonECS.Unknown`; where
 *   ECS refuses the call instead, Step Functions makes `ECS.AmazonECSException`.
 *   https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
 *   https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
 *   https://repost.aws/knowledge-center/ecs-fargate-runtask-capacity
 * - 20 calls a second: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/throttling.html
 * - EC2's own throttling reaches ECS's caller as an invalid parameter:
 *   https://docs.aws.amazon.com/AmazonECS/latest/developerguide/operating-at-scale-service-quotas.html
 * - A task that never starts: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
 */
import type { RunTaskParameters, TaskCaller } from "../../local/workflows/task-resources";
import type { EventClock } from "./event-clock";
import { fraction, PerMinute } from "./per-minute";

const CALLS_A_SECOND = 20;
export const QUOTA_REACHED = "You've reached the limit on the number of vCPUs you can run concurrently";
const NO_CAPACITY = "Capacity is unavailable at this time. Please try again later or in a different availability zone";

export interface FargateOptions {
  /** vCPU that may run at once; new accounts have 6. */
  readonly quota: number;
  readonly taskVcpu: number;
  readonly random: (bytes: number) => Uint8Array;
  /** The share of launches that fails now, 0 to 1. */
  readonly failing: (now: Date) => number;
  readonly work: (command: readonly string[], taskArn: string) => TaskWork;
}
/** What it throws fails the task. */
export interface TaskWork {
  /** What the task does first. */
  readonly begin?: () => Promise<void>;
  readonly seconds: number;
  /** The work, once they are over. */
  readonly run: () => Promise<void>;
}
interface RunningTask {
  readonly arn: string;
  readonly executionId: string;
  readonly within: string | null;
  stopped: boolean;
}

export class FargateDouble {
  readonly calls: PerMinute;
  readonly refused = new Map<string, number>();
  launches = 0;
  mostRunning = 0;
  private readonly running = new Map<string, RunningTask>();
  private readonly known = new Set<string>();
  private second = { at: 0, calls: 0 };

  constructor(
    private readonly clock: EventClock,
    private readonly options: FargateOptions,
  ) {
    this.calls = new PerMinute(clock);
  }

  async runTask(parameters: RunTaskParameters, caller: TaskCaller): Promise<unknown> {
    this.calls.add();
    const { random, work } = this.options;
    const fails = fraction(random) < this.options.failing(this.clock.now());
    const failsToStart = fails && fraction(random) < FAILS_AFTER_LAUNCH;
    this.refuse(fails && !failsToStart);
    const arn = `arn:aws:ecs:eu-central-1:111111111111:task/database/${String(++this.launches).padStart(32, "0")}`;
    const task: RunningTask = { arn, executionId: caller.execution.id, within: caller.within, stopped: false };
    this.known.add(arn);
    this.running.set(arn, task);
    this.mostRunning = Math.max(this.mostRunning, this.running.size);
    try {
      await this.clock.sleep(20 + 40 * fraction(random));
      if (failsToStart) throw stoppedTask(arn, "TaskFailedToStart", NOT_STARTED);
      const { begin, seconds, run } = work(parameters.Overrides?.ContainerOverrides?.[0]?.Command ?? [], arn);
      await this.step(task, begin ?? (async () => undefined));
      await this.clock.sleep(seconds);
      await this.step(task, run);
      return {};
    } finally {
      this.running.delete(arn);
    }
  }

  /** StopTask for what an execution, or one Map state of it, left running. */
  stopTasksWithin(executionId: string, state: string): void {
    for (const task of this.running.values()) {
      if (task.executionId !== executionId || (state !== "" && task.within !== state)) continue;
      task.stopped = true;
      this.running.delete(task.arn);
    }
  }

  hasStopped(arn: string): boolean {
    return this.known.has(arn) && !this.running.has(arn);
  }
  get anyRunning(): boolean {
    return this.running.size > 0;
  }
  get refusals(): number {
    return [...this.refused.values()].reduce((sum, count) => sum + count, 0);
  }

  private async step(task: RunningTask, work: () => Promise<void>): Promise<void> {
    if (task.stopped) throw stoppedTask(task.arn, "UserInitiated", "Task stopped by its execution");
    try {
      await this.clock.during(work);
    } catch {
      throw stoppedTask(task.arn, "EssentialContainerExited", "Essential container in task exited");
    }
  }

  private refuse(fails: boolean): void {
    const { quota, taskVcpu, random } = this.options;
    const second = Math.floor(this.clock.now().getTime() / 1000);
    this.second = second === this.second.at ? { at: second, calls: this.second.calls + 1 } : { at: second, calls: 1 };
    const refuse = (kind: string, name: string, cause: string): never => {
      this.refused.set(kind, (this.refused.get(kind) ?? 0) + 1);
      throw Object.assign(new Error(cause), { name });
    };
    if (this.second.calls > CALLS_A_SECOND)
      refuse("throttled", "ECS.AmazonECSException", saidBy("Rate exceeded", "ThrottlingException"));
    if (fails) {
      const { kind, name, cause } = FAULTS[Math.floor(fraction(random) * FAULTS.length)] as (typeof FAULTS)[number];
      refuse(kind, name, cause);
    }
    if ((this.running.size + 1) * taskVcpu > quota) refuse("quota", "AmazonECS.Unknown", failures(QUOTA_REACHED));
  }
}

/** Of the launches that fail, how many fail only once the task is on its way. */
const FAILS_AFTER_LAUNCH = 0.05;
const NOT_STARTED = "Timeout waiting for network interface provisioning to complete.";

const saidBy = (message: string, code: string, status = 400): string =>
  `${message} (Service: AmazonECS; Status Code: ${status}; Error Code: ${code}; Request ID: 0f1e2d3c; Proxy: null)`;
const failures = (reason: string): string =>
  JSON.stringify({ Failures: [{ Arn: "arn:aws:ecs:eu-central-1:111111111111:fargate/", Reason: reason }], Tasks: [] });

const FAULTS = [
  { kind: "capacity", name: "AmazonECS.Unknown", cause: failures(NO_CAPACITY) },
  { kind: "capacity", name: "ECS.AmazonECSException", cause: saidBy(NO_CAPACITY, "ClientException") },
  { kind: "throttled", name: "ECS.AmazonECSException", cause: saidBy("Rate exceeded", "ThrottlingException") },
  { kind: "server", name: "ECS.ServerException", cause: saidBy("Service Unavailable", "ServerException", 500) },
  {
    kind: "throttled by EC2",
    name: "ECS.InvalidParameterException",
    cause: saidBy(
      "Error retrieving security group information for [sg-1]: Request limit exceeded. (ErrorCode: RequestLimitExceeded)",
      "InvalidParameterException",
    ),
  },
] as const;

/** A task that did not end well, as Step Functions describes it. */
const stoppedTask = (arn: string, stopCode: string, reason: string): Error => {
  const exited = stopCode === "EssentialContainerExited";
  const containers = [{ Name: "database", ...(exited ? { ExitCode: 1 } : {}) }];
  const cause = {
    TaskArn: arn,
    LastStatus: "STOPPED",
    StopCode: stopCode,
    StoppedReason: reason,
    Containers: containers,
  };
  return Object.assign(new Error(JSON.stringify(cause)), { name: "States.TaskFailed" });
};
