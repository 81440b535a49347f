/**
 * Every name of the service, and nothing else makes one. Names are deterministic, so that one stack can refer to
 * another's resources, or a policy to a role made later, without a reference that CloudFormation would have to
 * carry: `<prefix>-<account>-<primary region>-<what>`. A replica is named after its primary's region.
 */
import type { ReplicaKind } from "./regions/replica-places";

export const ACCOUNT_LENGTH = 12;

export interface NamesProps {
  readonly prefix: string;
  /** Twelve digits, or a token that becomes them. */
  readonly account: string;
  /** The primary's region, also for what stands in the replication region. */
  readonly region: string;
  /**
   * The replication region, for what recovers a lost region there. Its names differ from the lost region's, because
   * roles are known in the whole account.
   */
  readonly recoveryRegion?: string;
}

export const FUNCTION_NAMES = [
  "nightly-window",
  "backup-begin",
  "backup-plan",
  "backup-pack",
  "backup-seal",
  "backup-fail",
  "recovery-point",
  "replication-check",
  "retention",
  "deletion",
  "keep",
  "restore",
  "drill",
  "instance-swap",
  "registration",
  "requests",
  "archive",
  "access",
  "api",
  "console",
  "gauges",
] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];
export const WORKFLOW_NAMES = [
  "nightly-window",
  "backup",
  "replication-check",
  "retention",
  "deletion",
  "keep",
  "restore",
  "drill",
  "archive",
  "upload",
  "probe",
] as const;
export type WorkflowName = (typeof WORKFLOW_NAMES)[number];
export const SCHEDULE_NAMES = ["nightly-window", "retention", "drills", "gauges"] as const;
export type ScheduleName = (typeof SCHEDULE_NAMES)[number];
/** `records` is a recovery's own. */
export type BucketKind = "primary" | ReplicaKind | "transfer" | "records";
export type VaultKind = "primary" | "replica";
export type KeyKind = "primary" | ReplicaKind | "alarm" | "records";
export const BUCKET_KINDS: readonly BucketKind[] = ["primary", "replica", "transfer"];
/** What a recovery consists of. */
export const RECOVERY_FUNCTIONS = ["restore", "registration", "requests"] as const satisfies readonly FunctionName[];
export const RECOVERY_WORKFLOWS = ["restore", "probe"] as const satisfies readonly WorkflowName[];
const RECOVERY = "recover-";

export class Names {
  constructor(private readonly props: NamesProps) {}

  /** Without the account, which a stack's name need not tell apart and which is unknown when synth runs without one. */
  stack(kind: "primary" | ReplicaKind | "recovery"): string {
    return `${this.props.prefix}-${this.props.region}-${kind}`;
  }
  bucket(kind: BucketKind): string {
    return kind === "replica" ? this.regionsName(kind) : this.name(kind);
  }
  bucketArn(kind: BucketKind): string {
    return `arn:aws:s3:::${this.bucket(kind)}`;
  }
  /** Without the account, because it has 50 characters at most and is unique in its account and region. */
  vault(kind: VaultKind): string {
    return `${this.props.prefix}-${this.props.region}-${kind}`;
  }
  /** `vaultRegion`: the region that it stands in. */
  vaultArn(kind: VaultKind, vaultRegion: string): string {
    return `arn:aws:backup:${vaultRegion}:${this.props.account}:backup-vault:${this.vault(kind)}`;
  }
  /** The role that AWS Backup makes and copies recovery points with. */
  backupRole(): string {
    return this.name("recovery-points");
  }
  /** The role that AWS Backup restores with. */
  restoreRole(): string {
    return this.name("restoring");
  }
  /** The role that addresses of archives are signed with. */
  downloadRole(): string {
    return this.name("downloads");
  }
  keyAlias(kind: KeyKind): string {
    return `alias/${kind === "replica" ? this.regionsName(kind) : this.name(kind)}`;
  }
  table(): string {
    return this.name("catalog");
  }
  function(name: FunctionName): string {
    return this.name(name);
  }
  /** The role that a function works with. */
  functionRole(name: FunctionName): string {
    return this.name(name);
  }
  functionRoleArn(name: FunctionName): string {
    return this.roleArn(this.functionRole(name));
  }
  stateMachine(name: WorkflowName): string {
    return this.name(name);
  }
  stateMachineArn(name: WorkflowName): string {
    return `arn:aws:states:${this.place}:${this.props.account}:stateMachine:${this.stateMachine(name)}`;
  }
  /** All executions of a workflow. */
  executionArns(name: WorkflowName): string {
    return `arn:aws:states:${this.place}:${this.props.account}:execution:${this.stateMachine(name)}:*`;
  }
  workflowRole(name: WorkflowName): string {
    return this.name(`run-${name}`);
  }
  schedule(name: ScheduleName): string {
    return this.name(name);
  }
  scheduleRole(name: ScheduleName): string {
    return this.name(`start-${name}`);
  }
  replicationRole(): string {
    return this.name("replication");
  }
  cluster(): string {
    return this.name("tasks");
  }
  clusterArn(): string {
    return `arn:aws:ecs:${this.place}:${this.props.account}:cluster/${this.cluster()}`;
  }
  /** All tasks of the cluster. */
  taskArns(): string {
    return `arn:aws:ecs:${this.place}:${this.props.account}:task/${this.cluster()}/*`;
  }
  taskFamily(): string {
    return this.name("database-task");
  }
  /** All revisions of the task definition. */
  taskDefinitionArns(): string {
    return `arn:aws:ecs:${this.place}:${this.props.account}:task-definition/${this.taskFamily()}:*`;
  }
  taskRole(): string {
    return this.name("database-task");
  }
  taskExecutionRole(): string {
    return this.name("start-task");
  }
  restApi(): string {
    return this.name("api");
  }
  alarmTopic(): string {
    return this.name("alarms");
  }
  alarm(what: string): string {
    return this.name(what);
  }
  dashboard(): string {
    return this.name("backups");
  }
  deadLetterQueue(): string {
    return this.name("undelivered-events");
  }
  /** A pattern for everything of the account that carries the prefix, in every region: all names that have the account. */
  everything(): string {
    return `${this.props.prefix}-${this.props.account}-*`;
  }
  /** Every stack of this name that there was. */
  stackArns(kind: "primary" | ReplicaKind): string {
    return `arn:aws:cloudformation:*:${this.props.account}:stack/${this.stack(kind)}/*`;
  }
  /** A role by name, in this account. */
  roleArn(roleName: string): string {
    return `arn:aws:iam::${this.props.account}:role/${roleName}`;
  }

  /** Where it stands. */
  private get place(): string {
    return this.props.recoveryRegion ?? this.props.region;
  }
  private name(what: string): string {
    return this.regionsName(this.props.recoveryRegion === undefined ? what : `${RECOVERY}${what}`);
  }
  /** Of what the region itself has, also when it is lost. */
  private regionsName(what: string): string {
    return `${this.props.prefix}-${this.props.account}-${this.props.region}-${what}`;
  }
}

const longest = (candidates: readonly string[]): string =>
  candidates.reduce((found, next) => (next.length > found.length ? next : found), "");

/**
 * The longest name of each limited kind for a prefix, over `regions`; what a prefix must fit into. `replicas`: names of
 * replica buckets besides the plain one, where a row has changed its replication region.
 */
export const longestNames = (prefix: string, regions: readonly string[], replicas: readonly string[] = []) => {
  const region = longest(regions);
  const place = { prefix, account: "0".repeat(ACCOUNT_LENGTH), region };
  const names = new Names(place);
  const recovery = new Names({ ...place, recoveryRegion: region });
  return [
    {
      kind: "bucket",
      limit: 63,
      name: longest([...BUCKET_KINDS.map((kind) => names.bucket(kind)), recovery.bucket("records"), ...replicas]),
    },
    {
      kind: "role",
      limit: 64,
      name: longest([
        ...FUNCTION_NAMES.map((name) => names.functionRole(name)),
        ...WORKFLOW_NAMES.map((name) => names.workflowRole(name)),
        ...SCHEDULE_NAMES.map((name) => names.scheduleRole(name)),
        names.replicationRole(),
        names.backupRole(),
        names.restoreRole(),
        names.downloadRole(),
        names.taskRole(),
        names.taskExecutionRole(),
        ...RECOVERY_FUNCTIONS.map((name) => recovery.functionRole(name)),
        ...RECOVERY_WORKFLOWS.map((name) => recovery.workflowRole(name)),
        recovery.restoreRole(),
        recovery.taskRole(),
        recovery.taskExecutionRole(),
      ]),
    },
    { kind: "backup vault", limit: 50, name: names.vault("primary") },
    { kind: "function", limit: 64, name: longest(FUNCTION_NAMES.map((name) => names.function(name))) },
    { kind: "schedule", limit: 64, name: longest(SCHEDULE_NAMES.map((name) => names.schedule(name))) },
  ] as const;
};

/** A row's name as part of a stack's id: `SaoPaulo`, `NVirginia`. */
export const stackLabel = (regionName: string): string =>
  regionName
    .normalize("NFD")
    .replace(/[^A-Za-z0-9 ]/g, "")
    .split(" ")
    .join("");
