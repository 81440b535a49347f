/** Everything a handler may use, faked: two linked stores, a table, recorded calls, a settable clock, seeded randomness. */
import { Catalog } from "../../lambda/catalog/catalog";
import { TellingCatalog } from "../../lambda/catalog/telling-catalog";
import type {
  Clock,
  Collaborators,
  Events,
  Logger,
  Metrics,
  Notifier,
  Randomness,
  Tasks,
  Workflows,
} from "../../lambda/runtime/collaborators";
import { isGone } from "../../lambda/runtime/gone";
import { EmfMetrics } from "../../lambda/observability/emf-metrics";
import type { EventDetail, EventType, ServiceEvent } from "../../lambda/observability/event-contract";
import type { MetricName } from "../../lambda/observability/metric-names";
import { AwsBackup } from "../../lambda/recovery-point/backup-client";
import { RdsInstances } from "../../lambda/instance-swap/instances-client";
import type { Settings } from "../../lambda/runtime/settings";
import { AwsBackupDouble } from "./aws-backup/aws-backup-double";
import { RdsDouble } from "./rds/rds-double";
import { MemoryStore, type MemoryStoreOptions } from "./memory-store";
import { MemoryTable } from "./memory-table";

export class FakeClock {
  constructor(private time = new Date("2026-12-05T00:00:00Z")) {}
  now = (): Date => new Date(this.time);
  set(time: Date | string): void {
    this.time = new Date(time);
  }
  advance(milliseconds: number): void {
    this.time = new Date(this.time.getTime() + milliseconds);
  }
}

/**
 * Executions count as running until `ended` names them, or all of them with `endAll`. Those that `unfound` names are not
 * found, as a young one on AWS, or one that was never started: whether that is an end is the service's own rule.
 */
export class FakeWorkflows implements Workflows {
  readonly started: { stateMachineArn: string; name: string; input: unknown }[] = [];
  readonly ended = new Set<string>();
  readonly unfound = new Set<string>();
  endAll = false;
  constructor(private readonly clock: Clock) {}
  async start(stateMachineArn: string, name: string, input: unknown): Promise<{ started: boolean }> {
    if (this.started.some((one) => one.stateMachineArn === stateMachineArn && one.name === name))
      return { started: false };
    this.started.push({ stateMachineArn, name, input: JSON.parse(JSON.stringify(input)) as unknown });
    return { started: true };
  }
  async hasEnded(executionArn: string, knownSince: string): Promise<boolean> {
    if (this.unfound.has(executionArn)) return isGone(knownSince, this.clock.now());
    return this.endAll || this.ended.has(executionArn);
  }
}
/** Tasks count as running until `stopped` names them; those that `unfound` names are MISSING. */
export class FakeTasks implements Tasks {
  readonly stopped = new Set<string>();
  readonly unfound = new Set<string>();
  constructor(private readonly clock: Clock) {}
  async hasStopped(taskArn: string, knownSince: string): Promise<boolean> {
    if (this.unfound.has(taskArn)) return isGone(knownSince, this.clock.now());
    return this.stopped.has(taskArn);
  }
}
export class FakeNotifier implements Notifier {
  readonly told: { subject: string; message: string }[] = [];
  async tell(subject: string, message: string): Promise<void> {
    this.told.push({ subject, message });
  }
}
export class FakeLogger implements Logger {
  readonly lines: { level: "info" | "warn" | "error"; message: string; details?: Record<string, unknown> }[] = [];
  info = (message: string, details?: Record<string, unknown>): void => this.add("info", message, details);
  warn = (message: string, details?: Record<string, unknown>): void => this.add("warn", message, details);
  error = (message: string, details?: Record<string, unknown>): void => this.add("error", message, details);
  private add(level: "info" | "warn" | "error", message: string, details?: Record<string, unknown>): void {
    this.lines.push({ level, message, ...(details === undefined ? {} : { details }) });
  }
}

/** The real writer, whose lines stay here; `added` is what was said to it. */
export class RecordedMetrics implements Metrics {
  readonly added: { name: MetricName; value: number }[] = [];
  private readonly printed: string[] = [];
  private readonly writer: EmfMetrics;
  constructor(clock: Clock, log: Logger) {
    const { SERVICE_PREFIX: prefix, REGION: region } = testSettings;
    this.writer = new EmfMetrics({ prefix, region, clock, log, print: (line) => this.printed.push(line) });
  }
  add(name: MetricName, value: number): void {
    this.added.push({ name, value });
    this.writer.add(name, value);
  }
  flush(): void {
    this.writer.flush();
  }
  /** The lines of the log, in the embedded metric format. */
  lines(): readonly string[] {
    this.flush();
    return this.printed;
  }
  valuesOf(name: MetricName): readonly number[] {
    return this.added.filter((one) => one.name === name).map(({ value }) => value);
  }
}
export class FakeEvents implements Events {
  readonly published: ServiceEvent[] = [];
  async publish<T extends EventType>(type: T, detail: EventDetail<T>): Promise<void> {
    this.published.push({ type, detail } as unknown as ServiceEvent);
  }
  async publishAll(events: readonly ServiceEvent[]): Promise<void> {
    this.published.push(...events);
  }
}

/** Reproducible bytes (mulberry32). */
export const seededRandomness = (seed = 1): Randomness => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) & 0xff;
  };
  return (bytes) => Uint8Array.from({ length: bytes }, next);
};

export const PRIMARY_BUCKET = "test-primary";
export const REPLICA_BUCKET = "test-replica";
/** The environments' own files, not versioned; create others on `store` as you need them. */
export const FILES_BUCKET = "test-files";

/** Uploads and archives: neither versioned nor locked. */
export const TRANSFER_BUCKET = "test-transfer";

export const testSettings: Settings = {
  SERVICE_PREFIX: "backups",
  REGION: "eu-central-1",
  CATALOG_TABLE: "test-catalog",
  PRIMARY_BUCKET,
  TRANSFER_BUCKET,
  REPLICA_BUCKET,
  REPLICA_REGION: "eu-west-1",
  // As the default stage is synthesized: what AWS Backup is handed is judged by these roles' policies.
  PRIMARY_VAULT: "backups-eu-central-1-primary",
  REPLICA_VAULT: "backups-eu-central-1-replica",
  BACKUP_ROLE_ARN: "arn:aws:iam::111111111111:role/backups-111111111111-eu-central-1-recovery-points",
  DOWNLOAD_ROLE_ARN: "arn:aws:iam::111111111111:role/backups-111111111111-eu-central-1-downloads",
  RESTORE_ROLE_ARN: "arn:aws:iam::111111111111:role/backups-111111111111-eu-central-1-restoring",
  RESOURCE_TAG: "nightly-backups=allowed",
  LOCK_MODE: "GOVERNANCE",
  ALARM_TOPIC_ARN: "arn:aws:sns:eu-central-1:111111111111:alarm",
  BACKUP_STATE_MACHINE_ARN: "arn:aws:states:eu-central-1:111111111111:stateMachine:backup",
  REPLICATION_CHECK_STATE_MACHINE_ARN: "arn:aws:states:eu-central-1:111111111111:stateMachine:replication-check",
  RESTORE_STATE_MACHINE_ARN: "arn:aws:states:eu-central-1:111111111111:stateMachine:restore",
  DRILL_STATE_MACHINE_ARN: "arn:aws:states:eu-central-1:111111111111:stateMachine:drill",
  ARCHIVE_STATE_MACHINE_ARN: "arn:aws:states:eu-central-1:111111111111:stateMachine:archive",
  UPLOAD_STATE_MACHINE_ARN: "arn:aws:states:eu-central-1:111111111111:stateMachine:upload",
  DELETION_STATE_MACHINE_ARN: "arn:aws:states:eu-central-1:111111111111:stateMachine:deletion",
  KEEP_STATE_MACHINE_ARN: "arn:aws:states:eu-central-1:111111111111:stateMachine:keep",
  REPLICATION_DEFAULT: "on",
  PROBE_STATE_MACHINE_ARN: "arn:aws:states:eu-central-1:111111111111:stateMachine:probe",
  CLUSTER_ARN: "arn:aws:ecs:eu-central-1:111111111111:cluster/database",
};

/** The real client, on the double. */
export const recoveryPointsIn = (double: AwsBackupDouble, region: string): AwsBackup =>
  new AwsBackup({ region, credentials: { accessKeyId: "test", secretAccessKey: "test" } }, double.handler(region));

export const instancesIn = (double: RdsDouble, region: string): RdsInstances =>
  new RdsInstances({ region, credentials: { accessKeyId: "test", secretAccessKey: "test" } }, double.handler());

export interface FakeCollaborators extends Collaborators {
  readonly store: MemoryStore;
  readonly replicaStore: MemoryStore;
  readonly table: MemoryTable;
  readonly workflows: FakeWorkflows;
  readonly tasks: FakeTasks;
  readonly notifier: FakeNotifier;
  readonly clock: FakeClock;
  readonly log: FakeLogger;
  readonly metrics: RecordedMetrics;
  readonly events: FakeEvents;
  readonly awsBackup: AwsBackupDouble;
  /** Nothing here says which work it belongs to. */
  readonly correlate: (correlationId: string | undefined) => void;
  readonly rds: RdsDouble;
  /** Set to make handlers believe that their time runs out. */
  remaining: number;
}
export interface FakeOptions {
  readonly settings?: Partial<Settings>;
  readonly store?: Omit<MemoryStoreOptions, "now" | "name">;
  readonly tablePageLimit?: number;
  readonly seed?: number;
  readonly now?: Date;
  /** The catalog tells what changes, as that of the running service does; tests that count requests do without. */
  readonly tells?: boolean;
}

export const fakeCollaborators = (options: FakeOptions = {}): FakeCollaborators => {
  const clock = new FakeClock(options.now);
  const log = new FakeLogger();
  const events = new FakeEvents();
  const settings = { ...testSettings, ...options.settings };
  const store = new MemoryStore({ ...options.store, now: clock.now, name: "primary" });
  const replicaStore = new MemoryStore({ ...options.store, now: clock.now, name: "replica" });
  store.createBucket(settings.PRIMARY_BUCKET, { objectLock: true });
  store.createBucket(FILES_BUCKET);
  store.createBucket(settings.TRANSFER_BUCKET);
  replicaStore.createBucket(settings.REPLICA_BUCKET, { objectLock: true });
  store.link(replicaStore);
  const table = new MemoryTable(options.tablePageLimit === undefined ? {} : { pageLimit: options.tablePageLimit });
  const awsBackup = new AwsBackupDouble(clock.now);
  const rds = new RdsDouble(clock.now);
  awsBackup.onRestore = (metadata) => rds.restoreFrom(metadata);
  const collaborators: FakeCollaborators = {
    settings,
    awsBackup,
    rds,
    instances: instancesIn(rds, settings.REGION),
    secrets: { databaseCredentials: async () => ({ username: "shop", password: "the password of the target" }) },
    recoveryPoints: recoveryPointsIn(awsBackup, settings.REGION),
    replicaRecoveryPoints: recoveryPointsIn(awsBackup, settings.REPLICA_REGION),
    catalog: options.tells === true ? new TellingCatalog(table, events, clock) : new Catalog(table),
    table,
    store,
    replicaStore,
    workflows: new FakeWorkflows(clock),
    tasks: new FakeTasks(clock),
    notifier: new FakeNotifier(),
    clock,
    random: seededRandomness(options.seed),
    log,
    metrics: new RecordedMetrics(clock, log),
    events,
    correlate: () => undefined,
    remaining: 15 * 60_000,
    remainingMs: () => collaborators.remaining,
  };
  return collaborators;
};
