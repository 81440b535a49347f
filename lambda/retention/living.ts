/**
 * What lives and what ends, with reasons. Manifests are the truth about packs, the catalog about wishes; where the
 * two disagree, or a manifest can't be read, there is a disagreement, and then nothing of the environment may be
 * deleted. Pure.
 */
import type { SnapshotItem } from "../catalog/items";
import { effectiveExpiry, laterOf } from "../rules/effective-expiry";
import { isExpired } from "../rules/retention-calendar";
import type { Side } from "./inventory";
import type { Evidence } from "./evidence";
import type { ManifestFacts, ManifestFound } from "./read-manifests";

export interface Ending {
  readonly reason: string;
  /** Null when only a user's wish ends it. */
  readonly expiredAt: string | null;
}
export interface Judgement {
  /** Snapshot → why it lives. */
  readonly living: ReadonlyMap<string, string>;
  /** Snapshot → why its manifest and data go. */
  readonly ending: ReadonlyMap<string, Ending>;
  /**
   * Every object that a living manifest names, where it needs it: in the primary region and in the replication region
   * that it names. A pack that was carried over from before the replication region changed is needed in both.
   */
  readonly isNeeded: (side: Side, key: string) => boolean;
  /** One sentence each: what is wrong, where, what to do. */
  readonly disagreements: readonly string[];
}

type Verdict =
  | { readonly is: "living"; readonly reason: string }
  | ({ readonly is: "ending" } & Ending)
  | { readonly is: "disagreement"; readonly sentence: string }
  /** No manifest and not over yet: queued, running or failed. Its objects are an attempt's. */
  | { readonly is: "unfinished" };

export function judge(evidence: Evidence, now: Date): Judgement {
  const living = new Map<string, string>();
  const ending = new Map<string, Ending>();
  const disagreements: string[] = [...evidence.damagedRecords];
  const needed = new Map<Side, Set<string>>();
  const items = new Map(evidence.snapshots.map((item) => [item.snapshotId, item]));
  const manifests = new Map(evidence.manifests.map((found) => [found.snapshotId, found]));
  const { environmentId, replication } = evidence.environment;
  if (evidence.strayClass) {
    disagreements.push(
      `Environment ${environmentId} is registered as ${replication}, but objects of it stand under the other class in the primary bucket; ` +
        "rebuild the catalog from the bucket, or move them away.",
    );
  }
  for (const snapshotId of [...new Set([...items.keys(), ...manifests.keys()])].toSorted()) {
    const found = manifests.get(snapshotId);
    const verdict = judgeSnapshot({ evidence, now, snapshotId, item: items.get(snapshotId), found });
    if (verdict.is === "living") {
      living.set(snapshotId, verdict.reason);
      if (found?.facts) addNeeded(needed, found.facts, evidence);
    } else if (verdict.is === "ending") {
      ending.set(snapshotId, { reason: verdict.reason, expiredAt: verdict.expiredAt });
    } else if (verdict.is === "disagreement") {
      disagreements.push(verdict.sentence);
    }
  }
  return { living, ending, isNeeded: (side, key) => needed.get(side)?.has(key) === true, disagreements };
}

/** A replication region that is no longer ours says nothing: then every replica is needed. */
function addNeeded(needed: Map<Side, Set<string>>, facts: ManifestFacts, { regions }: Evidence): void {
  const isKnown = [...regions.values()].some((region) => region === facts.replicationRegion);
  const replicas = [...regions].flatMap(([side, region]) =>
    !isKnown || region === facts.replicationRegion ? [side] : [],
  );
  for (const side of ["primary" as const, ...replicas]) {
    const keys = needed.get(side) ?? new Set();
    for (const key of facts.keys) keys.add(key);
    needed.set(side, keys);
  }
}

interface Case {
  readonly evidence: Evidence;
  readonly now: Date;
  readonly snapshotId: string;
  readonly item: SnapshotItem | undefined;
  readonly found: ManifestFound | undefined;
}

function judgeSnapshot(given: Case): Verdict {
  const { evidence, snapshotId, found } = given;
  const name = `Snapshot ${snapshotId} of environment ${evidence.environment.environmentId}`;
  if (found?.problem) {
    const where = found.sides.includes("primary") ? "primary" : "replica";
    return disagreement(
      `${name}: its manifest in the ${where} bucket ${found.problem}; compare it with the other side, then restore or remove it by hand.`,
    );
  }
  const verdict = found?.facts ? withManifest(given, found, found.facts, name) : withoutManifest(given, name);
  // What is being read or built upon lives on, expired or not; without a manifest there is nothing to hold.
  const holder = found === undefined ? undefined : holderOf(given);
  if (verdict.is === "ending" && holder !== undefined) {
    return { is: "living", reason: `${verdict.reason}, but ${holder} still needs it` };
  }
  return verdict;
}

function withManifest(
  { evidence, now, snapshotId, item }: Case,
  found: ManifestFound,
  facts: ManifestFacts,
  name: string,
): Verdict {
  const ends = effectiveExpiry(facts, { keepUntil: evidence.keptUntil.get(snapshotId) ?? null });
  const sealedIsExpired = isExpired(ends, now);
  if (item === undefined) {
    if (sealedIsExpired) return expired(ends);
    if (evidence.deletedByUser.has(snapshotId)) return { is: "ending", reason: "deleted by a user", expiredAt: null };
    return disagreement(
      `${name}: its manifest stands in the bucket and is valid until ${ends}, but the catalog does not know it; ` +
        "rebuild the catalog from the bucket.",
    );
  }
  const listedIsExpired = isExpired(item.expiresAt, now);
  if (listedIsExpired && sealedIsExpired) return expired(laterOf(item.expiresAt, ends));
  if (listedIsExpired) {
    return disagreement(
      `${name}: the catalog says that it expired on ${item.expiresAt}, its manifest says ${ends}; correct the catalog from the manifest.`,
    );
  }
  if (item.deleting) return { is: "ending", reason: "deleted by a user", expiredAt: null };
  if (item.withheld === true) {
    return { is: "living", reason: `not offered, and kept until ${laterOf(item.expiresAt, ends)}` };
  }
  if (item.state === "failed") {
    return disagreement(
      `${name}: the catalog lists it as failed, but its manifest stands in the bucket, so it was sealed; rebuild its item from the manifest.`,
    );
  }
  if (!found.sides.includes("primary")) {
    return disagreement(
      `${name}: its manifest is missing in the primary bucket and stands in the replica bucket only; copy it back.`,
    );
  }
  if (item.replicatedAt !== null && found.sides.every((side) => side === "primary")) {
    return disagreement(
      `${name}: the catalog says that it is replicated, but its manifest is missing in the replica bucket; copy it there from the primary.`,
    );
  }
  return { is: "living", reason: `kept until ${laterOf(item.expiresAt, ends)}` };
}

function withoutManifest({ evidence, now, item }: Case, name: string): Verdict {
  if (item === undefined) return { is: "unfinished" };
  if (evidence.runningAttempts.some((attempt) => attempt.snapshotId === item.snapshotId)) return { is: "unfinished" };
  if (isExpired(item.expiresAt, now)) return expired(item.expiresAt);
  if (item.deleting) return { is: "ending", reason: "deleted by a user", expiredAt: null };
  if (item.state !== "completed") return { is: "unfinished" };
  return disagreement(
    `${name}: the catalog says that it is completed and kept until ${item.expiresAt}, but its manifest is in neither bucket; ` +
      "find out who removed it, and restore the manifest or correct the catalog.",
  );
}

function holderOf({ evidence, snapshotId }: Case): string | undefined {
  const pin = evidence.pins.find((one) => one.snapshotId === snapshotId);
  if (pin !== undefined) return pin.holder;
  const attempt = evidence.runningAttempts.find(
    (one) => one.baseSnapshotId === snapshotId || one.snapshotId === snapshotId,
  );
  return attempt === undefined ? undefined : `attempt ${attempt.attemptId}`;
}

const expired = (at: string): Verdict => ({ is: "ending", reason: `expired on ${at}`, expiredAt: at });
const disagreement = (sentence: string): Verdict => ({ is: "disagreement", sentence });
