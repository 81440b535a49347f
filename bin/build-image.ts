/**
 * `npm run build-image -- -c stage=<stage> [--repository <repository>]`: renews the database task's image. A failure ends
 * in one sentence, after the last that docker or aws wrote.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildBundle } from "../lib/assets/bundle";
import { DATABASE_TASK_DOCKERFILE } from "../lib/assets/entries";
import { ConfigurationError } from "../lib/config/configuration-error";
import { loadStage } from "../lib/config/load-configuration";
import { buildImage } from "../lib/task-image/build-image";
import { BuildImageError } from "../lib/task-image/build-image-error";
import { ProgramFailed, programRunner } from "../lib/task-image/run-program";

const USAGE =
  "usage: npm run build-image -- -c stage=STAGE [--repository 123456789012.dkr.ecr.{region}.amazonaws.com/NAME]";
const LAST_LINES = 30;
const PROJECT = join(__dirname, "..");

const main = (): void => {
  const { values } = parseArgs({
    options: { context: { type: "string", short: "c" }, repository: { type: "string" } },
  });
  const [, name] = /^stage=([\w-]+)$/.exec(values.context ?? "stage=default") ?? [];
  if (name === undefined) throw new BuildImageError(`"${values.context}" names no stage; ${USAGE}`);
  const { repository } = values;
  if (repository !== undefined && !/^[\w./-]*(\{region\})?[\w./-]+$/.test(repository))
    throw new BuildImageError(`"${repository}" is no repository without tag and digest; ${USAGE}`);
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

try {
  main();
} catch (error) {
  const isUsage = (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS") === true;
  if (!(error instanceof BuildImageError || error instanceof ConfigurationError || isUsage)) throw error;
  if (error instanceof ProgramFailed) console.error(error.output.split("\n").slice(-LAST_LINES).join("\n"));
  console.error(isUsage ? `${(error as Error).message} ${USAGE}` : (error as Error).message);
  process.exitCode = 1;
}
