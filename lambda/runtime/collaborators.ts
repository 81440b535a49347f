/** What handlers are given, so that any night can be replayed: clients, time and randomness are arguments. */
import type { Catalog } from "../catalog/catalog";
import type { EventDetail, EventType, ServiceEvent } from "../observability/event-contract";
import type { MetricName } from "../observability/metric-names";
import type { Instances } from "../instance-swap/instances";
import type { RecoveryPoints } from "../recovery-point/recovery-points";
import type { ObjectStore } from "../storage/object-store";
import type { Replica } from "../storage/replicas";
import type { Secrets } from "./secrets-client";
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
  /** DescribeExecution: whether it has ended. One that is not found has, unless `knownSince` is young (`gone.ts`). */
  hasEnded(executionArn: string, knownSince: string): Promise<boolean>;
}
/** ECS, as far as handlers need it. */
export interface Tasks {
  /** DescribeTasks: whether it has stopped. One that is not found has, unless `knownSince` is young (`gone.ts`). */
  hasStopped(taskArn: string, knownSince: string): Promise<boolean>;
}
/** SNS: tells someone. `subject` at most 100 ASCII characters. */
export interface Notifier {
  tell(subject: string, message: string): Promise<void>;
}
export interface SignedUrl {
  readonly url: string;
  /** As long as was asked for, or less: it ends with the credentials that signed it. */
  readonly expiresAt: Date;
}
/** URLs that carry their own permission for one request; made by the S3 client's presigner. */
export interface Presigner {
  /** GET (or HEAD, which S3 tells apart) of one object; `fileName` is what a browser calls the file. */
  getUrl(
    ref: { readonly bucket: string; readonly key: string },
    options: { readonly seconds: number; readonly fileName: string; readonly method: "GET" | "HEAD" },
  ): Promise<SignedUrl>;
  /** UploadPart; whoever has it may PUT exactly that part. */
  partUrl(
    ref: { readonly bucket: string; readonly key: string },
    part: { readonly uploadId: string; readonly partNumber: number; readonly seconds: number },
  ): Promise<string>;
}
/** RDS, as far as nights, plans and users need to know how instances are. */
export interface DatabaseStatuses {
  /**
   * DescribeDBInstances; undefined where RDS knows no such instance, or may not be asked. Throws ServiceFailure
   * (DatabaseStatusUnavailable) when RDS gives no answer for now.
   */
  statusOf(instance: string): Promise<DatabaseStatus | undefined>;
}
export interface DatabaseListing {
  /** Every instance of the region, a page of 100 a request. Throws as `statusOf`. */
  list(): AsyncIterable<{ readonly instance: string; readonly status: DatabaseStatus }>;
}
export interface DatabaseStatus {
  /** RDS's own word, such as `available` or `maintenance`. */
  readonly status: string;
  readonly engineVersion: string;
  readonly allocatedBytes: number;
  /** What its storage may grow to by itself; absent where it may not. */
  readonly maximumBytes?: number;
  readonly instanceClass: string;
  readonly multiAz: boolean;
  /** RDS's spelling, in UTC: `ddd:hh:mm-ddd:hh:mm` and `hh:mm-hh:mm`; empty where RDS takes no backups of its own. */
  readonly maintenanceWindow: string;
  readonly backupWindow: string;
}
/** CloudWatch, as far as a restore's plan needs it. */
export interface StorageReadings {
  /**
   * Bytes of an RDS instance's storage that were free at the last measurement; undefined where there is none. Throws
   * ServiceFailure (StorageReadingUnavailable) when CloudWatch gives no answer for now.
   */
  freeBytes(instance: string, now: Date): Promise<number | undefined>;
}
export interface Logger {
  info(message: string, details?: Record<string, unknown>): void;
  warn(message: string, details?: Record<string, unknown>): void;
  error(message: string, details?: Record<string, unknown>): void;
}

/** CloudWatch metrics by their names in `observability/metric-names.ts`, which also says their units. Never throws. */
export interface Metrics {
  /** Counts for the region. */
  add(name: MetricName, value: number): void;
  /** Writes what has been added. Entry points call it when an invocation ends. */
  flush(): void;
}
/** EventBridge, as `observability/event-contract.ts` describes it. Never throws; call it after the fact is committed. */
export interface Events {
  publish<T extends EventType>(type: T, detail: EventDetail<T>): Promise<void>;
  publishAll(events: readonly ServiceEvent[]): Promise<void>;
}

/** Everything a workflow's handler may use. A handler takes only what it needs: `Pick<Collaborators, …>`. */
export interface Collaborators {
  readonly settings: Settings;
  readonly catalog: Catalog;
  /** The primary bucket's region; also where the environment's own files are. */
  readonly store: ObjectStore;
  /** The replica bucket's region. */
  readonly replicaStore: ObjectStore;
  /** Buckets of former replication regions that still hold replicas; see `storage/replicas.ts`. */
  readonly formerReplicas?: readonly Replica[];
  /** AWS Backup in the region, and in the replication region. */
  readonly recoveryPoints: RecoveryPoints;
  readonly replicaRecoveryPoints: RecoveryPoints;
  /** RDS, for restores that swap instances. */
  readonly instances: Instances;
  /** The databases' logins; only the database task and the restore of instances may read them. */
  readonly secrets: Secrets;
  readonly workflows: Workflows;
  readonly tasks: Tasks;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly events: Events;
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
