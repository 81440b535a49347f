/** What the swap of instances sends to RDS and AWS Backup, and what a plan asks, is allowed by the synthesized roles. */
import { lookAtInstances } from "../../lambda/instance-swap/plan-instance";
import { loadEnvironment } from "../../lambda/restore/restore-state";
import { NIGHTLY_TABLE } from "../../lib/regions/nightly-table";
import { RESTORE } from "../restore/restore-fixture";
import { SOURCE, TARGET } from "../restore/snapshot-fixture";
import { SWAP_MARK } from "../../lambda/instance-swap/swap-mark";
import { ACCOUNT, functionRoleName, iamOfDefaultStage } from "../support/iam";
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
        form["ResourceName"] !== undefined
          ? form["ResourceName"].replace("111111111111", "<account>")
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
  expect(new Set(calls(w).map(([action]) => action)).size).toBe(8);
  expect(refused(w, "instance-swap")).toEqual([]);
  expect(refused(undone, "instance-swap")).toEqual([]);
  // And others may not.
  expect(refused(w, "restore").length).toBeGreaterThan(5);
});

describe("whose instances the swap may touch", () => {
  const ALLOWED = { "nightly-backups": "allowed" };
  const MARKED = { [SWAP_MARK]: RESTORE };
  const may = (
    action: string,
    name: string,
    tags: Readonly<Record<string, string>>,
    keys?: readonly string[],
  ): boolean =>
    iamOfDefaultStage().refusal({
      role: functionRoleName("instance-swap"),
      action: `rds:${action}`,
      resource: `arn:aws:rds:eu-central-1:${ACCOUNT}:db:${name}`,
      tags,
      context: keys === undefined ? {} : { "aws:TagKeys": keys.join("\n") },
    }) === undefined;

  test.each([
    ["an environment's own, marked or not", INSTANCE, { ...ALLOWED, ...MARKED }, false],
    ["a stranger's that ends like the old names", "crm-old-database", { ...ALLOWED, ...MARKED }, false],
    ["a stranger's that ends like the new names", "crm-new-database", ALLOWED, false],
    ["a replaced one that is not marked", REPLACED, ALLOWED, false],
    ["a new one that is not marked", BESIDE, {}, false],
    ["a marked one whose mark is empty", REPLACED, { [SWAP_MARK]: "" }, false],
    ["the replaced one of a restore", REPLACED, { ...ALLOWED, ...MARKED }, true],
    ["the new one of a restore", BESIDE, MARKED, true],
  ])("deleting %s", (_, name, tags, expected) => {
    expect(may("DeleteDBInstance", name, tags)).toBe(expected);
  });

  test.each([
    ["marking a stranger", "crm", {}, [SWAP_MARK], false],
    ["marking a stranger with an old name", "crm-old-database", {}, [SWAP_MARK], false],
    ["marking a stranger with a new name", "crm-new-database", {}, [SWAP_MARK], false],
    ["giving a stranger people's tag", "crm", {}, ["nightly-backups"], false],
    ["giving both at once", "crm", {}, ["nightly-backups", SWAP_MARK], false],
    ["other tags on a target", INSTANCE, ALLOWED, ["team"], false],
    ["other tags beside the mark", INSTANCE, ALLOWED, [SWAP_MARK, "team"], false],
    ["marking a target", INSTANCE, ALLOWED, [SWAP_MARK], true],
    ["all tags of the new instance", BESIDE, {}, [SWAP_MARK, "nightly-backups", "team"], true],
  ])("%s", (_, name, tags, keys, expected) => {
    expect(may("AddTagsToResource", name, tags, keys)).toBe(expected);
  });

  test("no tag but the mark is taken off, and only what people allow is changed", () => {
    expect(may("RemoveTagsFromResource", INSTANCE, { ...ALLOWED, ...MARKED }, [SWAP_MARK])).toBe(true);
    expect(may("RemoveTagsFromResource", INSTANCE, ALLOWED, ["nightly-backups"])).toBe(false);
    expect(may("RemoveTagsFromResource", "crm", MARKED, [SWAP_MARK])).toBe(false);
    expect(may("ModifyDBInstance", INSTANCE, ALLOWED)).toBe(true);
    expect(may("ModifyDBInstance", INSTANCE, {})).toBe(false);
    expect(may("ModifyDBInstance", "crm-old-database", MARKED)).toBe(false);
  });

  test("AWS Backup's role takes back nothing but what a restore has marked", () => {
    const deletes = (name: string, tags: Readonly<Record<string, string>>): boolean =>
      iamOfDefaultStage().refusal({
        role: functionRoleName("restoring"),
        action: "rds:DeleteDBInstance",
        resource: `arn:aws:rds:eu-central-1:${ACCOUNT}:db:${name}`,
        tags,
      }) === undefined;
    expect([
      deletes(BESIDE, MARKED),
      deletes(BESIDE, {}),
      deletes(INSTANCE, MARKED),
      deletes(REPLACED, MARKED),
    ]).toEqual([true, false, false, false]);
  });
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
