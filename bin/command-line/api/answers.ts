/**
 * What the command line reads of the API's answers, in camelCase. Fields that a newer API adds are kept for `--json`;
 * one that is missing means that the two don't fit.
 */
import { z } from "zod";

const state = z.enum(["queued", "running", "failed", "completed"]);
const tier = z.enum(["nightly", "weekly", "monthly", "on-demand", "uploaded"]);
const text = z.string().nullable();
const number = z.number().nullable();

export const me = z.looseObject({
  name: z.string(),
  grants: z.array(z.looseObject({ app: z.string(), role: z.string() })),
});
export const appList = z.looseObject({
  apps: z.array(z.looseObject({ projectId: z.string(), environments: z.number(), roles: z.array(z.string()) })),
});
const environmentFacts = {
  environmentId: z.string(),
  projectId: z.string(),
  region: z.string(),
  running: z.boolean(),
  modelVersion: z.string(),
  /** An older deployment does not say these. */
  runtimeVersion: z.string().optional(),
  mode: z.string().optional(),
  url: text.optional(),
  replication: z.enum(["on", "off"]),
  firstStartedAt: text,
};
export const environmentSummary = z.looseObject(environmentFacts);
export type EnvironmentSummary = z.infer<typeof environmentSummary>;
export const environmentList = z.looseObject({ environments: z.array(environmentSummary) });

const finding = z.looseObject({ code: z.string(), message: z.string() });
/** An older deployment does not say. */
const findings = z.array(finding).default([]);
const drillSeconds = z.looseObject({
  total: number,
  database: number,
  tables: number,
  closure: number,
  files: number,
});
export const drill = z.looseObject({
  drillId: z.string(),
  snapshotId: text,
  snapshotCreatedAt: text,
  requestedBy: z.string(),
  state: z.enum(["queued", "running", "completed"]),
  outcome: z.enum(["passed", "failed", "not-drilled"]).nullable(),
  statusMessage: text,
  slowMessage: text,
  createdAt: z.string(),
  startedAt: text,
  finishedAt: text,
  seconds: drillSeconds,
  problems: z.array(z.string()),
  problemCount: z.number(),
  notes: findings,
  database: z
    .looseObject({ tables: z.number(), rows: z.number(), bytes: z.number(), largeObjects: z.number() })
    .nullable(),
  files: z.looseObject({ checked: z.number(), bytes: z.number() }),
  closure: z.looseObject({ proven: z.boolean(), reason: text, named: z.number() }).nullable(),
});
export type ApiDrill = z.infer<typeof drill>;
export const drillList = z.looseObject({ drills: z.array(drill), message: text });

const mention = z
  .looseObject({ snapshotId: z.string(), tier, createdAt: z.string(), expiresAt: z.string() })
  .nullable();
const databaseStatus = z.looseObject({
  status: z.string(),
  engineVersion: z.string(),
  allocatedBytes: z.number(),
  instanceClass: z.string(),
  maintenanceWindow: z.string(),
  backupWindow: z.string(),
});
export const environment = z.looseObject({
  ...environmentFacts,
  plan: z.string(),
  licensed: z.boolean(),
  busyWith: text,
  database: z.looseObject({
    instance: text,
    backup: z.string().optional(),
    name: z.string(),
    size: number,
    status: databaseStatus.nullable(),
    statusMessage: text,
    /** An older deployment does not say. */
    findings: z.array(z.string()).default([]),
  }),
  files: z.looseObject({ source: z.string(), size: number, count: number, missing: number }),
  lastSnapshot: mention,
  lastReplicated: mention,
  lastDrill: drill.nullable(),
  drillMessage: text,
  warning: text,
  probe: z.looseObject({ at: z.string(), findings: z.array(z.string()) }).nullable(),
});
export type ApiEnvironment = z.infer<typeof environment>;

export const snapshot = z.looseObject({
  snapshotId: z.string(),
  modelVersion: text,
  comment: z.string(),
  expiresAt: z.string(),
  state,
  statusMessage: text,
  createdAt: z.string(),
  finishedAt: text,
  type: z.string(),
  tier,
  databaseSize: number,
  filesSize: number,
  size: number,
  fileCount: number,
  missingCount: number,
  replicatedAt: text,
  replicationMessage: text,
  warning: text,
  warnings: findings,
});
export type ApiSnapshot = z.infer<typeof snapshot>;
export const snapshotPage = z.looseObject({ snapshots: z.array(snapshot), total: z.number() });

export const archive = z.looseObject({
  archiveId: z.string(),
  state,
  statusMessage: text,
  url: text,
  size: number,
  bytesDone: z.number(),
  estimatedSeconds: z.number(),
  expiresAt: text,
});
export type ApiArchive = z.infer<typeof archive>;
export const snapshotFiles = z.looseObject({
  files: z.array(
    z.looseObject({ key: z.string(), missing: z.boolean(), size: number, lastModified: text, contentType: text }),
  ),
  next: text,
});
export type ApiFile = z.infer<typeof snapshotFiles>["files"][number];

export const archiveEstimate = z.looseObject({ size: number, estimatedSeconds: z.number() });

export const upload = z.looseObject({
  uploadId: z.string(),
  snapshotId: z.string(),
  fileName: z.string(),
  size: z.number(),
  partSize: z.number(),
  partCount: z.number(),
  state: z.enum(["open", "queued", "running", "failed", "completed"]),
  statusMessage: text,
  createdBy: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
});
export type ApiUpload = z.infer<typeof upload>;
export const uploadWithParts = z.looseObject({
  ...upload.shape,
  parts: z.array(z.looseObject({ partNumber: z.number(), size: z.number() })),
});
export const uploadList = z.looseObject({ uploads: z.array(upload) });
export const partAddresses = z.looseObject({
  parts: z.array(z.looseObject({ partNumber: z.number(), url: z.string() })),
});

const planned = z
  .looseObject({
    at: z.string(),
    refusals: z.array(finding),
    warnings: z.array(finding),
    filesToPut: z.number(),
    bytesToPut: z.number(),
    filesPresent: z.number(),
    filesToRemove: z.int().nullable(),
    noOldFiles: text.default(null),
    filesToReplace: z.number().default(0),
    bytesToReplace: z.number().default(0),
    databaseBytesNeeded: number,
    databaseBytesFree: number,
    estimatedSeconds: z.number(),
  })
  .nullable();
const wish = {
  sourceSnapshotId: z.string(),
  sourceEnvironmentId: z.string(),
  targetEnvironmentId: z.string(),
  dbOnly: z.boolean(),
  state,
  statusMessage: text,
  createdAt: z.string(),
  finishedAt: text,
  updatedAt: text,
  phase: z.string(),
  plan: planned,
  requestedBy: z.string(),
};
export const restore = z.looseObject({
  restoreId: z.string(),
  ...wish,
  files: z.looseObject({
    put: z.number(),
    replaced: z.number().default(0),
    kept: z.number(),
    removed: z.number(),
    left: z.number().default(0),
  }),
  acknowledged: z.array(z.string()),
  notes: findings,
});
export type ApiRestore = z.infer<typeof restore>;
export const restoreList = z.looseObject({ restores: z.array(restore) });
export const restorePlan = z.looseObject({ planId: z.string(), ...wish });
export type ApiRestorePlan = z.infer<typeof restorePlan>;

export const calendar = z.looseObject({
  now: z.string(),
  runs: z.array(z.looseObject({ at: z.string(), night: z.string(), tier, expiresAt: z.string() })),
  lives: z.array(z.looseObject({ snapshotId: z.string(), tier, state, createdAt: z.string(), expiresAt: z.string() })),
  notes: z.array(z.string()),
});
export type ApiCalendar = z.infer<typeof calendar>;
export type ApiRegion = z.infer<typeof regionList>["regions"][number];
export const regionList = z.looseObject({
  region: z.string(),
  regions: z.array(
    z.looseObject({
      name: z.string(),
      region: z.string(),
      replicationName: z.string(),
      replicationRegion: z.string(),
      startUtc: z.string(),
      durationMinutes: z.number(),
      deployed: z.boolean(),
    }),
  ),
});
