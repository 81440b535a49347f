/**
 * The rules of a plan for a snapshot whose database is a recovery point: it comes back as an instance of its own, which
 * is swapped in for the target's. Facts in, refusals and warnings out, as in `restore/plan-rules.ts`. Pure.
 */
import type { EnvironmentItem } from "../catalog/items";
import type { PlanFinding as Finding } from "../restore/plan-findings";
import { majorOf } from "../rules/engine-version";
import type { RecoveryPointEntry } from "../snapshot/manifest";
import type { InstanceFacts, InstanceQuotas } from "./instances";
import { mayBeChanged } from "./swap-mark";

export interface InstancePlanFacts {
  readonly entry: RecoveryPointEntry;
  /** AWS Backup's word for the recovery point; null where it knows none. */
  readonly pointStatus: string | null;
  /** As the source is registered. */
  readonly sourceDatabase: string;
  readonly target: Pick<EnvironmentItem, "environmentId" | "registration">;
  /** Null where RDS knows none. */
  readonly live: InstanceFacts | null;
  /** Names that the restore needs and that others have. */
  readonly namesTaken: readonly string[];
  /** Other environments whose databases are on the same instance. */
  readonly sharedWith: readonly string[];
  readonly quotas: InstanceQuotas | null;
  /** `key=value`: what an instance has to carry that the service may change. */
  readonly resourceTag: string;
}

const USABLE_POINTS: ReadonlySet<string> = new Set(["COMPLETED", "AVAILABLE"]);
const GIBIBYTE = 1024 ** 3;
const NAMED = 5;

export const instanceRefusals = (facts: InstancePlanFacts): readonly Finding[] => [
  ...pointRefusals(facts),
  ...(facts.live === null ? [missing(facts)] : liveRefusals(facts, facts.live)),
  ...quotaRefusals(facts),
];

const pointRefusals = ({ entry, pointStatus }: InstancePlanFacts): Finding[] =>
  pointStatus !== null && USABLE_POINTS.has(pointStatus)
    ? []
    : [
        {
          code: "SnapshotDamaged",
          message: `The recovery point ${entry.recoveryPointArn} is ${pointStatus ?? "not in its vault"}: choose another snapshot.`,
        },
      ];

const missing = ({ target }: InstancePlanFacts): Finding => {
  const { instance } = target.registration.database;
  return {
    code: "InstanceMissing",
    message:
      instance === null
        ? `Environment ${target.environmentId} is registered without an RDS instance, and the snapshot's database is a recovery point: name its instance in the registration.`
        : `There is no database instance ${instance} that this service may look at: correct the registration of ${target.environmentId}.`,
  };
};

const liveRefusals = (facts: InstancePlanFacts, live: InstanceFacts): Finding[] => {
  const { entry, resourceTag, sourceDatabase, target, namesTaken, sharedWith } = facts;
  const { bonds, name } = live;
  const { database } = target.registration;
  const found: (Finding | false)[] = [
    !mayBeChanged(live, resourceTag) && {
      code: "InstanceNotTagged",
      message: `The database instance ${name} does not carry the tag ${resourceTag}, without which this service changes none: tag it, then restore.`,
    },
    (bonds.cluster !== null || bonds.replicaOf !== null || bonds.replicas.length > 0) && {
      code: "InstanceBound",
      message: `The database instance ${name} is tied to others (${tiesOf(live)}), which a swap can't take along: end that, or choose another target.`,
    },
    bonds.managedPassword && {
      code: "PasswordManagedByRds",
      message: `RDS itself manages the master password of ${name}, and a restored instance would not have it: switch that off and give the registration a secret of its own.`,
    },
    majorOf(live.engineVersion) !== majorOf(entry.serverVersion) && {
      code: "EngineVersionDiffers",
      message: `The database instance ${name} is PostgreSQL ${live.engineVersion}, the recovery point of PostgreSQL ${entry.serverVersion}: a swap of instances needs the same major version, so choose another target or ${majorOf(live.engineVersion) < majorOf(entry.serverVersion) ? "upgrade it first" : "another snapshot"}.`,
    },
    sourceDatabase !== database.name && {
      code: "DatabaseNameDiffers",
      message: `The recovery point's database is called ${sourceDatabase}, the target's ${database.name}: choose a target whose database has the same name.`,
    },
    sharedWith.length > 0 && {
      code: "InstanceShared",
      message: `The database instance ${name} is also that of ${sharedWith.slice(0, NAMED).join(", ")}${sharedWith.length > NAMED ? " and others" : ""}: a recovery point replaces the whole instance, so choose a target that has its own.`,
    },
    namesTaken.length > 0 && {
      code: "InstanceNameTaken",
      message: `There are database instances of the names that the restore needs (${namesTaken.join(", ")}): rename or delete them, then restore.`,
    },
    bonds.subnetGroupStatus !== "" &&
      bonds.subnetGroupStatus !== "Complete" && {
        code: "SubnetGroupUnusable",
        message: `The subnet group ${live.settings.subnetGroup} of ${name} is ${bonds.subnetGroupStatus}: mend it, then restore.`,
      },
  ];
  return found.filter((finding) => finding !== false);
};

const tiesOf = ({ bonds }: InstanceFacts): string =>
  [
    ...(bonds.cluster === null ? [] : [`cluster ${bonds.cluster}`]),
    ...(bonds.replicaOf === null ? [] : [`replica of ${bonds.replicaOf}`]),
    ...(bonds.replicas.length === 0 ? [] : [`replicas ${bonds.replicas.join(", ")}`]),
  ].join("; ");

const quotaRefusals = ({ entry, quotas }: InstancePlanFacts): Finding[] => {
  const found: Finding[] = [];
  const { instances = null, storageGiB = null } = quotas ?? {};
  if (instances !== null && instances.used + 1 > instances.most) {
    found.push({
      code: "InstanceQuotaExceeded",
      message: `The account has ${instances.used} of ${instances.most} database instances in this region and the restore needs one more for its time: ask for a higher quota.`,
    });
  }
  const needed = Math.ceil(entry.backupSize / GIBIBYTE);
  if (storageGiB !== null && storageGiB.used + needed > storageGiB.most) {
    found.push({
      code: "StorageQuotaExceeded",
      message: `The account has ${storageGiB.used} of ${storageGiB.most} GiB of RDS storage in this region and the restore needs ${needed} GiB more for its time: ask for a higher quota.`,
    });
  }
  return found;
};

export const instanceWarnings = ({ entry, live, target }: InstancePlanFacts): readonly Finding[] => {
  const found: Finding[] = [
    {
      code: "InstanceSwap",
      message:
        "The snapshot's database is a recovery point of AWS Backup: a new database instance is made and takes the name of the old one by two renames. " +
        "They are not one transaction: between them no instance has the name for some minutes; a restore that breaks off there goes on by itself. The old instance is deleted once the new one answers.",
    },
    {
      code: "WholeInstance",
      message: `The whole instance is replaced, with all databases and roles on it, by ${entry.instance} as it was between ${entry.createdAt} and ${entry.completedAt}: roles other than the registered one have the passwords of that time.`,
    },
  ];
  if (live !== null && (live.bonds.monitoringSeconds > 0 || live.bonds.roles.length > 0)) {
    found.push({
      code: "NotTakenOver",
      message: `Enhanced monitoring and IAM roles of the database instance ${live.name} are not taken over: set them again after the restore.`,
    });
  }
  const { host } = target.registration.database;
  if (live !== null && live.endpoint !== null && live.endpoint.host !== host) {
    found.push({
      code: "AddressNotOfInstance",
      message: `The target is registered at ${host}, while the address of ${live.name} is ${live.endpoint.host}: make sure that the former follows the latter.`,
    });
  }
  return found;
};
