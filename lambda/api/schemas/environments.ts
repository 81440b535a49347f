/** Apps, environments, their calendar, and the regions, as the API describes them. */
import { z } from "@hono/zod-openapi";
import { registrationFile } from "../../catalog/registration";
import { message, state, time, wholeNumber } from "./common";
import { lastDrill } from "./drills";

const role = z.enum(["read", "backup", "restore", "administer"]);
const tier = z.enum(["nightly", "weekly", "monthly", "on-demand", "uploaded"]);
const size = z.int().nullable();

export const me = z
  .strictObject({
    name: z.string(),
    grants: z.array(z.strictObject({ app: z.string().openapi({ description: "An app's id, or * for all." }), role })),
  })
  .openapi("Me");

export const appList = z
  .strictObject({
    apps: z.array(
      z
        .strictObject({ project_id: z.string(), name: z.string(), environments: z.int(), roles: z.array(role) })
        .openapi("App"),
    ),
  })
  .openapi("AppList");

const facts = {
  environment_id: z.string(),
  project_id: z.string(),
  region: z.string(),
  running: z.boolean(),
  model_version: z.string(),
  runtime_version: z.string().openapi({ description: "Of the platform's runtime, as registered; may be empty." }),
  mode: z.string().openapi({ description: "As registered, else by its id; the app has no other with it." }),
  url: z.string().nullable().openapi({ description: "Where the app is used; null where nobody registered it." }),
  replication: z.enum(["on", "off"]),
  registered_at: time,
  first_started_at: time.nullable().openapi({ description: "Nightly backups begin then." }),
};
export const environmentList = z
  .strictObject({ environments: z.array(z.strictObject(facts).openapi("EnvironmentSummary")) })
  .openapi("EnvironmentList");

const mention = z
  .strictObject({
    snapshot_id: z.string(),
    tier,
    created_at: time,
    finished_at: time.nullable(),
    replicated_at: time.nullable(),
    expires_at: time,
  })
  .openapi("SnapshotMention");
const databaseStatus = z
  .strictObject({
    status: z.string(),
    engine_version: z.string(),
    allocated_bytes: z.int(),
    maximum_bytes: size,
    instance_class: z.string(),
    multi_az: z.boolean(),
    maintenance_window: z.string(),
    backup_window: z.string(),
  })
  .openapi("DatabaseStatus");

export const environment = z
  .strictObject({
    ...facts,
    plan: z.enum(["basic", "standard", "premium"]),
    licensed: z.boolean(),
    busy_with: z
      .enum(["backup", "upload", "restore", "expiry", "deletion", "keep"])
      .nullable()
      .openapi({ description: "The operation that has the environment now; others are queued." }),
    database: z.strictObject({
      instance: z.string().nullable(),
      backup: z.enum(["dump", "recovery-point"]).openapi({
        description: "How it is kept: as a dump, or by AWS Backup, for databases too large to dump.",
      }),
      name: z.string(),
      size: size.openapi({ description: "Bytes, at the time of the last snapshot." }),
      status: databaseStatus.nullable().openapi({ description: "As RDS has it; null where it doesn't say." }),
      status_message: z.string().nullable(),
      findings: z
        .array(z.string())
        .openapi({ description: "What of the instance endangers backups, one sentence each; empty when all is well." }),
    }),
    files: z.strictObject({
      source: z.enum(["reference-query", "listing"]),
      size: size.openapi({ description: "Bytes, of the last snapshot." }),
      count: size,
      missing: size,
    }),
    last_snapshot: mention.nullable().openapi({
      description: "The newest completed one of its own; an uploaded one may be another's data, and doesn't count.",
    }),
    last_replicated: mention.nullable().openapi({
      description: "The newest of its own that is proven whole in the replication region.",
    }),
    last_drill: lastDrill,
    drill_message: message.openapi({ description: "Why no restore drills are held; null where they are." }),
    warning: z.string().nullable().openapi({
      description: "The last snapshot expires within a week, with no newer one: what is lost, what to do.",
    }),
    probe: z
      .strictObject({ at: time, findings: z.array(z.string()) })
      .nullable()
      .openapi({ description: "What the last probe found, one sentence each; empty when all is well." }),
  })
  .openapi("Environment");
export type EnvironmentView = z.infer<typeof environment>;

export const registrationBody = registrationFile;
export const startedBody = z.object({ model_version: z.string().max(64).nullish() }).openapi("Started");

export const calendarQuery = z.object({ days: wholeNumber({ minimum: 1, maximum: 400, fallback: 60 }) });
export const calendar = z
  .strictObject({
    now: time,
    runs: z.array(
      z
        .strictObject({ at: time, night: z.iso.date(), tier, expires_at: time })
        .openapi("ComingBackup", { description: "`night` is the UTC date on which the window is scheduled to start." }),
    ),
    lives: z.array(
      z
        .strictObject({ snapshot_id: z.string(), tier, state, created_at: time, expires_at: time })
        .openapi("SnapshotLife"),
    ),
    notes: z.array(z.string()),
  })
  .openapi("Calendar");

export const regionList = z
  .strictObject({
    region: z.string().openapi({ description: "The one that answers." }),
    stage: z.string().openapi({ description: "The deployment's stage, such as `production`." }),
    now: time.openapi({ description: "The service's clock, by which everything expires." }),
    regions: z.array(
      z
        .strictObject({
          name: z.string(),
          region: z.string(),
          replication_name: z.string(),
          replication_region: z.string(),
          start_utc: z.string(),
          duration_minutes: z.int(),
          deployed: z.boolean(),
        })
        .openapi("Region"),
    ),
  })
  .openapi("RegionList");
