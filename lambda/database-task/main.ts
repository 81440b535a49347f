/**
 * The database task's program: `main.js <verb> <id>…`, as the contract says. It only gathers what the verbs are given.
 * Told to stop (SIGTERM) it ends its PostgreSQL programs, leaves a sentence, and is gone before ECS kills it.
 */
import { prettifyError, ZodError } from "zod";
import { correlationOfCommand } from "../observability/correlation";
import { createCollaborators } from "../runtime/create-collaborators";
import { taskSettings } from "./contract";
import { findTaskArn } from "./task-arn";
import { PATIENCE } from "./task-context";
import { tellImage } from "./tell-image";
import { runVerb } from "./verbs";

/** ECS waits 30 seconds by default between SIGTERM and SIGKILL. */
const STOP_MS = 20_000;

const main = async (): Promise<number> => {
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const)
    process.once(name, () => {
      stop.abort();
      setTimeout(() => process.exit(1), STOP_MS).unref();
    });
  const settings = taskSettings.parse(process.env);
  const collaborators = createCollaborators("database-task");
  const certificates = process.env["PGSSLROOTCERT"];
  const command = process.argv.slice(2);
  collaborators.correlate(correlationOfCommand(command));
  await tellImage(collaborators, process.env["IMAGE_REFRESHED"]);
  const code = await runVerb(
    {
      ...collaborators,
      programs: { directory: settings.POSTGRESQL_PROGRAMS, majors: settings.POSTGRESQL_MAJORS.split(",").map(Number) },
      taskArn: await findTaskArn(process.env["ECS_CONTAINER_METADATA_URI_V4"], collaborators.random),
      ...(certificates === undefined ? {} : { certificates }),
      patience: PATIENCE,
      signal: stop.signal,
    },
    command,
  );
  collaborators.metrics.flush();
  return code;
};

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    // Before there is a logger: a setting is missing, or ECS doesn't answer.
    const message =
      error instanceof ZodError ? prettifyError(error) : error instanceof Error ? error.message : String(error);
    console.error(JSON.stringify({ level: "ERROR", message }));
    process.exit(1);
  },
);
