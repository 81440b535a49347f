/** Evidence by hand, for the rules that judge it: an environment of which nothing stands and nothing is known yet. */
import { environmentItem } from "../backup/environment-fixture";
import type { Attempt, SnapshotItem } from "../../lambda/catalog/items";
import type { Evidence } from "../../lambda/retention/evidence";
import type { FoundVersion } from "../../lambda/retention/inventory";
import { kindOf } from "../../lambda/retention/object-kinds";
import type { ManifestFound } from "../../lambda/retention/read-manifests";

export const NOW = new Date("2026-12-20T00:00:00Z");
export const LATER = "2026-12-25T00:00:00Z";
export const EARLIER = "2026-12-15T00:00:00Z";
export const PLACE = environmentItem("orders-production");
const { environmentId } = PLACE;

export const evidenceOf = (change: Partial<Evidence> = {}): Evidence => ({
  environment: PLACE,
  inventory: [],
  regions: new Map([
    ["replica", "eu-west-1"],
    ["replica-eu-south-1", "eu-south-1"],
  ]),
  manifests: [],
  snapshots: [],
  behind: [],
  keptUntil: new Map(),
  pins: [],
  stalePins: [],
  runningAttempts: [],
  deletedByUser: new Set(),
  runningRestores: new Set(),
  damagedRecords: [],
  strayClass: false,
  ...change,
});

/** Completed, replicated, and valid for five days more. */
export const item = (snapshotId: string, change: Partial<SnapshotItem> = {}): SnapshotItem => ({
  snapshotId,
  environmentId,
  tier: "nightly",
  night: null,
  state: "completed",
  statusMessage: "",
  attempt: 1,
  attemptId: `attempt-of-${snapshotId}`,
  createdBy: "Nightly",
  comment: "",
  modelVersion: "1.0.0",
  createdAt: "2026-12-11T00:00:00Z",
  updatedAt: "2026-12-11T00:00:00Z",
  finishedAt: "2026-12-11T00:00:00Z",
  expiresAt: LATER,
  replicatedAt: "2026-12-11T00:00:00Z",
  replicationMessage: "",
  dumpSize: 1,
  filesSize: 0,
  fileCount: 0,
  missingCount: 0,
  manifest: null,
  deleting: false,
  ...change,
});

/** On both sides, and valid for five days more. */
export const manifest = (
  snapshotId: string,
  facts: Partial<NonNullable<ManifestFound["facts"]>> = {},
  change: Partial<ManifestFound> = {},
): ManifestFound => ({
  snapshotId,
  sides: ["primary", "replica"],
  facts: {
    createdAt: "2026-12-11T00:00:00Z",
    expiresAt: LATER,
    replicationRegion: "eu-west-1",
    keys: [`keys of ${snapshotId}`],
    packs: [],
    ...facts,
  },
  problem: null,
  ...change,
});

export const attempt = (attemptId: string, snapshotId: string, change: Partial<Attempt> = {}): Attempt => ({
  attemptId,
  environmentId,
  snapshotId,
  attempt: 1,
  executionArn: "backup",
  leaseToken: "token",
  startedAt: "2026-12-19T23:00:00Z",
  baseSnapshotId: null,
  dump: null,
  plan: null,
  failure: null,
  ...change,
});

/** One that nothing locks any more, unless told otherwise. */
export const version = (key: string, change: Partial<FoundVersion> = {}): FoundVersion => ({
  side: "primary",
  key,
  versionId: "version-1",
  isLatest: true,
  isDeleteMarker: false,
  size: 7,
  lastModified: new Date("2026-12-01T00:00:00Z"),
  what: kindOf(PLACE, key),
  ...change,
});
