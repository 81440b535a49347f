/**
 * Everything the story needs: programs, servers, the synthesized app, and two environments. What lasts beyond this
 * run (buckets on another S3 server, a scratch database) is noted in `undo` before it is made.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { FileReader } from "./environments/file-fingerprint";
import { prepareOwnEnvironment } from "./environments/own-environment";
import { checkOwnServers } from "./environments/own-file";
import type { NamedFile } from "./environments/own-places";
import { s3Client } from "./gateway/upstream-store";
import { startLocalApp, type LocalApp } from "./local-app";
import type { Options } from "./options";
import type { Checked } from "./preflight";
import { removeBucket, type BucketRequest } from "./provision/buckets";
import { runProgram } from "./servers/child-processes";
import { startMoto } from "./servers/moto";
import { startPostgres } from "./servers/postgres";
import { findPrograms, SetupFailure } from "./setup/programs";
import type { Progress } from "./story/progress";
import type { Report } from "./story/report";
import { createSamples } from "./story/sample-story";
import { ApiClient } from "./story/api-client";
import { makeKey } from "./story/keys";
import { Secrets } from "./story/secrets";
import { named, openCatalog, type ResourceTag, type StoryContext } from "./story/story-context";
import type { Changes } from "./story/story";
import { chooseAccount } from "./upstreams";

export interface Surroundings {
  /** `.local`: what later runs may use again. */
  readonly home: string;
  /** This run's own folder. */
  readonly folder: string;
  readonly undo: (() => Promise<void>)[];
  readonly progress: Progress;
  readonly report: Report;
  readonly onLocal: (local: LocalApp) => void;
  /** What the clock shows at first. @default the present */
  readonly start?: Date;
}
export interface Ready extends Changes {
  readonly context: StoryContext;
}

export const setUp = async (
  options: Options,
  { own, servers, store }: Pick<Checked, "own" | "servers" | "store">,
  { home, folder, undo, progress, report, onLocal, start }: Surroundings,
): Promise<Ready> => {
  progress.title("Setting up");
  const logFolder = join(folder, "logs");
  mkdirSync(logFolder);
  const account = chooseAccount(process.env);
  const assembly = join(folder, "cdk.out");
  const programs = await findPrograms({ privateFolder: home, say: (text) => progress.step(text) });
  checkOwnServers(servers, programs.postgresqlMajor);
  const [moto, postgres] = await Promise.all([
    startMoto({ program: programs.moto, logFolder, account }),
    startPostgres({ programs: programs.postgresql, folder, password: "local" }),
    synthesize(options, account, assembly),
  ]);
  undo.push(() => postgres.stop());
  progress.step(
    `synthesized; moto at ${moto.url.origin}, PostgreSQL ${programs.postgresqlMajor} at port ${postgres.port}`,
  );
  const s3 = store ?? moto;
  const lasting = store !== undefined;
  const onBucket = (bucket: BucketRequest): void => {
    if (lasting) undo.push(() => removeBucket(s3, bucket));
  };
  const local = await startLocalApp({
    assembly,
    account,
    moto,
    s3,
    logFolder,
    onBucket,
    ...(start === undefined ? {} : { start }),
    ...(options.port === undefined ? {} : { port: options.port }),
    programs: { POSTGRESQL_PROGRAMS: programs.postgresql, POSTGRESQL_MAJORS: String(programs.postgresqlMajor) },
  });
  onLocal(local);
  progress.step(
    `${local.app.resources.length} resources of ${local.app.stacks.length} stacks are up; the gateway is ${local.endpoint.origin}`,
  );

  const shared = {
    region: options.region,
    account,
    postgres,
    programs: programs.postgresql,
    folder,
    s3,
    moto,
    tag: resourceTag(local),
    undo,
    onBucket,
  };
  const { source, target, between } = await environments(options, own, shared, progress);
  const buckets = local.app.all("AWS::S3::Bucket");
  const secrets = new Secrets();
  for (const { database } of [source, target]) secrets.add(database.password);
  const key = await makeKey(local, secrets, "npm-start", [{ app: "*", role: "administer" }]);
  report.facts["region"] = options.region;
  report.facts["store"] = lasting ? s3.url.origin : "moto";
  return {
    context: {
      local,
      report,
      progress,
      source,
      target,
      catalog: openCatalog(local),
      reader: new FileReader(s3Client(s3, options.region)),
      api: new ApiClient(local.api.address, key, secrets),
      secrets,
      folder,
      logFolder,
      programs: programs.postgresql,
      primaryBucket: named(buckets, "primary").name,
      replicaBucket: named(buckets, "replica").name,
      transferBucket: named(buckets, "transfer").name,
      tag: shared.tag,
    },
    ...(between === undefined ? {} : { between }),
  };
};

/** Of the sample's tables: enough for every check, or for nights that take seconds. */
const SCALE = { checks: 4000, page: 400 };

type EnvironmentSurroundings = Parameters<typeof prepareOwnEnvironment>[2] &
  Omit<Parameters<typeof createSamples>[0], "seed" | "files" | "scale">;

const environments = async (
  options: Options,
  own: readonly NamedFile[],
  shared: EnvironmentSurroundings,
  progress: Progress,
): Promise<Pick<StoryContext, "source" | "target"> & Changes> => {
  const [first, second] = own;
  if (first !== undefined) {
    const prepared = await prepareOwnEnvironment(first.own, second?.own, shared);
    progress.step("the environment is yours: it is read and never changed, so nothing changes between the nights");
    return prepared;
  }
  const samples = await createSamples({
    ...shared,
    seed: options.seed,
    files: options.files,
    scale: options.exit ? SCALE.checks : SCALE.page,
  });
  progress.step("two environments of one app are made");
  return { source: samples.source, target: samples.target, between: (number) => samples.change(number) };
};

/** The stacks say by which tag the service knows what it may use. */
export const resourceTag = ({ app }: LocalApp): ResourceTag => {
  const [key = "", value = ""] = (app.outputs().find(({ name }) => name === "ResourceTag")?.value ?? "").split("=");
  return { Key: key, Value: value };
};

/** In a process of its own, so that the servers start meanwhile. */
export const synthesize = async (
  { stage, region }: Pick<Options, "stage" | "region">,
  account: string,
  assembly: string,
  what: "pair" | "recovery" = "pair",
): Promise<void> => {
  const script = join(__dirname, "synthesize.ts");
  const { code, output } = await runProgram(
    process.execPath,
    ["--import", "tsx", script, stage, region, account, assembly, what],
    { cwd: join(__dirname, "..") },
  );
  if (code !== 0) throw new SetupFailure(`The app could not be synthesized: ${output.trim()}`);
};
