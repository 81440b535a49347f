/** What handlers are given, so that any night can be replayed: clients, time and randomness are arguments. */
import type { Catalog } from "../catalog/catalog";
import type { ObjectStore } from "../storage/object-store";
import type { Settings } from "./settings";

export interface Clock {
  now(): Date;
}
/** `bytes` random bytes. */
export type Randomness = (bytes: number) => Uint8Array;

/** Step Functions, as far as handlers need it. */
export interface Workflows {
  /** StartExecution. An execution of that name that exists already is success (`started: false`). */
  start(stateMachineArn: string, name: string, input: unknown): Promise<{ readonly started: boolean }>;
  /** DescribeExecution: whether it has ended; an execution that is not found has ended. */
  hasEnded(executionArn: string): Promise<boolean>;
}
/** ECS, as far as handlers need it. */
export interface Tasks {
  /** DescribeTasks: whether the task has stopped (or is no longer known). */
  hasStopped(taskArn: string): Promise<boolean>;
}
/** SNS: tells someone. `subject` at most 100 ASCII characters. */
export interface Notifier {
  tell(subject: string, message: string): Promise<void>;
}
export interface Logger {
  info(message: string, details?: Record<string, unknown>): void;
  warn(message: string, details?: Record<string, unknown>): void;
  error(message: string, details?: Record<string, unknown>): void;
}

/** Everything a workflow's handler may use. A handler takes only what it needs: `Pick<Collaborators, …>`. */
export interface Collaborators {
  readonly settings: Settings;
  readonly catalog: Catalog;
  /** The primary bucket's region; also where the environment's own files are. */
  readonly store: ObjectStore;
  /** The replica bucket's region. */
  readonly replicaStore: ObjectStore;
  readonly workflows: Workflows;
  readonly tasks: Tasks;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly log: Logger;
  /** Milliseconds that this invocation may still run. */
  readonly remainingMs: () => number;
}

/** A failure with one clear sentence for the user: what is wrong, where, what to do. */
export class ServiceFailure extends Error {
  override name = "ServiceFailure";
  constructor(
    /** Stable code, such as `DatabaseUnreachable`; Step Functions sees it as the error's name. */
    readonly code: string,
    message: string,
    /** False when trying again cannot help. */
    readonly retryable: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = code;
  }
}
