/**
 * The rules of a restore's plan, pure: facts in, refusals and warnings out, each with a stable code and one sentence.
 * A refusal can't be talked away; a warning is accepted by naming its code when the restore is asked for.
 */
import type { EnvironmentItem, FileComparison, TargetPreflight } from "../catalog/items";
import { instanceRefusals, instanceWarnings, type InstancePlanFacts } from "../instance-swap/instance-rules";
import { adviceFor, readinessOf } from "../rules/instance-status";
import { majorOf } from "../rules/engine-version";
import { mayRestoreInto, type Recovery } from "../rules/restore-regions";
import { isRecoveryPoint, type DatabaseEntry, type Manifest } from "../snapshot/manifest";
import { repeatedInPlan } from "../snapshot/warnings";
import type { PlanFinding as Finding } from "./plan-findings";
import { keptWarnings } from "./rules-kept";
import { loginRefusals, loginWarnings } from "./rules-login";
import { obstacleRefusals, obstacleWarnings } from "./rules-obstacles";
import { privilegesWarnings } from "./rules-privileges";
import type { TargetRoom } from "./target-room";
import { counted, lacking } from "./words";

export interface PlanFacts {
  readonly manifest: Manifest;
  readonly target: Pick<EnvironmentItem, "environmentId" | "running" | "modelVersion" | "registration">;
  /** Null where nobody has looked at the target's database (a dry run). */
  readonly preflight: TargetPreflight | null;
  /** What RDS and CloudWatch say of the target's instance; null or absent where nobody has asked. */
  readonly room?: Pick<TargetRoom, "freeNowBytes" | "status"> | null;
  /** Of a recovery point; null or absent where the database is a dump. */
  readonly instance?: InstancePlanFacts | null;
  /** Null for a database-only restore. */
  readonly comparison: FileComparison | null;
  /** Objects of the snapshot that neither region can give, one sentence each. */
  readonly damage: readonly string[];
  /** Of the deployment that restores. */
  readonly recovery: Recovery;
}
export interface Judgement {
  readonly refusals: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/**
 * pg_restore sets `transaction_timeout` from this version on, whatever the server knows; strictly run, that is its end.
 * https://www.postgresql.org/docs/17/release-17.html
 */
const SETS_TRANSACTION_TIMEOUT = 17;
/** Over the decompressed database: what pg_restore needs while it builds indexes. */
const ROOM_FACTOR = 1.3;
/** Bytes that the restored database needs beside the live one. */
export const roomNeeded = (database: Manifest["database"]): number =>
  isRecoveryPoint(database) ? 0 : Math.ceil(Math.max(database.databaseSize, database.dumpSize) * ROOM_FACTOR);
/** Part of every PostgreSQL database. */
const DEFAULT_EXTENSIONS: ReadonlySet<string> = new Set(["plpgsql"]);

export const judge = (facts: PlanFacts): Judgement => ({
  refusals: [
    ...snapshotRefusals(facts),
    ...targetRefusals(facts),
    ...statusRefusals(facts),
    ...databaseRefusals(facts),
    ...targetDetailRefusals(facts),
    ...(facts.instance ? instanceRefusals(facts.instance) : []),
    ...fileRefusals(facts),
  ],
  warnings: [
    ...snapshotWarnings(facts),
    ...databaseWarnings(facts),
    ...targetDetailWarnings(facts),
    ...statusWarnings(facts),
    ...(facts.instance ? instanceWarnings(facts.instance) : []),
  ],
});

const snapshotRefusals = ({ damage }: PlanFacts): Finding[] =>
  damage.map((message) => ({ code: "SnapshotDamaged", message }));

const targetRefusals = ({ manifest, target, recovery }: PlanFacts): Finding[] => {
  const { environmentId, registration, running } = target;
  const found: Finding[] = [];
  if (manifest.appId !== registration.appId) {
    found.push({
      code: "TargetOfOtherApp",
      message: `Environment ${environmentId} belongs to app ${registration.appId}, the snapshot to app ${manifest.appId}: choose a target of the same app.`,
    });
  }
  const regions = { snapshotRegion: manifest.region, targetRegion: registration.region };
  if (!mayRestoreInto(recovery, regions)) {
    found.push({
      code: "TargetInOtherRegion",
      message: `Environment ${environmentId} is in ${registration.region}, the snapshot in ${manifest.region}: a restore stays within its region.`,
    });
  }
  if (running) {
    found.push({
      code: "TargetRunning",
      message: `The app of environment ${environmentId} is running: stop it, then restore.`,
    });
  }
  return found;
};

/** A status that nobody knows is taken to be ready. */
const instanceOf = ({ target, room }: PlanFacts) => ({
  instance: target.registration.database.instance ?? "",
  status: room?.status ?? "",
});

const statusRefusals = (facts: PlanFacts): Finding[] => {
  const { instance, status } = instanceOf(facts);
  if (readinessOf(status) !== "broken") return [];
  return [
    { code: "InstanceNotAvailable", message: `The database instance ${instance} is ${status}: ${adviceFor(status)}.` },
  ];
};

/** RDS makes storage grow at most once in six hours, so room that is still to come may come too late. */
const statusWarnings = (facts: PlanFacts): Finding[] => {
  const { manifest, preflight, room } = facts;
  const { instance, status } = instanceOf(facts);
  const { freeNowBytes = null } = room ?? {};
  const found: Finding[] = [];
  if (readinessOf(status) === "passing") {
    found.push({
      code: "InstanceChanging",
      message: `The database instance ${instance} is ${status}: the restore may be interrupted, and then changes nothing.`,
    });
  }
  const needed = roomNeeded(manifest.database);
  if (freeNowBytes !== null && freeNowBytes < needed && (preflight?.freeBytes ?? freeNowBytes) >= needed) {
    found.push({
      code: "StorageMustGrow",
      message: `The database instance ${instance} has ${mebibytes(freeNowBytes)} free, the restore needs ${mebibytes(needed)}, and RDS makes storage grow at most once in six hours: if it grows too late the restore fails, and then changes nothing.`,
    });
  }
  return found;
};

const databaseRefusals = ({ manifest, target, preflight }: PlanFacts): Finding[] => {
  if (preflight === null) return [];
  const where = `the target's database ${target.registration.database.name}`;
  const sessions: Finding[] =
    preflight.sessions === 0
      ? []
      : [
          {
            code: "SessionsPresent",
            message:
              preflight.sessions === 1
                ? `1 session is connected to ${where}: end it, then restore.`
                : `${preflight.sessions} sessions are connected to ${where}: end them, then restore.`,
          },
        ];
  // A recovery point brings its server along, with roles and extensions.
  if (isRecoveryPoint(manifest.database)) return sessions;
  return [...sessions, ...serverRefusals(manifest.database, preflight, where)];
};

/** A recovery point brings its own server: nothing is made, renamed or dropped at the target's. */
const targetDetailRefusals = ({ manifest, target, preflight }: PlanFacts): Finding[] => {
  if (preflight?.details === undefined || isRecoveryPoint(manifest.database)) return [];
  const where = `the target's database ${target.registration.database.name}`;
  return [...loginRefusals(preflight.details, where), ...obstacleRefusals(preflight.details.obstacles, where)];
};

const targetDetailWarnings = ({ manifest, target, preflight }: PlanFacts): Finding[] => {
  if (preflight?.details === undefined || isRecoveryPoint(manifest.database)) return [];
  const where = `the target's database ${target.registration.database.name}`;
  return [
    ...keptWarnings(manifest.database, preflight, where),
    ...loginWarnings(preflight.details, manifest.database, where, preflight.at),
    ...obstacleWarnings(preflight.details.obstacles, where),
  ];
};

const serverRefusals = (database: DatabaseEntry, preflight: TargetPreflight, where: string): Finding[] => {
  const needed = roomNeeded(database);
  const dumpMajor = majorOf(database.serverVersion);
  const rolesMissing = lacking(
    database.policyRoles.filter((role) => role.toLowerCase() !== "public"),
    preflight.roles,
  );
  const extensionsMissing = lacking(
    database.extensions.map(({ name }) => name),
    preflight.availableExtensions,
  );
  const found: (Finding | false)[] = [
    preflight.freeBytes !== null &&
      preflight.freeBytes < needed && {
        code: "NotEnoughSpace",
        message: `The server of ${where} has ${mebibytes(preflight.freeBytes)} free and the restore needs ${mebibytes(needed)}: give it more storage.`,
      },
    rolesMissing.length > 0 && {
      code: "RolesMissing",
      message: `The server of ${where} lacks roles that the snapshot's row security policies name (${rolesMissing.join(", ")}): create them.`,
    },
    preflight.serverMajor < dumpMajor && {
      code: "ServerOlder",
      message: `The server of ${where} is PostgreSQL ${preflight.serverMajor}, the snapshot is of PostgreSQL ${dumpMajor}: upgrade the server first.`,
    },
    preflight.toolMajor < Math.max(dumpMajor, preflight.serverMajor) && {
      code: "ToolsOlder",
      message: `The database task has PostgreSQL programs of version ${preflight.toolMajor} and this restore needs ${Math.max(dumpMajor, preflight.serverMajor)}: deploy an image that holds them.`,
    },
    preflight.serverMajor < SETS_TRANSACTION_TIMEOUT &&
      preflight.toolMajor >= SETS_TRANSACTION_TIMEOUT && {
        code: "ToolsNewer",
        message: `The database task has PostgreSQL programs of version ${preflight.toolMajor} and none for the server of ${where}, PostgreSQL ${preflight.serverMajor}, which doesn't know every setting that they use: deploy an image that holds those of version ${preflight.serverMajor}.`,
      },
    !preflight.canCreateDatabase && {
      code: "CannotCreateDatabase",
      message: `The user registered for ${where} may not create databases: grant it CREATEDB.`,
    },
    !preflight.memberOfOwner && {
      code: "NotMemberOfOwner",
      message: `The user registered for ${where} is no member of its owner ${preflight.owner}: grant it that role.`,
    },
    extensionsMissing.length > 0 && {
      code: "ExtensionsUnavailable",
      message: `The server of ${where} lacks extensions of the snapshot (${extensionsMissing.join(", ")}): install them or choose another target.`,
    },
  ];
  return found.filter((finding) => finding !== false);
};

const fileRefusals = ({ comparison, target }: PlanFacts): Finding[] => {
  if (comparison === null) return [];
  const { prefix } = target.registration.files;
  const found: Finding[] = [];
  const { tooLong } = comparison;
  if (tooLong > 0) {
    found.push({
      code: "FileKeyTooLong",
      message: `${counted(tooLong, "file")} of the snapshot ${tooLong === 1 ? "has a key that is" : "have keys that are"} too long for S3 under the prefix “${prefix}” of the target: choose a target with a shorter prefix.`,
    });
  }
  return found;
};

const snapshotWarnings = ({ manifest, target, comparison }: PlanFacts): Finding[] => {
  const found: Finding[] = [];
  // Only what pg_restore has to make again can fail.
  const isDump = !isRecoveryPoint(manifest.database);
  const extensions = manifest.database.extensions
    .map(({ name }) => name)
    .filter((name) => !DEFAULT_EXTENSIONS.has(name));
  if (isDump && extensions.length > 0) {
    found.push({
      code: "ExtensionsBeyondDefault",
      message: `The snapshot's database has extensions beyond the default (${extensions.join(", ")}): the restore may fail, and then changes nothing.`,
    });
  }
  const { customisations = [] } = manifest.database;
  if (isDump && customisations.length > 0) {
    found.push({
      code: "DatabaseCustomised",
      message: `The snapshot's database is customised (${customisations.join(", ")}): the restore may fail, and then changes nothing.`,
    });
  }
  const modelWarning = modelVersionWarning(manifest.modelVersion, target.modelVersion);
  if (modelWarning !== undefined) found.push(modelWarning);
  found.push(...privilegesWarnings(manifest), ...repeatedInPlan(manifest));
  if (comparison === null) return found;
  const missing = manifest.files.missing.count;
  if (missing > 0) {
    found.push({
      code: "FilesMissing",
      message: `${counted(missing, "file")} that the snapshot's database names ${missing === 1 ? "was" : "were"} missing when it was taken, and will be missing after the restore.`,
    });
  }
  if (manifest.consistency === "around-recovery-point") {
    found.push({
      code: "FilesAroundRecoveryPoint",
      message:
        "The snapshot's files are those that its database named before or after the recovery point was made: one that came and went while it was made may be missing, and some may be left that the restored database no longer names.",
    });
  }
  if (manifest.consistency === "listing") {
    found.push({
      code: "FilesFromListing",
      message:
        "The snapshot's files are a listing of its bucket, not those that its database names: the two may differ.",
    });
  }
  return found;
};

const databaseWarnings = ({ manifest, preflight }: PlanFacts): Finding[] => {
  if (preflight === null) {
    return [
      {
        code: "DatabaseNotExamined",
        message: "The target's database has not been looked at: the restore itself does so first.",
      },
    ];
  }
  if (isRecoveryPoint(manifest.database) || preflight.encoding === manifest.database.encoding) return [];
  return [
    {
      code: "EncodingDiffers",
      message: `The target's database is encoded in ${preflight.encoding}, the snapshot's in ${manifest.database.encoding}: text that can't be converted makes the restore fail, and then it changes nothing.`,
    },
  ];
};

const modelVersionWarning = (ofSnapshot: string, ofTarget: string): Finding | undefined => {
  if (ofSnapshot === "" || ofTarget === "") return undefined;
  const order = versionOrder(ofSnapshot, ofTarget);
  if (order === undefined) return undefined;
  return {
    code: `ModelVersion${order}`,
    message: `The snapshot's model version is ${ofSnapshot}, the target's ${ofTarget}: deploy the ${order.toLowerCase()} model after the restore.`,
  };
};

type Order = "Older" | "Newer" | undefined;
/** By the first dotted part that differs, numerically where both are numbers; undefined: they are one version. */
const versionOrder = (a: string, b: string): Order => {
  const [left, right] = [a.split("."), b.split(".")];
  return Array.from({ length: Math.max(left.length, right.length) }, (_, position) =>
    partOrder(left[position], right[position]),
  ).find((order) => order !== undefined);
};
const partOrder = (one = "0", other = "0"): Order => {
  const numeric = /^\d+$/.test(one) && /^\d+$/.test(other);
  return numeric ? orderOf(Number(one), Number(other)) : orderOf(one, other);
};
const orderOf = <T extends string | number>(one: T, other: T): Order =>
  one < other ? "Older" : one > other ? "Newer" : undefined;
const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 1024 ** 2).toLocaleString("en")} MiB`;
