/** Each kind of key, and what only looks like one. */
import { kindOf, type ObjectKind } from "../../lambda/retention/object-kinds";
import {
  databaseKey,
  drillsRecordKey,
  fileIndexKey,
  fileListKey,
  manifestKey,
  outcomeRecordKey,
  packKey,
  packsPrefix,
  probeRecordKey,
  registrationRecordKey,
  restoreAsideKey,
  restoreOutcomeRecordKey,
  restorePutKey,
  restoreRecordsPrefix,
  snapshotRecordKey,
  snapshotsPrefix,
} from "../../lambda/storage/object-keys";
import { PLACE } from "./evidence-of";

const UNKNOWN = { kind: "unknown" } as const;
const OTHER = { ...PLACE, environmentId: "other" };
const ATTEMPT = { kind: "attempt", snapshotId: "s", attemptId: "a" } as const;

test.each<[string, ObjectKind]>([
  [manifestKey(PLACE, "s"), { kind: "manifest", snapshotId: "s" }],
  [databaseKey(PLACE, "s", "a"), ATTEMPT],
  [fileListKey(PLACE, "s", "a", 1), ATTEMPT],
  [fileIndexKey(PLACE, "s", "a", 1, 2), ATTEMPT],
  [`${manifestKey(PLACE, "s")}.other`, { kind: "attempt", snapshotId: "s", attemptId: "manifest.json.other" }],
  [packKey(PLACE, "p"), { kind: "pack" }],
  [`${packsPrefix(PLACE)}whatever`, { kind: "pack" }],
  [registrationRecordKey(PLACE), { kind: "registration-record" }],
  [probeRecordKey(PLACE), { kind: "probe-record" }],
  [drillsRecordKey(PLACE), { kind: "drills-record" }],
  [snapshotRecordKey(PLACE, "s"), { kind: "snapshot-record", snapshotId: "s" }],
  [snapshotRecordKey(PLACE, "s.json"), { kind: "snapshot-record", snapshotId: "s.json" }],
  [outcomeRecordKey(PLACE, "s"), { kind: "outcome-record", snapshotId: "s" }],
  [restoreOutcomeRecordKey(PLACE, "r"), { kind: "restore-outcome-record", restoreId: "r" }],
  [restorePutKey(PLACE, "r", 0), { kind: "restore-record", restoreId: "r" }],
  [restoreAsideKey(PLACE, "r", 0, 1), { kind: "restore-record", restoreId: "r" }],
  // An id is missing, or the ending is another.
  [`${snapshotsPrefix(PLACE)}s`, UNKNOWN],
  [snapshotRecordKey(PLACE, ""), UNKNOWN],
  [outcomeRecordKey(PLACE, ""), UNKNOWN],
  [restoreOutcomeRecordKey(PLACE, ""), UNKNOWN],
  [`${snapshotRecordKey(PLACE, "s")}.other`, UNKNOWN],
  [`${outcomeRecordKey(PLACE, "s")}.other`, UNKNOWN],
  [restoreRecordsPrefix(PLACE, "r").slice(0, -1), UNKNOWN],
  [`${registrationRecordKey(PLACE)}.other`, UNKNOWN],
  // Another environment's.
  [manifestKey(OTHER, "s"), UNKNOWN],
  [packKey(OTHER, "p"), UNKNOWN],
  [snapshotRecordKey(OTHER, "s"), UNKNOWN],
  [restorePutKey(OTHER, "r", 0), UNKNOWN],
  ["some/thing/else/altogether/of/many/parts.json", UNKNOWN],
])("%s", (key, kind) => expect(kindOf(PLACE, key)).toStrictEqual(kind));
