/**
 * Sets everything up, tells the story, and takes everything down again. Whatever happens, no server is left behind;
 * the folder `.local/run-…` with the logs stays when something went wrong.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FileReader } from "./environments/file-fingerprint";
import { s3Client } from "./gateway/upstream-store";
import { startLocalApp, type LocalApp } from "./local-app";
import { readOptions, type Options } from "./options";
import { removeBucket } from "./provision/buckets";
import { endProcesses, runProgram } from "./servers/child-processes";
import { startMoto } from "./servers/moto";
import { startPostgres, type PostgresServer } from "./servers/postgres";
import { findPrograms, SetupFailure } from "./setup/programs";
import { CANNOT_SHOW } from "./story/cannot-show";
import { close } from "./story/closing";
import { Progress } from "./story/progress";
import { Report } from "./story/report";
import { createSamples } from "./story/sample-story";
import { stayUp } from "./story/stay-up";
import { named, openCatalog, type StoryContext } from "./story/story-context";
import { tellStory } from "./story/story";
import { chooseAccount, chooseStore, type ChosenStore } from "./upstreams";
import { prepareOwnEnvironment } from "./environments/own-environment";

const PROJECT = join(__dirname, "..");

/** What has to be undone at the end, last first. */
type Undo = (() => Promise<void> | void)[];

export const main = async (args: readonly string[]): Promise<void> => {
  const options = readOptions(args);
  const undo: Undo = [];
  let local: LocalApp | undefined;
  const progress = new Progress(() => local?.clock.now());
  const report = new Report((check) => progress.check(check));
  const folder = join(PROJECT, ".local");
  mkdirSync(folder, { recursive: true });
  const workFolder = mkdtempSync(join(folder, "run-"));
  const takeDown = once(async () => {
    for (const step of undo.toReversed()) await Promise.resolve(step()).catch((error: Error) => progress.step(`while cleaning up: ${error.message}`));
    await endProcesses();
  });
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
    process.on(signal, () => {
      progress.line("\nEnding …");
      void takeDown().finally(() => process.exit(code));
    });
  }
  try {
    await run(options, { folder, workFolder, undo, progress, report, onLocal: (started) => (local = started) });
  } catch (error) {
    const { name, message, stack } = error as Error;
    report.check("run", "the story was told to its end", false, name === "SetupFailure" ? message : (stack ?? message));
  }
  report.facts["region"] = options.region;
  close(report, progress);
  if (options.report !== undefined) report.write(options.report, CANNOT_SHOW);
  if (!report.passed) progress.line(`Logs of functions, task and servers: ${workFolder}`);
  else if (!options.exit && local !== undefined) await stayUp(local, options, progress);
  await takeDown();
  if (report.passed) rmSync(workFolder, { recursive: true, force: true });
  process.exit(report.passed ? 0 : 1);
};

interface Surroundings {
  readonly folder: string;
  readonly workFolder: string;
  readonly undo: Undo;
  readonly progress: Progress;
  readonly report: Report;
  readonly onLocal: (local: LocalApp) => void;
}

const run = async (options: Options, { folder, workFolder, undo, progress, report, onLocal }: Surroundings): Promise<void> => {
  progress.title("Setting up");
  const logFolder = join(workFolder, "logs");
  mkdirSync(logFolder);
  const account = chooseAccount(process.env);
  const assembly = join(workFolder, "cdk.out");
  const programs = await findPrograms(folder, (text) => progress.step(text));
  const [moto, postgres] = await Promise.all([
    startMoto({ program: programs.moto, logFolder, account }),
    startPostgres({ programs: programs.postgresql, folder: workFolder, password: "local" }),
    synthesize(options, account, assembly),
  ]);
  undo.push(() => postgres.stop());
  progress.step(`synthesized; moto at ${moto.url.origin}, PostgreSQL ${programs.postgresqlMajor} at port ${postgres.port}`);
  const store = await chooseStore(process.env, moto, options.region, account);
  const local = await startLocalApp({
    assembly, account, moto, s3: store.s3, logFolder,
    programs: {
      POSTGRESQL_PROGRAMS: programs.postgresql,
      POSTGRESQL_MAJORS: String(programs.postgresqlMajor),
    },
  });
  onLocal(local);
  undo.push(() => local.stop());
  if (store.lasting) for (const bucket of local.buckets) undo.push(() => removeBucket(store.s3, bucket, options.region));
  progress.step(`${local.app.resources.length} resources of ${local.app.stacks.length} stacks are up; the gateway is ${local.endpoint.origin}`);

  const { source, target, between } = await environments(options, { account, store, moto, postgres, postgresMajor: programs.postgresqlMajor, undo, progress });
  const context: StoryContext = {
    local, report, progress, source, target,
    catalog: openCatalog(local),
    reader: new FileReader(s3Client(store.s3, options.region)),
    primaryBucket: named(local.app.all("AWS::S3::Bucket"), "primary").name,
    replicaBucket: named(local.app.all("AWS::S3::Bucket"), "replica").name,
    s3: store.s3,
  };
  await tellStory(context, between === undefined ? {} : { between });
  report.facts["functions"] = Object.fromEntries(local.functions.timings);
  report.facts["calls"] = local.calls.calls();
};

interface EnvironmentSurroundings {
  readonly account: string;
  readonly store: ChosenStore;
  readonly moto: Awaited<ReturnType<typeof startMoto>>;
  readonly postgres: PostgresServer;
  readonly postgresMajor: number;
  readonly undo: Undo;
  readonly progress: Progress;
}

const environments = async (
  options: Options,
  { account, store, moto, postgres, postgresMajor, undo, progress }: EnvironmentSurroundings,
): Promise<Pick<StoryContext, "source" | "target"> & { between?: (number: number) => Promise<string> }> => {
  const shared = { region: options.region, account, postgres, s3: store.s3, moto, tag: { Key: "nightly-backups", Value: "allowed" } };
  if (options.environment.length > 0) {
    if (!store.lasting) throw new SetupFailure("--environment needs the S3 server that holds the environment's files: set AWS_ENDPOINT_URL_S3 and its credentials.");
    progress.step("the environment is yours: it is read and never changed, so nothing changes between the nights");
    return prepareOwnEnvironment(options.environment, { ...shared, postgresMajor, undo });
  }
  const samples = await createSamples({ ...shared, seed: options.seed, files: options.files });
  if (store.lasting) for (const { bucket } of [samples.source, samples.target]) undo.push(() => removeBucket(store.s3, bucket, options.region));
  progress.step("two environments of one app are made");
  return { source: samples.source, target: samples.target, between: samples.change };
};

const synthesize = async ({ stage, region }: Options, account: string, assembly: string): Promise<void> => {
  const script = join(__dirname, "synthesize.ts");
  const { code, output } = await runProgram(process.execPath, ["--import", "tsx", script, stage, region, account, assembly], { cwd: PROJECT });
  if (code !== 0) throw new SetupFailure(`The app could not be synthesized: ${output.trim()}`);
};

const once = (work: () => Promise<void>): (() => Promise<void>) => {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
};
