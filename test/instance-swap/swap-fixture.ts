/**
 * A restore of a recovery point up to where its files are put, on the doubles of RDS and AWS Backup, and the workflow's
 * own loops around the steps: again after a wait while there is more.
 */
import type { RestoreItem } from "../../lambda/catalog/items";
import type { InstanceInput, InstanceOutput } from "../../lambda/instance-swap/contract";
import { besideInstance, replacedInstance } from "../../lambda/instance-swap/instance-names";
import { instanceStep } from "../../lambda/instance-swap/instance-swap.handler";
import type { RecoveryPointEntry } from "../../lambda/snapshot/manifest";
import { environment, SNAPSHOT, SOURCE, TARGET } from "../restore/snapshot-fixture";
import { EXECUTION, item, preflight, RESTORE, request, call as restoreCall } from "../restore/restore-fixture";
import { sealSnapshot } from "../restore/snapshot-fixture";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { functionRoleName, iamOfDefaultStage } from "../support/iam";
import { doubleInstance, type DoubleInstance } from "../support/rds/rds-double";

// Synthesizing takes longer than a test may.
iamOfDefaultStage();

export const INSTANCE = "shop-acceptance-db";
export const BESIDE = besideInstance(INSTANCE, RESTORE);
export const REPLACED = replacedInstance(INSTANCE, RESTORE);
export const OLD_ID = "db-OLD";
export const POINT_ARN = "arn:aws:rds:eu-central-1:111111111111:snapshot:awsbackup:job-1";

export const recoveryPoint = (change: Partial<RecoveryPointEntry> = {}): RecoveryPointEntry => ({
  kind: "recovery-point",
  instance: "shop-production-db",
  vault: "backups-eu-central-1-primary",
  recoveryPointArn: POINT_ARN,
  copyVault: "backups-eu-central-1-replica",
  copyRecoveryPointArn: "arn:aws:rds:eu-west-1:111111111111:snapshot:awsbackup:copyjob-1",
  createdAt: "2026-12-05T00:10:00Z",
  completedAt: "2026-12-05T00:18:00Z",
  deleteAt: "2026-12-20T00:10:00Z",
  backupSize: 100 * 1024 ** 3,
  databaseSize: 90 * 1024 ** 3,
  serverVersion: "15.14",
  encoding: "UTF8",
  collate: "C",
  ctype: "C",
  extensions: [{ name: "plpgsql", version: "1.0" }],
  policyRoles: [],
  listedBefore: 0,
  listedAfter: 0,
  ...change,
});

export interface World {
  readonly c: FakeCollaborators;
  readonly old: DoubleInstance;
}

/** Both environments with their instances, the snapshot, its recovery point, and a restore that may begin with them. */
export const world = async (
  options: { readonly old?: Partial<DoubleInstance>; readonly point?: Partial<RecoveryPointEntry> } = {},
): Promise<World> => {
  const c = fakeCollaborators({ now: new Date("2026-12-06T08:00:00Z") });
  await sealSnapshot(c, { files: new Map(), manifest: { database: recoveryPoint(options.point) } });
  for (const [id, instance] of [
    [SOURCE, "shop-production-db"],
    [TARGET, INSTANCE],
  ] as const) {
    const { registration } = environment(id);
    const host = `${instance}.abc123.eu-central-1.rds.amazonaws.com`;
    await c.catalog.updateEnvironment(id, {
      registration: { ...registration, database: { ...registration.database, instance, host, name: "shop" } },
    });
  }
  const places = {
    vault: "backups-eu-central-1-primary",
    arn: POINT_ARN,
    copyVault: null,
    copyArn: null,
    deleteAt: "",
  };
  await c.catalog.updateSnapshot(SOURCE, SNAPSHOT, { recoveryPoint: places });
  c.awsBackup.points.set(POINT_ARN, {
    arn: POINT_ARN,
    region: "eu-central-1",
    vault: "backups-eu-central-1-primary",
    resourceArn: "arn:aws:rds:eu-central-1:111111111111:db:shop-production-db",
    createdAt: Date.parse("2026-12-05T00:10:00Z"),
    days: 15,
    status: "COMPLETED",
  });
  // A plan is the restore function's; its steps with instances are a function's of their own.
  callAs({ c }, "restore");
  const old = c.rds.add(doubleInstance(INSTANCE, { resourceId: OLD_ID, ...options.old }));
  c.rds.add(doubleInstance("shop-production-db", { resourceId: "db-SOURCE" }));
  return { c, old };
};
/** As far as the files step has come. */
export const begun = async (w: World): Promise<void> => {
  await request(w.c, { acknowledged: ["*"] });
  await restoreCall(w.c, "begin");
  await w.c.catalog.updateRestore(RESTORE, { preflight, phase: "files" });
};

export type Step = InstanceInput["step"];
export const step = async (w: World, name: Step): Promise<InstanceOutput> => {
  callAs(w, "instance-swap");
  try {
    return await instanceStep({ step: name, restoreId: RESTORE, executionArn: EXECUTION }, w.c);
  } finally {
    callAs(w, "restore");
  }
};
const callAs = ({ c }: Pick<World, "c">, name: string): void => {
  c.rds.caller = () => functionRoleName(name);
  c.awsBackup.caller = () => functionRoleName(name);
};

/** Minutes between two calls; whatever is thrown for want of an answer is called again, as the workflow does. */
const ROUND_MS = 60_000;
const MOST_ROUNDS = 500;
export const play = async (w: World, name: Step, roundMs = ROUND_MS): Promise<InstanceOutput> => {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const output = await step(w, name);
    if (output.outcome !== "more") return output;
    w.c.clock.advance(roundMs);
  }
  throw new Error(`The step ${name} does not end.`);
};
/** Up to where the two instances stand side by side, the new one proven. */
export const sideBySide = async (w: World): Promise<void> => {
  await begun(w);
  expect(await play(w, "restore")).toMatchObject({ outcome: "done" });
};
export const swapOf = async ({ c }: World): Promise<NonNullable<RestoreItem["instances"]>> => {
  const { instances } = await item(c);
  if (instances === undefined || instances === null) throw new Error("no instances");
  return instances;
};
export const idUnder = ({ c }: World, name: string): string | undefined => c.rds.named(name)?.resourceId;
export const sent = ({ c }: World, action: string) => c.rds.requests.filter(({ Action }) => Action === action);
