/** What runs on AWS, and where its code begins. One esbuild call builds all of it. */
import type { FunctionName } from "../names";

export const FUNCTION_ENTRIES: Readonly<Record<FunctionName, string>> = {
  "nightly-window": "lambda/nightly-window/nightly-window.handler.ts",
  "backup-begin": "lambda/backup/begin.handler.ts",
  "backup-plan": "lambda/backup/plan-files.handler.ts",
  "backup-pack": "lambda/backup/pack-files.handler.ts",
  "backup-seal": "lambda/backup/seal.handler.ts",
  "backup-fail": "lambda/backup/fail.handler.ts",
  "recovery-point": "lambda/recovery-point/recovery-point.handler.ts",
  "replication-check": "lambda/replication-check/replication-check.handler.ts",
  retention: "lambda/retention/retention.handler.ts",
  deletion: "lambda/deletion/deletion.handler.ts",
  keep: "lambda/keep/keep.handler.ts",
  restore: "lambda/restore/restore.handler.ts",
  drill: "lambda/drill/drill.handler.ts",
  "instance-swap": "lambda/instance-swap/instance-swap.handler.ts",
  registration: "lambda/registration/registration.handler.ts",
  requests: "lambda/requests/requests.handler.ts",
  archive: "lambda/archive/archive.handler.ts",
  access: "lambda/access/access.handler.ts",
  api: "lambda/api/api.handler.ts",
  console: "lambda/console/console.handler.ts",
  gauges: "lambda/gauges/gauges.handler.ts",
};
/** Programs of the database task's image, by their name there. */
export const DATABASE_TASK_ENTRIES = {
  main: "lambda/database-task/main.ts",
  "check-image": "lambda/database-task/check-image.ts",
} as const;
export const DATABASE_TASK_DOCKERFILE = "lambda/database-task/Dockerfile";
/** What its build reads besides: copied as they are, into one folder. */
export const DATABASE_TASK_FILES = [DATABASE_TASK_DOCKERFILE, "lambda/database-task/install-clients.sh"] as const;
