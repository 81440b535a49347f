/**
 * Two regions, each with servers of its own: an AWS API server and a PostgreSQL server. The service runs in the first
 * one and replicates into the second.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { NightlyRow } from "../../lib/regions/nightly-table";
import type { LocalEnvironment } from "../environments/environment";
import { FileReader } from "../environments/file-fingerprint";
import { createSample } from "../environments/sample-environment";
import { planFiles } from "../environments/sample-files";
import { s3Client } from "../gateway/upstream-store";
import { startLocalApp, type LocalApp } from "../local-app";
import { startMoto, type MotoServer } from "../servers/moto";
import { startPostgres, type PostgresServer } from "../servers/postgres";
import { resourceTag, synthesize, type Surroundings } from "../set-up";
import { findPrograms, type Programs } from "../setup/programs";
import type { Progress } from "../story/progress";
import type { Report } from "../story/report";
import { createSamples, type Samples } from "../story/sample-story";
import type { ResourceTag } from "../story/story-context";
import type { DrillOptions } from "./options";

export interface Region {
  readonly code: string;
  readonly moto: MotoServer;
  readonly postgres: PostgresServer;
}
export interface Regions {
  readonly stage: string;
  readonly account: string;
  readonly lost: Region;
  readonly other: Region;
  /** The service in the region that will be lost. */
  readonly local: LocalApp;
  readonly samples: Samples;
  /** Registered with replication off. */
  readonly singleRegion: LocalEnvironment;
  readonly reader: FileReader;
  readonly tag: ResourceTag;
  readonly programs: Programs;
  readonly folder: string;
  readonly report: Report;
  readonly progress: Progress;
  readonly onLocal: (local: LocalApp) => void;
}

const ACCOUNT = "123456789012";

export const setUpRegions = async (
  options: DrillOptions,
  row: NightlyRow,
  surroundings: Surroundings,
): Promise<Regions> => {
  const { folder, home, progress, report, undo, onLocal } = surroundings;
  progress.title("Setting up");
  const programs = await findPrograms({ privateFolder: home, say: (text) => progress.step(text) });
  const assembly = join(folder, "cdk.out");
  const start = async (code: string): Promise<Region> => {
    const logFolder = join(folder, "logs", code);
    mkdirSync(logFolder, { recursive: true });
    const [moto, postgres] = await Promise.all([
      startMoto({ program: programs.moto, logFolder, account: ACCOUNT }),
      startPostgres({ programs: programs.postgresql, folder: join(folder, code), password: "local" }),
    ]);
    undo.push(() => postgres.stop());
    return { code, moto, postgres };
  };
  const synthesized = synthesize(options, ACCOUNT, assembly);
  const lost = await start(row.region);
  const other = await start(row.replication.region);
  await synthesized;
  for (const { code, moto } of [lost, other])
    progress.step(`${code}: an AWS API server at ${moto.url.origin}, and PostgreSQL`);
  const local = await startLocalApp({
    assembly,
    account: ACCOUNT,
    moto: lost.moto,
    s3: lost.moto,
    elsewhere: { region: other.code, upstream: other.moto },
    logFolder: join(folder, "logs", lost.code),
    programs: programsOf(programs),
  });
  onLocal(local);
  const tag = resourceTag(local);
  const shared = {
    region: lost.code,
    account: ACCOUNT,
    postgres: lost.postgres,
    s3: lost.moto,
    moto: lost.moto,
    tag,
    onBucket: () => undefined,
  };
  const samples = await createSamples({ ...shared, seed: options.seed, files: options.files });
  const vault = await createSample({
    ...shared,
    environmentId: "vault",
    appId: "shop",
    seed: `${options.seed} vault`,
    scale: 100,
    files: planFiles(`${options.seed} vault`, 5, false),
    unnamed: [],
    missing: [],
  });
  const singleRegion: LocalEnvironment = {
    ...vault,
    registration: { ...vault.registration, plan: "premium", replication: "off" },
  };
  progress.step("three environments of one app are made; one of them keeps its backups in its own region");
  report.facts["region"] = options.region;
  return {
    stage: options.stage,
    account: ACCOUNT,
    lost,
    other,
    local,
    samples,
    singleRegion,
    reader: new FileReader(s3Client(lost.moto, lost.code)),
    tag,
    programs,
    folder,
    report,
    progress,
    onLocal,
  };
};

export const programsOf = ({ postgresql, postgresqlMajor }: Programs): Readonly<Record<string, string>> => ({
  POSTGRESQL_PROGRAMS: postgresql,
  POSTGRESQL_MAJORS: String(postgresqlMajor),
});
