/** What the swap of instances sends to RDS and AWS Backup, and what a plan asks, is allowed by the synthesized roles. */
import { lookAtInstances } from "../../lambda/instance-swap/plan-instance";
import { loadEnvironment } from "../../lambda/restore/restore-state";
import { NIGHTLY_TABLE } from "../../lib/regions/nightly-table";
import { RESTORE } from "../restore/restore-fixture";
import { SOURCE, TARGET } from "../restore/snapshot-fixture";
import { must } from "../support/must";
import { functionRole, primaries } from "../templates/deployed";
import { allows } from "../templates/policies";
import { begun, BESIDE, INSTANCE, play, POINT_ARN, recoveryPoint, REPLACED, world, type World } from "./swap-fixture";

const ROW = must(NIGHTLY_TABLE.find(({ region }) => region === "eu-central-1"));
const statementsOf = (name: string) =>
  functionRole(must(primaries.find(([row]) => row === ROW))[1], ROW, name).statements;
const db = (name: string): string => `arn:aws:rds:eu-central-1:<account>:db:${name}`;

const calls = ({ c }: World): readonly (readonly [action: string, resource: string])[] => {
  const toRds = c.rds.requests.map(
    (form) =>
      [
        `rds:${form["Action"]}`,
        form["Action"] === "AddTagsToResource"
          ? (form["ResourceName"] ?? "").replace("111111111111", "<account>")
          : form["DBInstanceIdentifier"] === undefined
            ? "*"
            : db(form["DBInstanceIdentifier"]),
      ] as const,
  );
  const point = POINT_ARN.replace("111111111111", "<account>");
  const toBackup = c.awsBackup.requests.map(({ method, path }) => {
    if (path.endsWith("/restore-metadata")) return ["backup:GetRecoveryPointRestoreMetadata", point] as const;
    if (path === "/restore-jobs") return ["backup:StartRestoreJob", point] as const;
    if (path.startsWith("/restore-jobs/")) return ["backup:DescribeRestoreJob", "*"] as const;
    if (method === "GET") return ["backup:DescribeRecoveryPoint", point] as const;
    throw new Error(`${method} ${path}`);
  });
  return [...toRds, ...toBackup];
};
const refused = (w: World, name: string): readonly string[] =>
  calls(w).flatMap(([action, resource]) =>
    allows(statementsOf(name), action, resource) ? [] : [`${action} on ${resource}`],
  );

test("a whole restore, and one that is undone", async () => {
  const w = await world();
  await begun(w);
  for (const name of ["restore", "swap", "delete-replaced"] as const) await play(w, name);
  const undone = await world();
  await begun(undone);
  await play(undone, "restore");
  await play(undone, "undo");
  expect(new Set(calls(w).map(([action]) => action)).size).toBe(7);
  expect(refused(w, "instance-swap")).toEqual([]);
  expect(refused(undone, "instance-swap")).toEqual([]);
  // And others may not.
  expect(refused(w, "restore").length).toBeGreaterThan(5);
});

test("an environment's instance can't be deleted under its own name", () => {
  const statements = statementsOf("instance-swap");
  expect(allows(statements, "rds:DeleteDBInstance", db(INSTANCE))).toBe(false);
  expect(allows(statements, "rds:DeleteDBInstance", db(BESIDE))).toBe(true);
  expect(allows(statements, "rds:DeleteDBInstance", db(REPLACED))).toBe(true);
});

test("the plan's look at the instances", async () => {
  const w = await world();
  const target = await loadEnvironment(w.c, TARGET);
  await lookAtInstances(w.c, recoveryPoint(), SOURCE, target, { restoreId: RESTORE, begun: false });
  expect(new Set(calls(w).map(([action]) => action)).size).toBe(3);
  expect(refused(w, "restore")).toEqual([]);
});

test("a recovery of a lost region asks neither RDS nor AWS Backup, and names the copy", async () => {
  const w = await world();
  const target = await loadEnvironment(w.c, TARGET);
  const settings = { ...w.c.settings, RECOVERED_REGION: "eu-west-1" };
  const entry = { ...recoveryPoint(), copyVault: "copies", copyRecoveryPointArn: "arn:aws:rds:copy" };
  const plan = lookAtInstances({ ...w.c, settings }, entry, SOURCE, target, { restoreId: RESTORE, begun: false });
  await expect(plan).rejects.toThrow(
    /recovery does not restore: start a restore of arn:aws:rds:copy in the vault copies/,
  );
  expect(calls(w)).toEqual([]);
});
