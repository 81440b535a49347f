/**
 * `npm run build-image -- -c stage=<stage> [--repository <repository>]`: renews the database task's image. A failure ends
 * in one sentence, after the last that docker or aws wrote.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildBundle } from "../lib/assets/bundle";
import { DATABASE_TASK_DOCKERFILE } from "../lib/assets/entries";
import { CONTEXT, parseCommand, stageOf, UsageError } from "../lib/config/command-arguments";
import { endWhenOutputCloses } from "../lib/config/closed-output";
import { ConfigurationError } from "../lib/config/configuration-error";
import { loadStage } from "../lib/config/load-configuration";
import { buildImage } from "../lib/task-image/build-image";
import { BuildImageError } from "../lib/task-image/build-image-error";
import { ProgramFailed, programRunner } from "../lib/task-image/run-program";

const USAGE = "npm run build-image -- -c stage=STAGE [--repository 123456789012.dkr.ecr.{region}.amazonaws.com/NAME]";
const LAST_LINES = 30;
const PROJECT = join(__dirname, "..");

const main = (): void => {
  const { values } = parseCommand(USAGE, { options: { context: CONTEXT, repository: { type: "string" } } });
  const name = stageOf(values.context, USAGE);
  const { repository } = values;
  if (repository !== undefined && !/^[\w./-]*(\{region\})?[\w./-]+$/.test(repository))
    throw new UsageError(`"${repository}" is no repository without tag and digest; usage: ${USAGE}`);
  const scratch = mkdtempSync(join(tmpdir(), "build-image-"));
  try {
    buildImage({
      stage: loadStage(name),
      repository,
      dockerfile: join(PROJECT, DATABASE_TASK_DOCKERFILE),
      configuration: join(PROJECT, "config", `${name}.json`),
      bundle: () => buildBundle(join(scratch, "bundle")).databaseTaskFolder,
      scratch,
      run: programRunner(process.env),
      now: new Date(),
      say: (line) => console.log(line),
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

endWhenOutputCloses();
try {
  main();
} catch (error) {
  if (!(error instanceof BuildImageError || error instanceof ConfigurationError || error instanceof UsageError))
    throw error;
  if (error instanceof ProgramFailed) console.error(error.output.split("\n").slice(-LAST_LINES).join("\n"));
  console.error(error.message);
  process.exitCode = 1;
}
