/** Environments, calendars and regions as the API shows them. Pure. */
import type { Calendar } from "../../calendar/describe-calendar";
import type { EnvironmentItem } from "../../catalog/items";
import type { EnvironmentDescription, SnapshotMention } from "../../environments/describe-environment";
import { type LookedUp, modeOf } from "../../rules/look-ups";
import type { RegionRow } from "../contract";
import type { EnvironmentView } from "../schemas/environments";
import { drillView } from "./drill";
import { textOrNull, timeOf, timeOrNull } from "./values";

export const environmentSummary = (environment: EnvironmentItem) => ({
  environment_id: environment.environmentId,
  project_id: environment.registration.appId,
  region: environment.registration.region,
  running: environment.running,
  model_version: environment.modelVersion,
  ...lookUpView(environment.registration),
  replication: environment.replication === "replicated" ? ("on" as const) : ("off" as const),
  registered_at: timeOf(environment.registeredAt),
  first_started_at: timeOrNull(environment.firstStartedAt),
});

const lookUpView = (registered: LookedUp & { readonly runtimeVersion?: string | undefined }) => ({
  runtime_version: registered.runtimeVersion ?? "",
  mode: modeOf(registered),
  url: registered.url ?? null,
});

export const environmentView = (description: EnvironmentDescription): EnvironmentView => {
  const { database, files, probe } = description;
  return {
    environment_id: description.environmentId,
    project_id: description.appId,
    region: description.region,
    running: description.running,
    model_version: description.modelVersion,
    ...lookUpView(description),
    replication: description.replication,
    registered_at: timeOf(description.registeredAt),
    first_started_at: timeOrNull(description.firstStartedAt),
    plan: description.plan,
    licensed: description.licensed,
    busy_with: description.busyWith,
    database: {
      instance: database.instance,
      backup: database.backup,
      name: database.name,
      size: database.size,
      status: statusView(database.status),
      status_message: textOrNull(database.statusMessage),
      findings: [...database.findings],
    },
    files: { source: files.source, size: files.bytes, count: files.count, missing: files.missing },
    last_snapshot: mentionView(description.lastSnapshot),
    last_replicated: mentionView(description.lastReplicated),
    last_drill: description.lastDrill === null ? null : drillView(description.lastDrill),
    drill_message: description.drillMessage,
    warning: description.warning,
    probe: probe === null ? null : { at: timeOf(probe.at), findings: [...probe.findings] },
  };
};

const statusView = (status: EnvironmentDescription["database"]["status"]): EnvironmentView["database"]["status"] =>
  status === null
    ? null
    : {
        status: status.status,
        engine_version: status.engineVersion,
        allocated_bytes: status.allocatedBytes,
        maximum_bytes: status.maximumBytes ?? null,
        instance_class: status.instanceClass,
        multi_az: status.multiAz,
        maintenance_window: status.maintenanceWindow,
        backup_window: status.backupWindow,
      };

const mentionView = (mention: SnapshotMention | null): EnvironmentView["last_snapshot"] =>
  mention === null
    ? null
    : {
        snapshot_id: mention.snapshotId,
        tier: mention.tier,
        created_at: timeOf(mention.createdAt),
        finished_at: timeOrNull(mention.finishedAt),
        replicated_at: timeOrNull(mention.replicatedAt),
        expires_at: timeOf(mention.expiresAt),
      };

export const calendarView = ({ runs, lives, notes }: Calendar, now: Date) => ({
  now: now.toISOString(),
  runs: runs.map(({ at, night, tier, expiresAt }) => ({
    at: at.toISOString(),
    night,
    tier,
    expires_at: expiresAt.toISOString(),
  })),
  lives: lives.map(({ snapshotId, tier, state, createdAt, expiresAt }) => ({
    snapshot_id: snapshotId,
    tier,
    state,
    created_at: timeOf(createdAt),
    expires_at: timeOf(expiresAt),
  })),
  notes: [...notes],
});

export const regionView = (row: RegionRow) => ({
  name: row.name,
  region: row.region,
  replication_name: row.replicationName,
  replication_region: row.replicationRegion,
  start_utc: row.startUtc,
  duration_minutes: row.durationMinutes,
  deployed: row.deployed,
});
