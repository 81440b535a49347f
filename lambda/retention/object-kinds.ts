/** What an object is, told from its key alone. Everything that no function of object-keys.ts builds is unknown. Pure. */
import {
  drillsRecordKey,
  type EnvironmentPlace,
  manifestKey,
  outcomeRecordKey,
  packsPrefix,
  probeRecordKey,
  registrationRecordKey,
  restoreOutcomeRecordKey,
  restoreRecordsPrefix,
  snapshotRecordKey,
  snapshotsPrefix,
} from "../storage/object-keys";

export type ObjectKind =
  | { readonly kind: "manifest"; readonly snapshotId: string }
  /** Dump, list segments and index parts of an attempt. */
  | { readonly kind: "attempt"; readonly snapshotId: string; readonly attemptId: string }
  | { readonly kind: "pack" }
  | { readonly kind: "registration-record" }
  | { readonly kind: "probe-record" }
  | { readonly kind: "drills-record" }
  | { readonly kind: "snapshot-record"; readonly snapshotId: string }
  | { readonly kind: "outcome-record"; readonly snapshotId: string }
  | { readonly kind: "restore-outcome-record"; readonly restoreId: string }
  | { readonly kind: "restore-record"; readonly restoreId: string }
  /** Not ours: never deleted. */
  | { readonly kind: "unknown" };

export function kindOf(place: EnvironmentPlace, key: string): ObjectKind {
  if (key.startsWith(packsPrefix(place))) return { kind: "pack" };
  if (key === registrationRecordKey(place)) return { kind: "registration-record" };
  if (key === probeRecordKey(place)) return { kind: "probe-record" };
  if (key === drillsRecordKey(place)) return { kind: "drills-record" };
  const [snapshotId = "", attemptId] = segmentsAfter(snapshotsPrefix(place), key);
  if (attemptId !== undefined) {
    if (key === manifestKey(place, snapshotId)) return { kind: "manifest", snapshotId };
    return { kind: "attempt", snapshotId, attemptId };
  }
  const recorded = idWithin(snapshotRecordKey(place, HOLE), key);
  if (recorded !== undefined) return { kind: "snapshot-record", snapshotId: recorded };
  const ended = idWithin(outcomeRecordKey(place, HOLE), key);
  if (ended !== undefined) return { kind: "outcome-record", snapshotId: ended };
  const restored = idWithin(restoreOutcomeRecordKey(place, HOLE), key);
  if (restored !== undefined) return { kind: "restore-outcome-record", restoreId: restored };
  const [restores = ""] = restoreRecordsPrefix(place, HOLE).split(HOLE);
  const [restoreId = "", rest] = segmentsAfter(restores, key);
  if (rest !== undefined) return { kind: "restore-record", restoreId };
  return { kind: "unknown" };
}

/** Stands for an id; no key holds it. */
const HOLE = "\u0000";

/** The builders themselves say where ids stand, so that this file knows no spelling of its own. */
function idWithin(pattern: string, key: string): string | undefined {
  const [before = "", after = ""] = pattern.split(HOLE);
  const isLong = key.length > before.length + after.length;
  return isLong && key.startsWith(before) && key.endsWith(after)
    ? key.slice(before.length, key.length - after.length)
    : undefined;
}

const segmentsAfter = (prefix: string, key: string): readonly string[] =>
  key.startsWith(prefix) ? key.slice(prefix.length).split("/") : [];
