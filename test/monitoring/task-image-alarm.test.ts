/** How old the task's image is: a task tells the catalog, the gauges measure it, and somebody hears of it after a month. */
import { tellImage } from "../../lambda/database-task/tell-image";
import { measureRegion } from "../../lambda/gauges/measure-region";
import { NIGHTLY_TABLE } from "../../lib/regions/nightly-table";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { must } from "../support/must";
import { testAlarm, type Observed } from "./alarms";

const ROW = must(NIGHTLY_TABLE.find(({ region }) => region === "eu-central-1"));
const DAY = 86_400;

/** A task of this image runs at `at`, then the gauges for three hours. */
const measured = async (at: string, refreshed: string | undefined): Promise<Observed> => {
  const fakes = fakeCollaborators({ now: new Date(at) });
  await tellImage(fakes, refreshed);
  for (let round = 0; round < 12; round++) {
    await measureRegion(ROW, fakes);
    fakes.metrics.flush();
    fakes.clock.advance(15 * 60_000);
  }
  return { lines: fakes.metrics.lines() };
};

testAlarm("task-image-old", {
  condition: () => measured("2026-12-31T00:00:00Z", "2026-12-01"),
  healthy: () => measured("2026-12-30T20:00:00Z", "2026-12-01"),
});

describe("the image's age", () => {
  const age = async (fakes: FakeCollaborators): Promise<number | undefined> => {
    await measureRegion(ROW, fakes);
    return fakes.metrics.valuesOf("TaskImageAge").at(-1);
  };

  test("counts from the day that the image names, once a task has told it", async () => {
    const fakes = fakeCollaborators({ now: new Date("2026-12-03T12:00:00Z") });
    expect(await age(fakes)).toBeUndefined();
    await tellImage(fakes, "2026-12-01");
    expect(await age(fakes)).toBe(2.5 * DAY);
    fakes.clock.advance(DAY * 1000);
    expect(await age(fakes)).toBe(3.5 * DAY);
  });

  test("is one value a region, whatever the number of environments", async () => {
    const fakes = fakeCollaborators({ now: new Date("2026-12-03T12:00:00Z") });
    await tellImage(fakes, "2026-12-01");
    await measureRegion(ROW, fakes);
    expect(fakes.metrics.added.filter(({ name }) => name === "TaskImageAge")).toEqual([
      { name: "TaskImageAge", value: 2.5 * DAY },
    ]);
  });

  test("a day that is still to come keeps no alarm silent; tomorrow's is another time zone's", async () => {
    const fakes = fakeCollaborators({ now: new Date("2026-12-03T12:00:00Z") });
    await tellImage(fakes, "2026-12-04");
    expect(await age(fakes)).toBe(0);
    for (const wrong of ["2026-12-05", "2027-12-01", "9999-12-31"]) {
      await tellImage(fakes, wrong);
      expect(await age(fakes)).toBeGreaterThan(50 * 365 * DAY);
    }
  });

  test.each([undefined, "", "yesterday", "2026-13-45", "2026-12-01T00:00:00Z", "$REFRESHED"])(
    "an image that says %j is as old as can be",
    async (variable) => {
      const fakes = fakeCollaborators({ now: new Date("2026-12-03T12:00:00Z") });
      await tellImage(fakes, variable);
      expect(await age(fakes)).toBeGreaterThan(50 * 365 * DAY);
    },
  );

  test("is told anew when the image changes, forward and back, and written only then", async () => {
    const fakes = fakeCollaborators({ now: new Date("2026-12-03T12:00:00Z") });
    const since: (string | undefined)[] = [];
    for (const refreshed of ["2026-11-01", "2026-11-01", "2026-12-01", "2026-12-01", "2026-11-01"]) {
      await tellImage(fakes, refreshed);
      const image = await fakes.catalog.getTaskImage();
      expect(image?.refreshed).toBe(refreshed);
      since.push(image?.since);
      fakes.clock.advance(60_000);
    }
    expect(since.map((time) => time?.slice(11, 16))).toEqual(["12:00", "12:00", "12:02", "12:02", "12:04"]);
  });

  test("twenty tasks that start together tell it once, and none of them fails", async () => {
    const fakes = fakeCollaborators({ now: new Date("2026-12-03T12:00:00Z") });
    await tellImage(fakes, "2026-11-01");
    await Promise.all(Array.from({ length: 20 }, () => tellImage(fakes, "2026-12-01")));
    expect((await fakes.catalog.getTaskImage())?.refreshed).toBe("2026-12-01");
    expect(fakes.log.lines).toEqual([]);
  });

  test("a catalog that doesn't answer fails no task", async () => {
    const fakes = fakeCollaborators({ now: new Date("2026-12-03T12:00:00Z") });
    const catalog = Object.assign(Object.create(fakes.catalog) as typeof fakes.catalog, {
      getTaskImage: () => Promise.reject(new Error("throttled")),
    });
    await tellImage({ ...fakes, catalog }, "2026-12-01");
    expect(fakes.log.lines).toEqual([
      {
        level: "warn",
        message: "How old the task's image is can't be written to the catalog.",
        details: { error: "Error: throttled" },
      },
    ]);
  });
});
