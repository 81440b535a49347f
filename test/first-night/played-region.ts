/**
 * A region of the service in simulated time: the workflows' own definitions, the functions' real handlers and the
 * schedules, on a catalog and buckets in memory, with the quotas of an account. The database task is a double for the
 * dump, which needs a PostgreSQL server: it claims the lease and stores a valid small dump and the list of files, as the
 * task does; its other verbs are the task's own.
 */
import { API_SETTINGS_VARIABLE } from "../../lambda/api/contract";
import type { AttemptRef } from "../../lambda/backup/contract";
import { claimLease } from "../../lambda/database-task/lease-claim";
import { PATIENCE } from "../../lambda/database-task/task-context";
import { runVerb } from "../../lambda/database-task/verbs";
import { WINDOW_VARIABLE } from "../../lambda/nightly-window/contract";
import { PLACES_VARIABLE } from "../../lambda/places/contract";
import type { Collaborators } from "../../lambda/runtime/collaborators";
import { FUNCTION_SIZES } from "../../lib/functions/function-sizes";
import { FUNCTION_NAMES, WORKFLOW_NAMES, type FunctionName, type WorkflowName } from "../../lib/names";
import { Executions, type Execution } from "../../local/workflows/executions";
import type { WorkflowServices } from "../../local/workflows/task-resources";
import { fakeDump, type Listed } from "../backup/night";
import { API_SETTINGS } from "../support/api-world";
import { fakeCollaborators, PRIMARY_BUCKET, REPLICA_BUCKET, seededRandomness } from "../support/collaborators";
import { definitionOf, EXECUTIONS, FUNCTIONS, STATE_MACHINES } from "../support/definitions";
import { current, handlerOf } from "../support/handlers";
import { must } from "../support/must";
import { between, DUMP_SECONDS, functionSeconds, OTHER_TASK_SECONDS } from "./durations";
import { EventClock } from "./event-clock";
import { FargateDouble, type TaskWork } from "./fargate-double";
import { LambdaDouble, type Concurrency } from "./lambda-double";

export interface RegionOptions {
  readonly seed: number;
  readonly startsAt: Date;
  readonly concurrency: Concurrency;
  /** Of backups, by the stage's setting. */
  readonly places: number;
  /** vCPU that tasks may have at once, and of one task. */
  readonly fargate: { readonly quota: number; readonly taskVcpu: number };
  /** The share of launches that fails, by the time since the start in seconds. */
  readonly failing: (seconds: number) => number;
  /** What each environment's database names. */
  readonly listed: (environmentId: string) => Listed;
  /** The sentence with which an environment's dump fails, where it does. */
  readonly broken?: (environmentId: string) => string | undefined;
}
/** Frankfurt's row of the nightly table. */
const WINDOW = { region: "eu-central-1", startUtc: "00:00", durationMinutes: 180 };
/** What some functions read once besides the settings. */
const VARIABLES = { [WINDOW_VARIABLE]: JSON.stringify(WINDOW), [API_SETTINGS_VARIABLE]: JSON.stringify(API_SETTINGS) };
/** StopTask, StartExecution and the like are answered at once; a small random delay keeps calls apart. */
const JITTER_SECONDS = 0.2;

export class PlayedRegion {
  readonly base;
  readonly clock: EventClock;
  readonly lambda: LambdaDouble;
  readonly fargate: FargateDouble;
  readonly executions: Executions;
  private readonly random;

  constructor(private readonly options: RegionOptions) {
    const { seed, startsAt, concurrency, fargate } = options;
    this.base = fakeCollaborators({ seed, now: startsAt });
    this.random = seededRandomness(seed + 1);
    this.clock = new EventClock(this.base.clock);
    this.lambda = new LambdaDouble(this.clock, concurrency);
    this.fargate = new FargateDouble(this.clock, {
      ...fargate,
      random: seededRandomness(seed + 2),
      failing: (now) => options.failing((now.getTime() - startsAt.getTime()) / 1000),
      work: (command, taskArn) => this.work(command, taskArn),
    });
    this.executions = new Executions({
      services: this.services(),
      clock: this.clock,
      random: () => this.fraction(),
    });
    for (const name of WORKFLOW_NAMES)
      this.executions.addMachine({ arn: STATE_MACHINES + name, definition: definitionOf(name) });
    Object.assign(process.env, VARIABLES, { [PLACES_VARIABLE]: String(options.places) });
    current.collaborators = this.collaborators();
    this.forgetRequests();
  }

  start(workflow: WorkflowName, name: string, input: unknown): void {
    this.executions.start(STATE_MACHINES + workflow, name, input);
  }

  running(workflow: WorkflowName): number {
    return this.executions
      .all()
      .filter(({ status, stateMachineArn }) => status === "RUNNING" && stateMachineArn === STATE_MACHINES + workflow)
      .length;
  }

  execution(workflow: WorkflowName, name: string): Execution | undefined {
    return this.executions.find(`${EXECUTIONS}${workflow}:${name}`);
  }

  /** A synchronous call. Its failure is the function's own exception, or Lambda's refusal. */
  async call(name: FunctionName, payload: unknown): Promise<unknown> {
    return this.lambda.invoke(name, functionSeconds(name, this.random), async () => {
      if (name === "replication-check") this.replicate();
      const handler = await handlerOf(name);
      const ends = FUNCTION_SIZES[name].timeoutSeconds * 1000;
      const result = await handler(payload, { getRemainingTimeInMillis: () => ends });
      return JSON.parse(JSON.stringify(result ?? null)) as unknown;
    });
  }

  /** What everything but the handlers uses. */
  collaborators(): Collaborators & { readonly correlate: () => void } {
    const { base } = this;
    return {
      ...base,
      correlate: () => undefined,
      workflows: {
        start: async (stateMachineArn, name, input) => {
          try {
            return { started: this.executions.start(stateMachineArn, name, input).started };
          } catch (error) {
            if (error instanceof Error && error.name === "ExecutionAlreadyExists") return { started: false };
            throw error;
          }
        },
        hasEnded: async (executionArn) => this.executions.find(executionArn)?.status !== "RUNNING",
      },
      tasks: { hasStopped: async (taskArn) => this.fargate.hasStopped(taskArn) },
      remainingMs: () => base.remaining,
    };
  }

  private services(): WorkflowServices {
    return {
      invokeLambda: async (arn, payload) => {
        await this.moment();
        try {
          return await this.call(nameOf(arn), payload);
        } catch (error) {
          throw asStepFunctions(error);
        }
      },
      runTask: async (parameters, caller) => {
        await this.moment();
        return this.fargate.runTask(parameters, caller);
      },
      startExecution: async ({ StateMachineArn, Name, Input }) => {
        await this.moment();
        this.executions.start(StateMachineArn, Name, Input);
        return {};
      },
      stopTasksWithin: (executionId, state) => this.fargate.stopTasksWithin(executionId, state),
    };
  }

  private work(command: readonly string[], taskArn: string): TaskWork {
    const [verb, environmentId = "", snapshotId = "", attemptId = ""] = command;
    if (verb !== "dump")
      return { seconds: between(OTHER_TASK_SECONDS, this.random), run: () => this.runOwnVerb(command, taskArn) };
    const ref = { environmentId, snapshotId, attemptId };
    return {
      begin: () => this.claim(ref, taskArn),
      seconds: between(DUMP_SECONDS, this.random),
      run: () => this.dump(ref),
    };
  }

  private async claim({ environmentId, attemptId }: AttemptRef, taskArn: string): Promise<void> {
    const { catalog, clock } = this.base;
    await claimLease({ catalog, clock, taskArn }, environmentId, must(await catalog.getAttempt(attemptId)).leaseToken);
  }

  private async dump(ref: AttemptRef): Promise<void> {
    const sentence = this.options.broken?.(ref.environmentId);
    if (sentence !== undefined) {
      const failure = { name: "DatabaseUnreachable", message: sentence };
      await this.base.catalog.updateAttempt(ref.attemptId, { failure });
      throw new Error(sentence);
    }
    await fakeDump(this.base, ref, this.options.listed(ref.environmentId));
  }

  private async runOwnVerb(command: readonly string[], taskArn: string): Promise<void> {
    const { workflows: _workflows, tasks: _tasks, notifier: _notifier, ...shared } = this.collaborators();
    const exitCode = await runVerb(
      {
        ...shared,
        programs: { directory: "/usr/lib/postgresql/{major}/bin", majors: [15] },
        taskArn,
        patience: PATIENCE,
        signal: new AbortController().signal,
      },
      command,
    );
    if (exitCode !== 0) throw new Error(`Exit code ${exitCode}`);
  }

  /** What S3 does by itself meanwhile. */
  private replicate(): void {
    this.base.store.replicateTo(this.base.replicaStore, PRIMARY_BUCKET, REPLICA_BUCKET);
  }

  private moment(): Promise<void> {
    return this.clock.sleep(JITTER_SECONDS * this.fraction());
  }
  private fraction(): number {
    return Buffer.from(this.random(4)).readUInt32LE(0) / 2 ** 32;
  }

  /** Hours of requests would fill the memory. */
  private forgetRequests(): void {
    const { store, replicaStore, table, log } = this.base;
    store.onReply = () => void (store.requests.length = 0);
    replicaStore.onReply = () => void (replicaStore.requests.length = 0);
    table.onReply = () => void (table.requests.length = 0);
    log.info = () => undefined;
  }
}

const nameOf = (functionArn: string): FunctionName => {
  const name = FUNCTION_NAMES.find((one) => functionArn === FUNCTIONS + one);
  if (name === undefined) throw new Error(`No function ${functionArn}.`);
  return name;
};

/** A function's exception: its name, and its words as JSON in the cause. */
const asStepFunctions = (error: unknown): Error => {
  const { name, message } = error as Error;
  if (name.startsWith("Lambda.")) return error as Error;
  return Object.assign(new Error(JSON.stringify({ errorType: name, errorMessage: message })), { name });
};
