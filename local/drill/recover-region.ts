/**
 * The recovery, by the runbook's own commands (docs/runbook/region-lost.md): the stack is provisioned in the replication
 * region, the catalog rebuilt from the replica bucket, a target registered, and every replicated snapshot restored into
 * it, one after the other. What it then holds is compared with what was there when the snapshot was taken.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { allPages } from "../../lambda/catalog/catalog";
import { FileReader } from "../environments/file-fingerprint";
import { createSample } from "../environments/sample-environment";
import { planFiles } from "../environments/sample-files";
import type { LocalEnvironment } from "../environments/environment";
import { s3Client } from "../gateway/upstream-store";
import { startLocalApp, type LocalApp } from "../local-app";
import { refusedCalls, unusedGrants } from "../permissions/evaluate";
import { readPolicies } from "../permissions/statements";
import { compareTarget, lookAtTarget } from "../story/compare-target";
import { synthesize } from "../set-up";
import { openCatalog, part, snapshotsOf } from "../story/story-context";
import { commandLine, type CommandLine } from "./command-line";
import type { Kept } from "./play-nights";
import { describeObjectives, objectives, type Objectives, type Recovered } from "./objectives";
import { programsOf, type Regions } from "./set-up-regions";

const TARGET = "recovered";

export const recoverRegion = async (regions: Regions, kept: readonly Kept[]): Promise<void> => {
  const lostAt = regions.local.clock.now();
  const recovery = await part(regions, `Recovering in ${regions.other.code}`, () => begin(regions));
  const inRecovery = { ...regions, local: recovery };
  const backups = commandLine(regions, recovery);
  const stages: Record<string, number> = {};
  let since = lostAt;
  const ended = (stage: string): Date => {
    const now = recovery.clock.now();
    stages[stage] = Math.round((now.getTime() - since.getTime()) / 1000);
    since = now;
    return now;
  };
  ended("stack");
  await part(inRecovery, "Rebuilding the catalog from the replica bucket", () => rebuild(inRecovery, kept, backups));
  ended("catalog");
  const target = await part(inRecovery, "Registering a target", () => registerTarget(inRecovery, backups));
  ended("target");
  const recovered: Recovered[] = [];
  for (const one of kept) {
    const name = `Restoring ${one.snapshot.snapshotId} of ${one.environmentId} (${one.snapshot.night})`;
    const isRestored = await part(inRecovery, name, () => restore(inRecovery, one, target, backups));
    const { environmentId, snapshot } = one;
    if (isRestored) recovered.push({ environmentId, takenAt: snapshot.createdAt, restoredAt: recovery.clock.now() });
  }
  ended("restores");
  await part(inRecovery, "What was lost, and how long it took", async () =>
    tellObjectives(inRecovery, objectives(lostAt, recovered, stages)),
  );
  checkPermissions(inRecovery, regions.local, target);
};

/** In simulated time the recovery goes on where the region ended. */
const begin = async (regions: Regions): Promise<LocalApp> => {
  const { lost, other, local, stage, account, programs, report, progress, onLocal } = regions;
  const assembly = join(regions.folder, "cdk.out-recovery");
  await synthesize({ stage, region: lost.code }, account, assembly, "recovery");
  const logFolder = join(regions.folder, "logs", `${other.code}-recovery`);
  mkdirSync(logFolder, { recursive: true });
  const recovery = await startLocalApp({
    assembly,
    account,
    moto: other.moto,
    s3: other.moto,
    logFolder,
    programs: programsOf(programs),
    after: local,
  });
  onLocal(recovery);
  const stacks = recovery.app.stacks.map(({ name, region }) => `${name} in ${region}`);
  progress.step(`${stacks.join(", ")}: ${recovery.app.resources.length} resources`);
  report.check("recovery", "one stack is provisioned, in the replication region", recovery.app.stacks.length === 1);
  return recovery;
};

const rebuild = async (regions: Regions, kept: readonly Kept[], backups: CommandLine): Promise<void> => {
  const { local, report, singleRegion } = regions;
  const { code, output } = await backups("recovery", "rebuild");
  for (const line of output.trim().split("\n")) regions.progress.step(line);
  report.check("recovery", "one command rebuilds the catalog", code === 0, `exit code ${code}`);
  const catalog = openCatalog(local);
  const found: string[] = [];
  for await (const { environmentId } of allPages((cursor) => catalog.listEnvironments(cursor)))
    for (const { snapshotId, state } of await snapshotsOf({ catalog }, environmentId))
      if (state === "completed") found.push(snapshotId);
  const missing = kept.map(({ snapshot }) => snapshot.snapshotId).filter((id) => !found.includes(id));
  report.checkNone(
    "recovery",
    "every replicated snapshot is offered, and no other",
    [
      ...missing.map((id) => `${id} is not offered`),
      ...found.slice(0, Math.max(0, found.length - kept.length)).map((id) => `${id} is one too many`),
    ],
    `${found.length} snapshots`,
  );
  const { environmentId } = singleRegion;
  report.check(
    "recovery",
    `${environmentId}, whose replication is off, is listed as lost by choice`,
    output.split("\n").some((line) => line.includes(environmentId) && line.includes("lost by choice")),
  );
};

/** An environment of the app in the replication region, as an operator prepares one: stopped, with a few files of its own. */
const registerTarget = async (regions: Regions, backups: CommandLine): Promise<LocalEnvironment> => {
  const { other, account, tag, report, folder } = regions;
  const target = await createSample({
    environmentId: TARGET,
    appId: "shop",
    seed: "recovered",
    scale: 50,
    region: other.code,
    account,
    files: planFiles("recovered", 10, false),
    unnamed: planFiles("recovered unnamed", 2, false),
    missing: [],
    postgres: other.postgres,
    s3: other.moto,
    moto: other.moto,
    tag,
    onBucket: () => undefined,
  });
  const file = join(folder, "target.json");
  writeFileSync(file, JSON.stringify(target.registration));
  for (const command of [
    ["register", file],
    ["stopped", TARGET],
  ]) {
    const { code, output } = await backups(...command);
    report.check("recovery", `backups ${command[0]} ${TARGET}`, code === 0, output.trim());
  }
  return target;
};

const restore = async (
  regions: Regions,
  { environmentId, snapshot, held }: Kept,
  target: LocalEnvironment,
  backups: CommandLine,
): Promise<boolean> => {
  const { report, progress, other } = regions;
  const context = { report, progress, target, reader: new FileReader(s3Client(other.moto, other.code)) };
  const name = `${environmentId}, ${snapshot.night}`;
  const before = await lookAtTarget(context);
  const places = ["--from", environmentId, "--into", TARGET, "--confirm", TARGET];
  const { code, output } = await backups("restore", snapshot.snapshotId, ...places, "--acknowledge", "*");
  if (!report.check(name, "the restore is completed", code === 0, output.trim().split("\n").at(-1))) return false;
  await compareTarget(context, name, held, before);
  return true;
};

const tellObjectives = ({ report, progress }: Regions, came: Objectives): void => {
  for (const line of describeObjectives(came)) progress.step(line);
  report.facts["objectives"] = came;
};

/** Every call of the recovery, by its own roles' policies and the replica bucket's. */
const checkPermissions = ({ local, report, tag }: Regions, lost: LocalApp, target: LocalEnvironment): void => {
  const own = readPolicies(local.app);
  const policies = { roles: own.roles, buckets: [...own.buckets, ...readPolicies(lost.app).buckets] };
  const calls = local.calls.calls();
  const { secret } = target.registration.database;
  const tagsOf = (resource: string) => (resource === secret ? { [tag.Key]: tag.Value } : {});
  const roles = new Set(calls.map(({ role }) => role).filter((role) => policies.roles.has(role)));
  report.checkNone(
    "permissions",
    "the recovery stack's policies allow every AWS call of the recovery",
    refusedCalls(calls, policies, { account: local.app.account, tagsOf }),
    `${calls.length} different calls by ${roles.size} of ${policies.roles.size} roles`,
  );
  report.facts["unusedGrants"] = unusedGrants(calls, policies);
  report.checkNone("local run", "every AWS operation was known", [...new Set(local.gateway.unknown)]);
};
