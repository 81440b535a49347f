/**
 * The mark by which IAM lets an instance be deleted: when it is set and taken off, in every order in which a restore can
 * break off. The doubles judge every request by the synthesized role, so a step that comes too early is refused.
 */
import { besideInstance, replacedInstance } from "../../lambda/instance-swap/instance-names";
import { SWAP_MARK } from "../../lambda/instance-swap/swap-mark";
import { item, planned, RESTORE } from "../restore/restore-fixture";
import { ACCOUNT, functionRoleName, iamOfDefaultStage } from "../support/iam";
import { must } from "../support/must";
import {
  begun,
  BESIDE,
  idUnder,
  INSTANCE,
  OLD_ID,
  play,
  REPLACED,
  sent,
  sideBySide,
  step,
  world,
  type World,
} from "./swap-fixture";

const ARN = (name: string): string => `arn:aws:rds:eu-central-1:${ACCOUNT}:db:${name}`;
const markOf = ({ c }: World, id: string): string | undefined => c.rds.instances.get(id)?.tags[SWAP_MARK];
const newId = (w: World): string => must(idUnder(w, BESIDE));
/** Whether the role could delete what is live now. */
const isDeletable = ({ c }: World): boolean =>
  iamOfDefaultStage().refusal({
    role: functionRoleName("instance-swap"),
    action: "rds:DeleteDBInstance",
    resource: ARN(INSTANCE),
    tags: c.rds.named(INSTANCE)?.tags ?? {},
  }) === undefined;
const ready = async (): Promise<World> => {
  const w = await world();
  await sideBySide(w);
  return w;
};
const until = async (w: World, isSo: () => boolean): Promise<void> => {
  for (let minutes = 0; minutes < 60 && !isSo(); minutes++) {
    await step(w, "swap");
    w.c.clock.advance(60_000);
  }
  expect(isSo()).toBe(true);
};

test.each([true, false])(
  "the new instance is marked before anything else is asked of it (while it is made: %s)",
  async (early) => {
    const w = await world();
    w.c.rds.tagsWhileCreating = early;
    await begun(w);
    await play(w, "restore");
    const asked = w.c.rds.requests.filter(({ Action }) => Action !== "DescribeDBInstances").map(({ Action }) => Action);
    expect(asked[0]).toBe("AddTagsToResource");
    expect(asked.slice(asked.lastIndexOf("AddTagsToResource") + 1)).toEqual(["ModifyDBInstance"]);
    expect(markOf(w, newId(w))).toBe(RESTORE);
    expect(w.c.rds.named(BESIDE)?.tags).toEqual({ team: "shop", "nightly-backups": "allowed", [SWAP_MARK]: RESTORE });
    expect(markOf(w, OLD_ID)).toBeUndefined();
  },
);

test("the old one is marked before its first rename, and not while anything may still be undone without a look", async () => {
  const w = await ready();
  await step(w, "swap");
  expect(markOf(w, OLD_ID)).toBe(RESTORE);
  expect(sent(w, "ModifyDBInstance").some(({ NewDBInstanceIdentifier: name }) => name !== undefined)).toBe(false);
  // Under its own name nothing may delete it all the same.
  expect(isDeletable(w)).toBe(false);
});

test("swapped: the live one is marked no more, the replaced one is, until it is gone", async () => {
  const w = await ready();
  const fresh = newId(w);
  await play(w, "swap");
  expect(idUnder(w, INSTANCE)).toBe(fresh);
  expect(w.c.rds.named(INSTANCE)?.tags).toEqual({ team: "shop", "nightly-backups": "allowed" });
  expect(markOf(w, OLD_ID)).toBe(RESTORE);
  expect(await play(w, "delete-replaced")).toMatchObject({ outcome: "done" });
  w.c.clock.advance(10 * 60_000);
  expect(w.c.rds.names()).toEqual([INSTANCE, "shop-production-db"]);
});

test("stopped after the mark and before the rename: undoing takes it off the old one, which stays", async () => {
  const w = await ready();
  await step(w, "swap");
  expect(markOf(w, OLD_ID)).toBe(RESTORE);
  expect(await play(w, "undo")).toMatchObject({ outcome: "done" });
  w.c.clock.advance(10 * 60_000);
  expect(w.c.rds.names()).toEqual([INSTANCE, "shop-production-db"]);
  expect(idUnder(w, INSTANCE)).toBe(OLD_ID);
  expect(markOf(w, OLD_ID)).toBeUndefined();
});

test("the new instance breaks between the renames: the old one comes back, and without the mark", async () => {
  const w = await ready();
  await until(w, () => idUnder(w, REPLACED) === OLD_ID);
  w.c.clock.advance(10 * 60_000);
  Object.assign(w.c.rds.named(BESIDE) ?? {}, { stuckAs: "storage-full" });
  await expect(play(w, "swap")).rejects.toMatchObject({ code: "InstanceNotSwapped" });
  Object.assign(w.c.rds.named(BESIDE) ?? {}, { stuckAs: undefined });
  expect(await play(w, "undo")).toMatchObject({ outcome: "done" });
  expect(idUnder(w, INSTANCE)).toBe(OLD_ID);
  expect(markOf(w, OLD_ID)).toBeUndefined();
});

test.each(["AddTagsToResource", "RemoveTagsFromResource"])(
  "the reply to %s is lost: the next look knows",
  async (action) => {
    const w = await world();
    w.c.rds.tagsWhileCreating = true;
    w.c.rds.faults.push({ action, code: null, times: 3 });
    await begun(w);
    for (const name of ["restore", "swap", "delete-replaced"] as const)
      for (let tries = 0; tries < 3; tries++) await play(w, name).catch(() => undefined);
    expect((await item(w.c)).database?.oldDropped).toBe(true);
    expect(markOf(w, must(idUnder(w, INSTANCE)))).toBeUndefined();
  },
  60_000,
);

test("throttled while it is marked: thrown for the workflow to try again", async () => {
  const w = await ready();
  w.c.rds.faults.push({ action: "AddTagsToResource", code: "Throttling", times: 5 });
  await expect(step(w, "swap")).rejects.toMatchObject({ code: "InstancesUnavailable", retryable: true });
  await play(w, "swap");
  expect(idUnder(w, REPLACED)).toBe(OLD_ID);
}, 30_000);

test("undoing before the new instance was ever seen marks it, and then deletes it", async () => {
  const w = await world();
  await begun(w);
  await step(w, "restore");
  w.c.clock.advance(60_000);
  expect(await play(w, "undo")).toMatchObject({ outcome: "done" });
  const [, ...rest] = sent(w, "DeleteDBInstance");
  expect(rest).toEqual([]);
  w.c.clock.advance(10 * 60_000);
  expect(w.c.rds.names()).toEqual([INSTANCE, "shop-production-db"]);
});

test("an instance that takes neither tag nor deletion for a day is said to be left", async () => {
  const w = await world();
  await begun(w);
  await step(w, "restore");
  Object.assign(must(w.c.rds.named(BESIDE)), { stuckAs: "creating" });
  const failure = await play(w, "undo", 3_600_000).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "InstanceLeft", message: expect.stringContaining(BESIDE) as string });
});

test("a person who takes the mark off the replaced instance keeps it", async () => {
  const w = await ready();
  await play(w, "swap");
  delete must(w.c.rds.instances.get(OLD_ID)).tags[SWAP_MARK];
  await expect(play(w, "delete-replaced")).rejects.toMatchObject({
    code: "InstanceKept",
    message: expect.stringContaining(`${SWAP_MARK}=${RESTORE}`) as string,
  });
  expect(sent(w, "DeleteDBInstance")).toEqual([]);
});

test("what an earlier restore left is neither copied nor taken for this one's", async () => {
  const w = await world({
    old: { tags: { team: "shop", "nightly-backups": "allowed", [SWAP_MARK]: "an-earlier-one" } },
  });
  await sideBySide(w);
  expect(markOf(w, newId(w))).toBe(RESTORE);
  await step(w, "swap");
  expect(markOf(w, OLD_ID)).toBe(RESTORE);
  await step(w, "undo");
  expect(markOf(w, OLD_ID)).toBeUndefined();
});

test("an instance without people's tag is refused in the plan, and touched by no step", async () => {
  const w = await world({ old: { tags: { team: "shop" } } });
  await planned(w.c, { planOnly: true });
  const refusal = (await item(w.c)).plan?.refusals[0];
  expect(refusal).toMatchObject({ code: "InstanceNotTagged" });
  expect(refusal?.message).toMatch(/does not carry the tag nightly-backups=allowed/);
  const again = await world({ old: { tags: { team: "shop" } } });
  await begun(again);
  await expect(step(again, "restore")).rejects.toMatchObject({ code: "InstanceNotTagged" });
  expect(again.c.awsBackup.requests.filter(({ path }) => path === "/restore-jobs")).toEqual([]);
});

test("people who take their tag off in the middle stop it: nothing is renamed, and the sentence says where to look", async () => {
  const w = await ready();
  delete must(w.c.rds.instances.get(OLD_ID)).tags["nightly-backups"];
  await expect(play(w, "swap")).rejects.toMatchObject({
    code: "InstancesRefused",
    message: expect.stringMatching(/rds:AddTagsToResource on resource: .*the instance's tags\.$/s) as string,
  });
  expect(idUnder(w, INSTANCE)).toBe(OLD_ID);
});

test("names fit into RDS's 63 characters and end in what only this service gives", () => {
  for (const name of ["a", "shop-".repeat(13).slice(0, 62)]) {
    for (const [of, pattern] of [
      [besideInstance, /-nightly-backups-new-[0-9a-f]{8}$/],
      [replacedInstance, /-nightly-backups-old-[0-9a-f]{8}$/],
    ] as const) {
      expect(of(name, RESTORE)).toMatch(pattern);
      expect(of(name, RESTORE)).toMatch(/^[a-z](?:-?[a-z0-9])*$/);
      expect(of(name, RESTORE).length).toBeLessThanOrEqual(63);
    }
  }
});
