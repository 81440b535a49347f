/**
 * The service in one process: the real handlers, the real database task against real PostgreSQL, the workflows' own
 * definitions, on stores in memory and a clock that jumps. It can be stopped at any point (see `crash-points.ts`).
 */
import type { WorkflowName } from "../../lib/names";
import { runVerb } from "../../lambda/database-task/verbs";
import { PATIENCE, type TaskContext } from "../../lambda/database-task/task-context";
import type { Collaborators } from "../../lambda/runtime/collaborators";
import { isGone } from "../../lambda/runtime/gone";
import { run, type ExecutionIdentity } from "../../local/workflows/interpreter";
import {
  fakeCollaborators,
  PRIMARY_BUCKET,
  REPLICA_BUCKET,
  type FakeCollaborators,
  type FakeOptions,
} from "../support/collaborators";
import type { ObjectStore } from "../../lambda/storage/object-store";
import { functionRoleName } from "../support/iam";
import type { PostgresServer } from "../support/postgres";
import { definitionOf, EXECUTIONS, FUNCTIONS, STATE_MACHINES } from "../support/definitions";
import { current, handlerOf } from "../support/handlers";
import { CrashPoints, Invocation, Stopped } from "./crash-points";
import { watchSql } from "./sql-points";

export interface ExecutionResult {
  readonly name: string;
  readonly status: "SUCCEEDED" | "FAILED" | "ABORTED";
  readonly output?: unknown;
  readonly error?: string;
}

const MOST_EXECUTIONS = 20;

export class SimulatedService {
  readonly points = new CrashPoints();
  readonly base: FakeCollaborators;
  readonly results = new Map<string, ExecutionResult>();
  /** What the database task is given otherwise than usual: other credentials, other programs. */
  taskChange: Partial<Pick<TaskContext, "secrets" | "programs">> = {};
  private readonly known = new Set<string>();
  private readonly ended = new Set<string>();
  private readonly stoppedTasks = new Set<string>();
  private readonly waiting: { workflow: WorkflowName; name: string; input: unknown }[] = [];
  private tasks = 0;
  /** A store on a real server in place of the one in memory, for environments that are not replicated. */
  otherStore: ObjectStore | undefined;
  /** What a waiting execution waits for besides the clock, which jumps: others that run at the same time get on. */
  whileWaiting: (() => Promise<void>) | undefined;

  constructor(
    private readonly postgres: PostgresServer,
    options: FakeOptions = {},
  ) {
    this.base = fakeCollaborators(options);
    this.watchStores();
    watchSql(this.points);
  }

  /** Remembers buckets, catalog, clock and executions; calling the result puts all back, as if nothing had happened since. */
  save(): () => void {
    const { store, replicaStore, table, clock } = this.base;
    const stored = [store.save(), replicaStore.save(), table.save(), this.base.awsBackup.save()];
    const now = clock.now();
    const results = new Map(this.results);
    const [known, ended, stopped] = [new Set(this.known), new Set(this.ended), new Set(this.stoppedTasks)];
    return () => {
      for (const putBack of stored) putBack();
      clock.set(now);
      refill(this.results, results);
      refill(this.known, known);
      refill(this.ended, ended);
      refill(this.stoppedTasks, stopped);
      this.waiting.length = 0;
      this.points.disarm();
    };
  }

  /** Where snapshots and files are; requests made here are no points. */
  get store(): ObjectStore {
    return this.otherStore ?? this.base.store;
  }

  /** Starts an execution, runs it and all that it starts to their ends. A stopped service ends them all. */
  async start(workflow: WorkflowName, name: string, input: unknown): Promise<ExecutionResult> {
    this.enqueue(workflow, name, input);
    await this.drain();
    return this.result(workflow, name);
  }

  result(workflow: WorkflowName, name: string): ExecutionResult {
    const result = this.results.get(`${workflow}:${name}`);
    if (result === undefined) throw new Error(`The execution ${name} did not run.`);
    return result;
  }

  /** What stands outside, such as a user: its requests are no points. */
  outside(): Collaborators {
    return {
      ...this.base,
      workflows: {
        ...this.collaborators().workflows,
        start: async (arn, name, input) => ({
          started: this.enqueue(arn.slice(STATE_MACHINES.length) as WorkflowName, name, input),
        }),
      },
      remainingMs: () => this.base.remaining,
    };
  }

  /** Runs whatever has been started. */
  async drain(): Promise<void> {
    for (let count = 0; this.waiting.length > 0; count++) {
      if (count >= MOST_EXECUTIONS)
        throw new Error(`More than ${MOST_EXECUTIONS} executions: ${[...this.results.keys()].join(", ")}`);
      const next = this.waiting.shift();
      if (next !== undefined) await this.execute(next.workflow, next.name, next.input);
    }
  }

  /** What the handlers and the tests use. Requests made through it are points. */
  collaborators(): Collaborators {
    const { base } = this;
    return {
      ...base,
      store: this.otherStore === undefined ? base.store : watched(this.otherStore, this.points),
      workflows: {
        start: async (stateMachineArn, name, input) => {
          this.points.pass(`start execution ${name}`);
          const started = this.enqueue(stateMachineArn.slice(STATE_MACHINES.length) as WorkflowName, name, input);
          this.points.pass(`execution ${name} started`);
          return { started };
        },
        hasEnded: async (executionArn, knownSince) => {
          this.points.pass("describe execution");
          if (!this.known.has(executionArn)) return isGone(knownSince, base.clock.now());
          return this.ended.has(executionArn);
        },
      },
      tasks: {
        hasStopped: async (taskArn) => {
          this.points.pass("describe task");
          return this.stoppedTasks.has(taskArn);
        },
      },
      notifier: {
        tell: async (subject, message) => {
          this.points.pass(`tell: ${subject}`);
          await base.notifier.tell(subject, message);
        },
      },
      remainingMs: () => base.remaining,
    };
  }

  private enqueue(workflow: WorkflowName, name: string, input: unknown): boolean {
    const id = `${workflow}:${name}`;
    if (this.results.has(id) || this.waiting.some((one) => `${one.workflow}:${one.name}` === id)) return false;
    this.known.add(`${EXECUTIONS}${id}`);
    this.waiting.push({ workflow, name, input: JSON.parse(JSON.stringify(input)) as unknown });
    return true;
  }

  private async execute(workflow: WorkflowName, name: string, input: unknown): Promise<void> {
    const execution: ExecutionIdentity = {
      id: `${EXECUTIONS}${workflow}:${name}`,
      name,
      stateMachineId: `${STATE_MACHINES}${workflow}`,
    };
    const record = (result: Omit<ExecutionResult, "name">): void => {
      this.ended.add(execution.id);
      this.results.set(`${workflow}:${name}`, { name, ...result });
    };
    this.replicate();
    if (this.points.serviceStopped) return record({ status: "ABORTED" });
    try {
      const output = await run(definitionOf(workflow), input, {
        execution,
        clock: {
          now: this.base.clock.now,
          sleepUntil: async (time) => {
            if (this.points.serviceStopped) throw new Stopped("The service is stopped.");
            if (time > this.base.clock.now()) this.base.clock.set(time);
            this.replicate();
            await this.whileWaiting?.();
          },
        },
        services: {
          invokeLambda: (arn, payload) => this.invoke(arn.slice(FUNCTIONS.length), payload),
          runTask: async (parameters) => this.runTask(parameters.Overrides?.ContainerOverrides?.[0]?.Command ?? []),
          startExecution: async (parameters) => {
            this.points.pass(`start execution ${parameters.Name ?? ""}`);
            this.enqueue(
              parameters.StateMachineArn.slice(STATE_MACHINES.length) as WorkflowName,
              parameters.Name ?? "",
              parameters.Input,
            );
            return { ExecutionArn: "" };
          },
        },
        onState: ({ kind, state }) => {
          if (kind === "entered") this.points.passState(`state ${state}`);
        },
      });
      record({ status: "SUCCEEDED", output });
    } catch (error) {
      const { message } = error as Error;
      record(this.points.serviceStopped ? { status: "ABORTED" } : { status: "FAILED", error: message });
    }
  }

  /** What S3 does by itself meanwhile. */
  private replicate(): void {
    this.base.store.replicateTo(this.base.replicaStore, PRIMARY_BUCKET, REPLICA_BUCKET);
  }

  private async invoke(functionName: string, payload: unknown): Promise<unknown> {
    const invocation = new Invocation(functionName);
    current.collaborators = this.collaborators();
    const handler = await handlerOf(functionName);
    return this.points.within(invocation, async () => {
      const result = await handler(payload, { getRemainingTimeInMillis: () => this.base.remaining });
      // A stopped function has answered nothing, whatever it made of the exception.
      if (invocation.stopped || this.points.serviceStopped) throw new Stopped("The function was stopped.");
      return JSON.parse(JSON.stringify(result ?? null)) as unknown;
    });
  }

  private async runTask(command: readonly string[]): Promise<unknown> {
    const invocation = new Invocation(`task ${command[0] ?? ""}`);
    const taskArn = `arn:aws:ecs:eu-central-1:111111111111:task/tasks/${++this.tasks}`;
    const ending = new AbortController();
    invocation.onStop(() => ending.abort());
    const { workflows: _workflows, tasks: _tasks, notifier: _notifier, ...shared } = this.collaborators();
    const exitCode = await this.points.within(invocation, async () => {
      try {
        return await runVerb(
          {
            ...shared,
            secrets: {
              databaseCredentials: async () => ({ username: this.postgres.user, password: this.postgres.password }),
            },
            programs: { directory: this.postgres.programsPattern, majors: [this.postgres.major] },
            taskArn,
            patience: { ...PATIENCE, lockTries: 5, busyTries: 5 },
            signal: ending.signal,
            ...this.taskChange,
          },
          command,
        );
      } finally {
        this.stoppedTasks.add(taskArn);
      }
    });
    if (invocation.stopped || this.points.serviceStopped) throw failedTask("The task was stopped.");
    if (exitCode !== 0) throw failedTask(`Essential container in task exited with ${exitCode}`);
    return {};
  }

  private watchStores(): void {
    const { store, replicaStore, table, awsBackup, rds } = this.base;
    // What tests themselves read and write is no point.
    const pass = (name: string): void => {
      if (this.points.current() !== undefined) this.points.pass(name);
    };
    for (const [name, one] of [
      ["primary", store],
      ["replica", replicaStore],
    ] as const) {
      one.onRequest = (operation, ref) => pass(`${name} ${operation} ${ref.key ?? ref.prefix ?? ""}`);
      one.onReply = (operation, ref) => {
        if (WRITES.has(operation)) pass(`${name} ${operation} ${ref.key ?? ref.prefix ?? ""} done`);
      };
    }
    const calling = (): string | undefined => {
      const name = this.points.current()?.name;
      return name === undefined || name.startsWith("task ") ? undefined : functionRoleName(name);
    };
    awsBackup.caller = calling;
    rds.caller = calling;
    awsBackup.onRequest = (action, done) => pass(`AWS Backup ${action}${done ? " done" : ""}`);
    table.onRequest = (operation, ref) => pass(`table ${operation} ${ref.sk ?? ref.pk ?? ref.type ?? ""}`);
    table.onReply = (operation, ref) => {
      if (["put", "update", "delete", "transact"].includes(operation))
        pass(`table ${operation} ${ref.sk ?? ref.pk ?? ""} done`);
    };
  }
}

function refill<K, V>(standing: Map<K, V>, earlier: ReadonlyMap<K, V>): void;
function refill<V>(standing: Set<V>, earlier: ReadonlySet<V>): void;
function refill(standing: Map<unknown, unknown> | Set<unknown>, earlier: Iterable<unknown>): void {
  standing.clear();
  for (const one of earlier) {
    if (standing instanceof Set) standing.add(one);
    else standing.set(...(one as [unknown, unknown]));
  }
}

const WRITES = new Set<string>([
  "put",
  "deleteBatch",
  "retain",
  "createMultipart",
  "uploadPart",
  "completeMultipart",
  "abortMultipart",
  "copy",
  "uploadPartCopy",
]);

/** A store whose every request is a point, and every write another one once it is done. */
const watched = (store: ObjectStore, points: CrashPoints): ObjectStore =>
  new Proxy(store, {
    get: (target, name) => {
      const operation = String(name);
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return async (...args: unknown[]) => {
        points.pass(`primary ${operation}`);
        const result: unknown = await Reflect.apply(method, target, args);
        if (WRITES.has(operation)) points.pass(`primary ${operation} done`);
        return result;
      };
    },
  });

const failedTask = (message: string): Error => Object.assign(new Error(message), { name: "States.TaskFailed" });
