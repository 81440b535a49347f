/** What leaves the catalog with a snapshot, and what the next backup then builds on. */
import { finishSnapshots } from "../../lambda/retention/finish-snapshots";
import type { Evidence } from "../../lambda/retention/evidence";
import { databaseKey } from "../../lambda/storage/object-keys";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { attempt, evidenceOf, item, manifest, PLACE, version } from "./evidence-of";

let world: FakeCollaborators;
beforeEach(async () => {
  world = fakeCollaborators();
  await world.catalog.createEnvironment(PLACE);
});

/** Snapshots of `gone` have ended; all others with a manifest live. */
async function finish(gone: readonly string[], change: Partial<Evidence>, lastSnapshotId: string | null = null) {
  const evidence = evidenceOf({ ...change, environment: { ...PLACE, lastSnapshotId } });
  for (const snapshot of evidence.snapshots) await world.catalog.createSnapshot(snapshot);
  const living = new Map(
    evidence.manifests.flatMap(({ snapshotId }) => (gone.includes(snapshotId) ? [] : [[snapshotId, "kept"] as const])),
  );
  const judgement = { living, ending: new Map(), disagreements: [], isNeeded: () => false, attemptNeeded: () => false };
  await finishSnapshots(evidence, judgement, gone, world);
  return (await world.catalog.getEnvironment(PLACE.environmentId))?.lastSnapshotId;
}
const created = (snapshotId: string, createdAt: string) => manifest(snapshotId, { createdAt });
const three = [
  created("old", "2026-12-01T00:00:00Z"),
  created("newest", "2026-12-03T00:00:00Z"),
  created("middle", "2026-12-02T00:00:00Z"),
];

describe("the next backup builds on", () => {
  beforeEach(() => world.catalog.updateEnvironment(PLACE.environmentId, { lastSnapshotId: "as it was" }));
  it("the newest that lives", async () => expect(await finish(["last"], { manifests: three }, "last")).toBe("newest"));
  it("no upload", async () => {
    const snapshots = [item("newest", { tier: "uploaded" }), item("middle")];
    expect(await finish(["last"], { manifests: three, snapshots }, "last")).toBe("middle");
  });
  it("nothing that has ended", async () =>
    expect(await finish(["newest", "middle"], { manifests: three }, "newest")).toBe("old"));
  it("nothing, where nothing is left", async () => expect(await finish(["last"], {}, "last")).toBeNull());
  it("what it did, while that stays or there is none", async () => {
    expect(await finish(["old"], { manifests: three }, "newest")).toBe("as it was");
    expect(await finish(["old"], { manifests: three }, null)).toBe("as it was");
  });
  it("one with a date before one without", async () => {
    const manifests = [manifest("unread", {}, { facts: null, problem: "is not JSON" }), ...three];
    expect(await finish(["last"], { manifests }, "last")).toBe("newest");
  });
});

test("items and attempts of what is gone leave, and no others", async () => {
  const snapshots = [
    item("one", { attemptId: "one-2" }),
    item("two", { attemptId: "two-1" }),
    item("three", { attemptId: null }),
  ];
  const attempts = [
    ["one-1", "one"],
    ["one-2", "one"],
    ["two-1", "two"],
    ["two-0", "two"],
    ["three-1", "three"],
  ] as const;
  for (const [attemptId, snapshotId] of attempts) await world.catalog.putAttempt(attempt(attemptId, snapshotId));
  const inventory = [
    version(databaseKey(PLACE, "one", "one-1")),
    version(databaseKey(PLACE, "two", "two-0")),
    version(databaseKey(PLACE, "three", "three-1")),
  ];
  await finish(["one", "three"], { snapshots, inventory });
  const left = [];
  for (const [attemptId] of attempts) if (await world.catalog.getAttempt(attemptId)) left.push(attemptId);
  expect(left).toStrictEqual(["two-1", "two-0"]);
  const { items } = await world.catalog.listSnapshots(PLACE.environmentId);
  expect(items.map(({ snapshotId }) => snapshotId)).toStrictEqual(["two"]);
});
