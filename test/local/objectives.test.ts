/** What a region's loss came to: recovery point and recovery time. */
import { describeObjectives, objectives } from "../../local/drill/objectives";

const LOST = new Date("2026-12-08T05:00:00Z");
const stages = { stack: 600, catalog: 45, target: 5, restores: 7400 };

test("by the newest restored snapshot of each environment; the oldest point first, the worst of both at the end", () => {
  const came = objectives(
    LOST,
    [
      { environmentId: "shop", takenAt: "2026-12-07T03:00:00Z", restoredAt: new Date("2026-12-08T06:00:00Z") },
      { environmentId: "shop", takenAt: "2026-12-08T03:00:00Z", restoredAt: new Date("2026-12-08T07:14:10Z") },
      { environmentId: "wiki", takenAt: "2026-12-07T03:30:00Z", restoredAt: new Date("2026-12-08T05:12:05Z") },
    ],
    stages,
  );
  expect(came).toEqual({
    lostAt: "2026-12-08T05:00:00.000Z",
    environments: [
      { environmentId: "wiki", recoveryPointSeconds: 25.5 * 3600, recoveryTimeSeconds: 725 },
      { environmentId: "shop", recoveryPointSeconds: 2 * 3600, recoveryTimeSeconds: 2 * 3600 + 14 * 60 + 10 },
    ],
    worst: { recoveryPointSeconds: 25.5 * 3600, recoveryTimeSeconds: 2 * 3600 + 14 * 60 + 10 },
    stages,
  });
  expect(describeObjectives(came)).toEqual([
    "wiki: the last 25 h 30 min are lost (recovery point), restored 12 min 05 s after the loss (recovery time)",
    "shop: the last 2 h 00 min are lost (recovery point), restored 2 h 14 min after the loss (recovery time)",
    "All: recovery point 25 h 30 min, recovery time 2 h 14 min: stack 10 min 00 s, catalog 45 s, target 5 s, restores 2 h 03 min.",
  ]);
});

test("an older snapshot that is restored last does not count as the point", () => {
  const taken = (takenAt: string, restoredAt: string) => ({
    environmentId: "shop",
    takenAt,
    restoredAt: new Date(restoredAt),
  });
  const { environments } = objectives(
    LOST,
    [taken("2026-12-08T03:00:00Z", "2026-12-08T05:10:00Z"), taken("2026-12-01T03:00:00Z", "2026-12-08T09:00:00Z")],
    {},
  );
  expect(environments).toEqual([{ environmentId: "shop", recoveryPointSeconds: 7200, recoveryTimeSeconds: 600 }]);
});

test("nothing recovered has no times that look good", () => {
  expect(objectives(LOST, [], {}).worst).toBeNull();
  expect(describeObjectives(objectives(LOST, [], {}))).toEqual(["Nothing was recovered."]);
});
