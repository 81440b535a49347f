/** The region's places: never more than there are, taken back from whoever has ended, and about in order of arrival. */
import { growPlaces, releasePlaces, takePlace, type PlaceOutcome } from "../../lambda/places/places";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";

let c: FakeCollaborators;
beforeEach(() => (c = fakeCollaborators()));

const take = (executionArn: string, limit: number): Promise<PlaceOutcome> => takePlace({ executionArn, limit }, c);
const taken = async (): Promise<number> =>
  (await c.catalog.getPlaces()).entries.reduce((sum, { places }) => sum + places, 0);
const held = { outcome: "held", places: 1 };

test("one each, until all are taken; then the number of those ahead", async () => {
  expect(await take("a", 2)).toEqual(held);
  expect(await take("b", 2)).toEqual(held);
  expect(await take("c", 2)).toEqual({ outcome: "waiting", taken: 2, ahead: 0 });
  expect(await take("d", 2)).toEqual({ outcome: "waiting", taken: 2, ahead: 1 });
  expect(await take("c", 2)).toEqual({ outcome: "waiting", taken: 2, ahead: 0 });
});

test("asking again changes nothing", async () => {
  expect(await take("a", 1)).toEqual(held);
  expect(await take("a", 1)).toEqual(held);
  expect(await taken()).toBe(1);
});

test("what is given back is the next one's, and giving back twice is no error", async () => {
  await take("a", 1);
  await take("b", 1);
  await releasePlaces("a", c);
  await releasePlaces("a", c);
  expect(await take("b", 1)).toEqual(held);
});

test("a free place goes to the first that wait, not to whoever comes late", async () => {
  await take("a", 1);
  for (let n = 0; n < 30; n++) await take(`waits-${n}`, 1);
  await releasePlaces("a", c);
  expect(await take("late", 1)).toMatchObject({ outcome: "waiting", ahead: 30 });
  expect(await take("waits-29", 1)).toMatchObject({ outcome: "waiting", ahead: 29 });
  expect(await take("waits-5", 1)).toEqual(held);
});

test("places of executions that have ended are taken back by those who wait, also of those who waited", async () => {
  await take("dead", 1);
  await growPlaces({ executionArn: "dead", limit: 1 }, 20, c);
  await take("dead waiter", 1);
  await take("b", 1);
  c.workflows.ended.add("dead");
  c.workflows.ended.add("dead waiter");
  expect(await take("b", 1)).toEqual(held);
  expect((await c.catalog.getPlaces()).entries.map(({ executionArn }) => executionArn)).not.toContain("dead");
});

test("whoever lives keeps its place, however often others ask", async () => {
  await take("a", 1);
  for (let n = 0; n < 20; n++) expect((await take("b", 1)).outcome).toBe("waiting");
  expect(await take("a", 1)).toEqual(held);
});

test("more places are half of what is free, and none that somebody waits for", async () => {
  await take("a", 20);
  expect(await growPlaces({ executionArn: "a", limit: 20 }, 20, c)).toBe(11);
  await take("b", 20);
  expect(await growPlaces({ executionArn: "b", limit: 20 }, 3, c)).toBe(3);
  await take("c", 20);
  expect(await growPlaces({ executionArn: "c", limit: 20 }, 20, c)).toBe(4);
  expect(await taken()).toBe(18);
  for (const name of ["d", "e", "f"]) await take(name, 20);
  expect(await growPlaces({ executionArn: "d", limit: 20 }, 20, c)).toBe(1);
});

test.each([1, 5, 10, 400])(
  "with %s places, 200 executions in any order hold no more and all come to their turn",
  async (limit) => {
    const waiting = new Set(Array.from({ length: 200 }, (_, n) => `execution-${n}`));
    const working = new Map<string, number>();
    for (let turn = 0; waiting.size > 0; turn++) {
      expect(turn).toBeLessThan(2_000);
      for (const name of [...waiting].toSorted(() => (c.random(1)[0] ?? 0) - 128)) {
        if ((await take(name, limit)).outcome === "waiting") continue;
        waiting.delete(name);
        working.set(name, await growPlaces({ executionArn: name, limit }, 20, c));
        expect(await taken()).toBeLessThanOrEqual(limit);
      }
      // Every third ends without giving back.
      for (const name of [...working.keys()].slice(0, 40)) {
        working.delete(name);
        if (name.endsWith("3")) c.workflows.ended.add(name);
        else await releasePlaces(name, c);
      }
    }
  },
  60_000,
);

test("writers at the same time never take more than there are", async () => {
  const all = await Promise.all(Array.from({ length: 12 }, (_, n) => take(`at-once-${n}`, 4)));
  expect(all.filter(({ outcome }) => outcome === "held").length).toBeLessThanOrEqual(4);
  expect(await taken()).toBeLessThanOrEqual(4);
});

test.each(["onRequest", "onReply"] as const)(
  "a lost request or reply (%s) is made good by the next call",
  async (hook) => {
    for (let stop = 0; stop < 6; stop++) {
      c = fakeCollaborators();
      await take("a", 1);
      await take("b", 1);
      c.workflows.ended.add("a");
      let n = 0;
      c.table[hook] = () => {
        if (n++ === stop) throw new Error("lost");
      };
      await take("b", 1).catch(() => undefined);
      c.table[hook] = undefined;
      expect(await take("b", 1)).toEqual(held);
      expect(await taken()).toBe(1);
    }
  },
);
