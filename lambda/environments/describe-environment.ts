/**
 * What users are shown of an environment: its registration's public facts, how its app and database are, what its
 * newest snapshots say of its size, and what the last probe found. Only reads. RDS not answering is told in a sentence
 * and keeps nothing else back.
 */
import { allPages } from "../catalog/catalog";
import type { EnvironmentItem, Operation, SnapshotItem, Tier } from "../catalog/items";
import type { Registration } from "../catalog/registration";
import { describeDrills } from "../drill/describe-drills";
import type { PublicDrill } from "../drill/public-drill";
import { lastSnapshot, warningOf } from "../rules/last-snapshot";
import { isOffered } from "../retention/offered";
import { adviceFor, readinessOf } from "../rules/instance-status";
import { windowClashes } from "../rules/window-clash";
import type { WindowTable } from "../rules/window-times";
import {
  ServiceFailure,
  type Collaborators,
  type DatabaseStatus,
  type DatabaseStatuses,
} from "../runtime/collaborators";

/** Times are ISO 8601 in UTC, sizes bytes. */
export interface EnvironmentDescription {
  readonly environmentId: string;
  readonly appId: string;
  readonly region: string;
  readonly plan: Registration["plan"];
  readonly licensed: boolean;
  /** Chosen when it was registered, and final. */
  readonly replication: "on" | "off";
  readonly registeredAt: string;
  readonly firstStartedAt: string | null;
  readonly running: boolean;
  readonly modelVersion: string;
  /** As registered; absent where nobody said. */
  readonly runtimeVersion: string | undefined;
  readonly mode: string | undefined;
  readonly url: string | undefined;
  /** The operation that has the environment now. */
  readonly busyWith: Operation | null;
  readonly database: DatabaseDescription;
  readonly files: FilesDescription;
  /**
   * The newest completed snapshot of its own, and the newest of its own that is proven whole in the replication region.
   * An uploaded one may be another's data, and protects nothing.
   */
  readonly lastSnapshot: SnapshotMention | null;
  readonly lastReplicated: SnapshotMention | null;
  /** The last restore drill that has ended, and why none are held; null where they are. */
  readonly lastDrill: PublicDrill | null;
  readonly drillMessage: string | null;
  /** The last snapshot expires soon and nothing takes its place: what is lost, and what to do; else null. */
  readonly warning: string | null;
  /** Null before the first probe. */
  readonly probe: EnvironmentItem["probe"];
}
export interface DatabaseDescription {
  /** RDS instance identifier; null where the database is no RDS instance. */
  readonly instance: string | null;
  readonly backup: Registration["database"]["backup"];
  readonly host: string;
  readonly port: number;
  readonly name: string;
  /** At the time of `lastSnapshot`; null before it. */
  readonly size: number | null;
  /** Null where RDS does not know it; `statusMessage` says why. */
  readonly status: DatabaseStatus | null;
  readonly statusMessage: string;
  /** What of it endangers backups, one sentence each; empty when all is well. */
  readonly findings: readonly string[];
}
export interface FilesDescription {
  readonly bucket: string;
  readonly prefix: string;
  readonly source: Registration["files"]["source"]["kind"];
  /** Of `lastSnapshot`; null before it. */
  readonly bytes: number | null;
  readonly count: number | null;
  readonly missing: number | null;
}
export interface SnapshotMention {
  readonly snapshotId: string;
  readonly tier: Tier;
  readonly createdAt: string;
  readonly finishedAt: string | null;
  readonly replicatedAt: string | null;
  readonly expiresAt: string;
}

/** The newest may be under way, or wait. */
const DRILLS_LOOKED_AT = 3;

type DescribeCollaborators = Pick<Collaborators, "catalog" | "clock"> & { readonly databases: DatabaseStatuses };

export async function describeEnvironment(
  { catalog, clock, databases }: DescribeCollaborators,
  environment: EnvironmentItem,
  /** The region's row of the nightly table. */
  row: WindowTable,
): Promise<EnvironmentDescription> {
  const { environmentId, registration } = environment;
  const { database, files } = registration;
  const [newest, lease, status, drills] = await Promise.all([
    newestSnapshots(catalog, environmentId, clock.now()),
    catalog.getLease(environmentId),
    statusOf(databases, database.instance),
    describeDrills({ catalog }, environmentId, DRILLS_LOOKED_AT),
  ]);
  const { own, replicated } = newest;
  return {
    environmentId,
    appId: registration.appId,
    region: registration.region,
    plan: registration.plan,
    licensed: registration.licensed,
    replication: environment.replication === "replicated" ? "on" : "off",
    registeredAt: environment.registeredAt,
    firstStartedAt: environment.firstStartedAt,
    running: environment.running,
    modelVersion: environment.modelVersion,
    runtimeVersion: registration.runtimeVersion,
    mode: registration.mode,
    url: registration.url,
    busyWith: lease === undefined || lease.purpose === "drill" ? null : lease.purpose,
    database: {
      instance: database.instance,
      // Registered before there was a choice: by dump.
      backup: database.backup ?? "dump",
      host: database.host,
      port: database.port,
      name: database.name,
      size: own?.databaseSize ?? null,
      ...status,
      findings: instanceFindings(environment, status.status, row, clock.now()),
    },
    files: {
      bucket: files.bucket,
      prefix: files.prefix,
      source: files.source.kind,
      bytes: own?.filesSize ?? null,
      count: own?.fileCount ?? null,
      missing: own?.missingCount ?? null,
    },
    lastSnapshot: own === undefined ? null : mentionOf(own),
    lastReplicated: replicated === undefined ? null : mentionOf(replicated),
    lastDrill: drills.last,
    drillMessage: drills.message,
    warning: warningOf(lastSnapshot(newest.offered, clock.now())),
    probe: environment.probe,
  };
}

interface Newest {
  readonly offered: SnapshotItem[];
  /** Taken of the environment itself: what was uploaded may be another's. */
  own?: SnapshotItem;
  replicated?: SnapshotItem;
}

const newestSnapshots = async (
  catalog: Collaborators["catalog"],
  environmentId: string,
  now: Date,
): Promise<Readonly<Newest>> => {
  const newest: Newest = { offered: [] };
  for await (const snapshot of allPages((cursor) => catalog.listSnapshots(environmentId, cursor))) {
    if (!isOffered(snapshot, now)) continue;
    newest.offered.push(snapshot);
    if (snapshot.tier === "uploaded") continue;
    if (isNewer(snapshot, newest.own)) newest.own = snapshot;
    if (snapshot.replicatedAt !== null && isNewer(snapshot, newest.replicated)) newest.replicated = snapshot;
  }
  return newest;
};

const isNewer = (one: SnapshotItem, other: SnapshotItem | undefined): boolean =>
  other === undefined || Date.parse(one.createdAt) > Date.parse(other.createdAt);

const mentionOf = (snapshot: SnapshotItem): SnapshotMention => {
  const { snapshotId, tier, createdAt, finishedAt, replicatedAt, expiresAt } = snapshot;
  return { snapshotId, tier, createdAt, finishedAt, replicatedAt, expiresAt };
};

const statusOf = async (
  databases: DatabaseStatuses,
  instance: string | null,
): Promise<Pick<DatabaseDescription, "status" | "statusMessage">> => {
  if (instance === null) return { status: null, statusMessage: "The registration names no RDS instance." };
  try {
    const status = await databases.statusOf(instance);
    if (status !== undefined) return { status, statusMessage: "" };
    return { status: null, statusMessage: `RDS knows no instance ${instance} that this service may look at.` };
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error;
    return { status: null, statusMessage: error.message };
  }
};

/** What RDS says now counts; where it says nothing, what it said when the last night opened. */
const instanceFindings = (
  environment: EnvironmentItem,
  status: DatabaseStatus | null,
  row: WindowTable,
  now: Date,
): readonly string[] => {
  const { instance } = environment.registration.database;
  if (instance === null) return [];
  const known = status ?? environment.databaseInstance ?? null;
  const clashes = windowClashes({ ...environment, databaseInstance: known }, row, now);
  if (known === null || readinessOf(known.status) === "ready") return clashes;
  const what =
    readinessOf(known.status) === "broken"
      ? `so its backups fail: ${adviceFor(known.status)}`
      : "so its backups wait until that has passed";
  return [`The database instance ${instance} is ${known.status}, ${what}.`, ...clashes];
};
