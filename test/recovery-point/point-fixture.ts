/** An attempt whose files have been listed before its recovery point, and AWS Backup's double on the same clock. */
import type { AttemptRef } from "../../lambda/backup/contract";
import type { RecoveryProgress } from "../../lambda/catalog/items";
import { registration } from "../../lambda/catalog/registration";
import type { RecoveryPointOutput } from "../../lambda/recovery-point/contract";
import { begun, NIGHT } from "../backup/small-night";
import { environmentItem, registrationOf } from "../backup/environment-fixture";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { functionRoleName, iamOfDefaultStage } from "../support/iam";
import { must } from "../support/must";

// Synthesizing takes longer than a test may.
iamOfDefaultStage();

export const INSTANCE = "shop-db";
export const REPLICA_REGION = "eu-west-1";

export const listed = (change: Partial<RecoveryProgress> = {}): RecoveryProgress => ({
  before: {
    listSegments: [],
    listCount: 0,
    facts: {
      databaseSize: 4_000_000_000_000,
      serverVersion: "15.4",
      encoding: "UTF8",
      collate: "C",
      ctype: "C",
      extensions: [],
      policyRoles: [],
    },
    warnings: [],
  },
  listedAfter: null,
  jobId: null,
  point: null,
  copyJobId: null,
  copyStarts: 0,
  copyTries: 0,
  copyArn: null,
  ...change,
});

export interface PointWorld {
  readonly c: FakeCollaborators;
  readonly ref: AttemptRef;
}
export const pointWorld = async (replication: "replicated" | "single-region" = "replicated"): Promise<PointWorld> => {
  const c = fakeCollaborators({ now: new Date(`${NIGHT}T00:00:00Z`) });
  const { database } = registrationOf("shop-production");
  const chosen = registration.parse(
    registrationOf("shop-production", { database: { ...database, instance: INSTANCE, backup: "recovery-point" } }),
  );
  await c.catalog.createEnvironment(environmentItem("shop-production", { registration: chosen, replication }));
  const output = await begun(c);
  if (output.outcome !== "begun") throw new Error(`The attempt has not begun: ${output.reason}`);
  expect(output.database).toBe("recovery-point");
  await c.catalog.updateAttempt(output.attempt.attemptId, { recovery: listed() });
  c.awsBackup.caller = () => functionRoleName("recovery-point");
  return { c, ref: output.attempt };
};

export const recoveryOf = async ({ c, ref }: PointWorld): Promise<RecoveryProgress> =>
  must(must(await c.catalog.getAttempt(ref.attemptId)).recovery);

/** Asks until it is done, as the workflow does; gives the seconds waited. */
export const untilDone = async (
  { c }: PointWorld,
  ask: () => Promise<RecoveryPointOutput>,
  mostRounds = 1_000,
): Promise<number> => {
  let waited = 0;
  for (let round = 0; round < mostRounds; round++) {
    const { outcome, waitSeconds } = await ask();
    if (outcome === "done") return waited;
    waited += waitSeconds;
    c.clock.advance(waitSeconds * 1000);
  }
  throw new Error("It never ended.");
};
