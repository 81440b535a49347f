/**
 * What an attempt has packed, put together from its shards and checked: every listed file is in the index, once.
 * Reads the catalog, and the base's manifest where packs are carried over.
 */
import { allPages } from "../catalog/catalog";
import type { Attempt, DumpResult, EnvironmentItem, PackedEntry, PackPlan, ShardProgress } from "../catalog/items";
import { ServiceFailure, type Collaborators } from "../runtime/collaborators";
import { MISSING_KEYS_LISTED, type Manifest, type RecoveryPointEntry } from "../snapshot/manifest";
import { readBase } from "./base-manifest";
import { withPacks } from "./carried-shares";
import { DamagedObject } from "./object-locks";

export interface SnapshotContents {
  readonly dump: DumpResult;
  readonly plan: PackPlan;
  /** Null where the database is a dump. */
  readonly recoveryPoint: RecoveryPointEntry | null;
  readonly files: Omit<Manifest["files"], "packs"> & { readonly packs: readonly PackedEntry[] };
}

export async function snapshotContents(
  attempt: Attempt,
  environment: EnvironmentItem,
  collaborators: Pick<Collaborators, "catalog" | "store" | "settings">,
): Promise<SnapshotContents> {
  const { catalog } = collaborators;
  const { attemptId, dump, plan } = attempt;
  if (dump === null || plan === null) throw incomplete(attempt, "its database dump or its plan is not recorded");
  const recoveryPoint = dump.database === null ? recoveryPointOf(attempt, environment, collaborators.settings) : null;
  const shards: ShardProgress[] = [];
  for await (const shard of allPages((cursor) => catalog.listShards(attemptId, cursor))) shards.push(shard);
  shards.sort((a, b) => a.shard - b.shard);
  const open = plan.shards.findIndex((_, number) => shards[number]?.shard !== number || !shards[number].done);
  if (open !== -1 || shards.length !== plan.shards.length)
    throw incomplete(attempt, `shard ${Math.max(open, 0)} of ${plan.shards.length} is not packed`);

  const index = shards.flatMap((shard) => shard.parts);
  const entries = sum(index.map((part) => part.entries));
  const missing = sum(index.map((part) => part.missing));
  if (entries + missing !== dump.listCount) {
    throw incomplete(attempt, `the file index has ${entries + missing} files where the list has ${dump.listCount}`);
  }
  refuseTooManyMissing(environment, missing, dump.listCount);
  return {
    dump,
    plan,
    recoveryPoint,
    files: {
      count: entries,
      bytes: sum(index.map((part) => part.fileBytes)),
      missing: { count: missing, keys: shards.flatMap((shard) => shard.missingKeys).slice(0, MISSING_KEYS_LISTED) },
      index,
      packs: joinPacks(await packsOf(shards, attempt, collaborators)),
    },
  };
}

/** Complete with its copy, or an exception. */
function recoveryPointOf(
  attempt: Attempt,
  { registration, replication }: EnvironmentItem,
  settings: Collaborators["settings"],
): RecoveryPointEntry {
  const { before, listedAfter, point, copyArn } = attempt.recovery ?? {};
  if (before === undefined || point === undefined || point === null || typeof listedAfter !== "number")
    throw incomplete(attempt, "its recovery point is not recorded");
  const isCopied = replication === "replicated";
  if (isCopied && typeof copyArn !== "string")
    throw incomplete(attempt, "the copy of its recovery point is not recorded");
  return {
    kind: "recovery-point",
    instance: registration.database.instance ?? "",
    vault: settings.PRIMARY_VAULT,
    recoveryPointArn: point.arn,
    copyVault: isCopied ? settings.REPLICA_VAULT : null,
    copyRecoveryPointArn: copyArn ?? null,
    createdAt: point.createdAt,
    completedAt: point.completedAt,
    deleteAt: point.deleteAt,
    backupSize: point.bytes,
    ...before.facts,
    listedBefore: before.listCount,
    listedAfter,
  };
}

async function packsOf(
  shards: readonly ShardProgress[],
  attempt: Attempt,
  collaborators: Pick<Collaborators, "catalog" | "store" | "settings">,
): Promise<readonly PackedEntry[]> {
  if (shards.every(({ carriedOver = [] }) => carriedOver.length === 0)) return shards.flatMap((shard) => shard.packs);
  const base = await readBase(attempt, collaborators);
  if (!base.usable) throw new DamagedObject(base.problem ?? "The previous snapshot is no longer in the catalog.");
  return shards.flatMap((shard) => withPacks(shard, base.manifest.files.packs).packs);
}

/** Several shards may refer to one pack: their shares add up. */
function joinPacks(shares: readonly PackedEntry[]): PackedEntry[] {
  const packs = new Map<string, PackedEntry>();
  for (const share of shares) {
    const standing = packs.get(share.packId);
    packs.set(
      share.packId,
      standing === undefined
        ? share
        : {
            ...standing,
            liveSegments: standing.liveSegments + share.liveSegments,
            liveBytes: standing.liveBytes + share.liveBytes,
            lockedUntil:
              Date.parse(share.lockedUntil) > Date.parse(standing.lockedUntil)
                ? share.lockedUntil
                : standing.lockedUntil,
          },
    );
  }
  return [...packs.values()];
}

/** Rule 9: a few missing files are listed; too many mean that something else is wrong. */
function refuseTooManyMissing({ environmentId, registration }: EnvironmentItem, missing: number, listed: number): void {
  const { count, share } = registration.missingFilesAllowed;
  const allowed = Math.max(count, Math.floor(share * listed));
  if (missing <= allowed) return;
  throw new ServiceFailure(
    "TooManyFilesMissing",
    `${missing} of the ${listed} files that ${namedBy(registration)} of ${environmentId} names are missing from bucket ${registration.files.bucket}, ` +
      `more than the ${allowed} allowed; check bucket and prefix, or raise missingFilesAllowed in the registration.`,
    true,
  );
}

/** Who says that a file exists. */
export const namedBy = ({ files }: EnvironmentItem["registration"]): string =>
  files.source.kind === "listing" ? "the listing" : "the database";

const incomplete = ({ snapshotId }: Attempt, what: string): ServiceFailure =>
  new ServiceFailure(
    "SnapshotIncomplete",
    `The snapshot ${snapshotId} can't be sealed: ${what}; the backup is to be taken again.`,
    true,
  );
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
