/** What the verbs are given. Everything that touches the world is here, so that tests run a verb in their own process. */
import type { Collaborators } from "../runtime/collaborators";
import type { Secrets } from "../runtime/secrets-client";

/** Where the PostgreSQL client programs are. */
export interface ClientPrograms {
  /** `{major}` stands for the version: `/usr/lib/postgresql/{major}/bin`. */
  readonly directory: string;
  readonly majors: readonly number[];
}

/** How often the task tries what other sessions may keep it from. */
export interface Patience {
  /** Between two tries, milliseconds. */
  readonly pauseMs: number;
  /** Tries to get the lock that keeps a twin out; the server notices a dead twin within two minutes. */
  readonly lockTries: number;
  /** Tries to swap, or to drop, a database that clients keep coming back to; each takes up to five seconds. */
  readonly busyTries: number;
}
export const PATIENCE: Patience = { pauseMs: 1000, lockTries: 150, busyTries: 60 };

export interface TaskContext extends Pick<
  Collaborators,
  | "settings"
  | "catalog"
  | "store"
  | "replicaStore"
  | "formerReplicas"
  | "clock"
  | "random"
  | "log"
  | "metrics"
  | "events"
> {
  readonly secrets: Secrets;
  readonly programs: ClientPrograms;
  /** This task's ARN, or a local name where there is no ECS. */
  readonly taskArn: string;
  /** File of the certificate authorities that `verify-full` trusts; undefined leaves it to the system's own. */
  readonly certificates?: string;
  readonly patience: Patience;
  /** Ends the work early: the task was told to stop. */
  readonly signal: AbortSignal;
}
