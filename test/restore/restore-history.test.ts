/** What became of restores: listed by environment, newest first, and forgotten in time. */
import type { RestoreItem } from "../../lambda/catalog/items";
import { forgetRestores } from "../../lambda/retention/forget-restores";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { request } from "./restore-fixture";
import { sealSnapshot, SOURCE, TARGET } from "./snapshot-fixture";

const DAY = 86_400_000;
const START = Date.parse("2026-12-06T00:00:00Z");
const sealed = async (): Promise<FakeCollaborators> => {
  const c = fakeCollaborators({ now: new Date(START) });
  await sealSnapshot(c, { files: new Map() });
  return c;
};
/** Asked for, and ended at once. */
const restored = async (c: FakeCollaborators, restoreId: string, change: Partial<RestoreItem> = {}): Promise<void> => {
  const { planOnly } = change;
  await request(c, { restoreId, ...(planOnly === undefined ? {} : { planOnly }) });
  await c.catalog.updateRestore(restoreId, { state: "completed", ...change });
};
const listed = async (c: FakeCollaborators, environmentId = TARGET): Promise<string[]> => {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await c.catalog.listRestores(environmentId, cursor);
    ids.push(...page.items.map(({ restoreId }) => restoreId));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return ids;
};

test("an environment's restores are listed newest first, page by page, also those that run", async () => {
  const c = await sealed();
  const ids = Array.from({ length: 60 }, (_, number) => `restore-${number}`);
  for (const id of ids) {
    c.clock.advance(1000);
    await request(c, { restoreId: id });
  }
  await restored(c, "plan-1", { planOnly: true });
  expect((await c.catalog.listRestores(TARGET)).items).toHaveLength(25);
  expect(await listed(c)).toEqual(ids.toReversed());
  expect(await listed(c, SOURCE)).toEqual([]);
});

test("asking twice with one id is one entry", async () => {
  const c = await sealed();
  await request(c);
  await request(c);
  expect(await listed(c)).toHaveLength(1);
});

test("a restore is kept for 90 days, a plan for 7, and what has not ended for as long as it takes", async () => {
  const c = await sealed();
  await restored(c, "old");
  await restored(c, "plan", { planOnly: true });
  await restored(c, "endless", { state: "running" });
  const left = async (days: number, seconds: number): Promise<(boolean | number)[]> => {
    c.clock.set(new Date(START + days * DAY + seconds * 1000));
    const count = await forgetRestores(c);
    const there = await Promise.all(["old", "plan", "endless"].map((id) => c.catalog.getRestore(id)));
    return [count, ...there.map((one) => one !== undefined)];
  };
  expect(await left(7, -1)).toEqual([0, true, true, true]);
  expect(await left(7, 0)).toEqual([1, true, false, true]);
  expect(await left(90, -1)).toEqual([0, true, false, true]);
  expect(await left(90, 0)).toEqual([1, false, false, true]);
  expect(await left(200, 0)).toEqual([0, false, false, true]);
  expect(await listed(c)).toEqual(["endless"]);
});

test("more than one run can forget are forgotten by the next", async () => {
  const c = await sealed();
  for (let number = 0; number < 250; number++) await restored(c, `restore-${number}`);
  c.clock.advance(90 * DAY);
  expect(await forgetRestores(c)).toBe(200);
  expect(await forgetRestores(c)).toBe(50);
  expect(await listed(c)).toEqual([]);
});
