/**
 * The events that others may hook on: EventBridge, the account's default bus of the region, a type an object of the
 * service. Every detail has the fields of `common`; a field that is added later is no new version, a field that goes or
 * changes its meaning is. Details hold ids, states and times: no names or keys of files, no secrets. Each is sent at
 * least once, after the fact stands in the catalog; the order of arrival is not promised, `at` says what came first.
 */
import { z } from "zod";

export const EVENT_VERSION = 1;

const time = z.iso.datetime({ precision: 0 }).describe("UTC, to the second");

const common = {
  version: z.literal(EVENT_VERSION),
  region: z.string().describe("Region of the primary bucket"),
  at: time.describe("When the state was reached"),
  correlationId: z.string().describe("Finds every log line of the work that led to this"),
};

export const snapshotStates = [
  "queued",
  "running",
  "completed",
  "failed",
  "replicated",
  "expiring",
  "kept",
  "expired",
  "deleted",
] as const;

export const EVENTS = {
  "Snapshot State Change": z.object({
    ...common,
    environmentId: z.string(),
    snapshotId: z.string(),
    state: z
      .enum(snapshotStates)
      .describe("`expiring`: an environment's last good snapshot ends soon. `kept`: its end was put off"),
    tier: z.string().optional(),
    expiresAt: time.nullish(),
    reason: z.string().optional().describe("Why it failed, or who put its end off"),
  }),
  "Restore State Change": z.object({
    ...common,
    environmentId: z.string().describe("The target"),
    restoreId: z.string(),
    snapshotId: z.string(),
    state: z
      .enum(["queued", "running", "waiting", "completed", "failed"])
      .describe("`waiting`: nothing was touched, and its plan has warnings that nobody has acknowledged"),
    reason: z.string().optional().describe("Why it failed, or what it waits for"),
  }),
  "Archive State Change": z.object({
    ...common,
    environmentId: z.string(),
    archiveId: z.string(),
    snapshotId: z.string(),
    state: z.enum(["queued", "running", "completed", "failed"]),
    reason: z.string().optional(),
  }),
  "Upload State Change": z.object({
    ...common,
    environmentId: z.string(),
    uploadId: z.string(),
    snapshotId: z.string().optional(),
    state: z.enum(["open", "queued", "running", "completed", "failed", "aborted"]),
    reason: z.string().optional(),
  }),
  "Environment State Change": z.object({
    ...common,
    environmentId: z.string(),
    state: z.enum(["registered", "started", "stopped"]),
  }),
  "Restore Drill State Change": z.object({
    ...common,
    environmentId: z.string(),
    drillId: z.string(),
    snapshotId: z.string().optional(),
    state: z.enum(["running", "completed", "failed"]),
    reason: z.string().optional(),
  }),
} as const;
export type EventType = keyof typeof EVENTS;
type Given = "version" | "region" | "at" | "correlationId";
/** What the caller says; version, region, time and correlation id are added where it does not. */
export type EventDetail<T extends EventType> = Omit<z.input<(typeof EVENTS)[T]>, Given> & {
  readonly at?: string;
};
export type ServiceEvent = { [T in EventType]: { readonly type: T; readonly detail: EventDetail<T> } }[EventType];

/** `source` of every event of one installation. */
export const eventSource = (prefix: string): string => `nightly-backups.${prefix}`;
