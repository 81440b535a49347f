/** Whole nights in memory, counted request by request. */
import { dumpOf } from "../../lambda/snapshot/manifest";
import { environmentItem, snapshotOf } from "./environment-fixture";
import { deleteFile, ENVIRONMENT, filesOf, keyOf, manifestOfNight, nightRequest, playNight, putFile } from "./night";
import { fakeCollaborators, PRIMARY_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { leftIn } from "../support/left-in-catalog";

async function environmentWith(count: number): Promise<{ collaborators: FakeCollaborators; keys: string[] }> {
  const collaborators = fakeCollaborators({ now: new Date("2026-12-05T00:00:00Z") });
  await collaborators.catalog.createEnvironment(environmentItem());
  const keys = Array.from({ length: count }, (_, number) => keyOf(number));
  for (const key of keys) await putFile(collaborators, key, `content of ${key}`);
  return { collaborators, keys };
}

describe("a first and a second night", () => {
  test("5,000 files, then 1 % of them changed: few requests, exactly one pack more", async () => {
    const { collaborators, keys } = await environmentWith(5000);
    expect(await playNight(collaborators, "2026-12-05", { listed: keys })).toMatchObject({ outcome: "sealed" });
    const first = await manifestOfNight(collaborators, "2026-12-05");
    expect(first.files).toMatchObject({ count: 5000, missing: { count: 0, keys: [] } });
    expect(first.files.packs).toHaveLength(1);

    // Files are never overwritten on the platform: a changed file is a new key.
    const changed = Array.from({ length: 50 }, (_, number) => keyOf(number * 100 + 1_000_000));
    for (const key of changed) await putFile(collaborators, key, `new content of ${key}`);
    const listed = [...keys.filter((_, number) => number % 100 !== 7), ...changed];
    const before = collaborators.store.requests.length;
    expect(await playNight(collaborators, "2026-12-06", { listed })).toMatchObject({ outcome: "sealed" });
    const requests = collaborators.store.requests.length - before;

    const second = await manifestOfNight(collaborators, "2026-12-06");
    expect(second.files.packs).toHaveLength(2);
    const carriedOver = second.files.packs.find(({ packId }) => packId === first.files.packs[0]?.packId);
    expect(carriedOver).toMatchObject({ segments: 5000, liveSegments: 4950 });
    expect(requests).toBeLessThanOrEqual(50 + second.files.packs.length + 25);
    const files = await filesOf(collaborators, second);
    expect(files.size).toBe(5000);
    expect(
      [...files].every(([key, content]) => content === `${changed.includes(key) ? "new " : ""}content of ${key}`),
    ).toBe(true);
  });

  test("a night without a change reads no file and adds no pack", async () => {
    const { collaborators, keys } = await environmentWith(200);
    await playNight(collaborators, "2026-12-05", { listed: keys });
    const before = collaborators.store.requests.length;
    await playNight(collaborators, "2026-12-06", { listed: keys });
    expect(collaborators.store.requests.length - before).toBeLessThanOrEqual(1 + 20);
    expect((await manifestOfNight(collaborators, "2026-12-06")).files.packs).toHaveLength(1);
  });

  test("an environment without a file has a snapshot", async () => {
    const { collaborators } = await environmentWith(0);
    expect(await playNight(collaborators, "2026-12-05", { listed: [] })).toMatchObject({ outcome: "sealed" });
    expect((await manifestOfNight(collaborators, "2026-12-05")).files).toMatchObject({ count: 0, bytes: 0, packs: [] });
  });
});

describe("the sealed snapshot", () => {
  test("Rule 3: created in the second its attempt took the lease, kept as its tier says", async () => {
    const { collaborators, keys } = await environmentWith(10);
    await playNight(collaborators, "2026-12-05", { listed: keys, before: () => collaborators.clock.advance(60_000) });
    const snapshot = await snapshotOf(collaborators, ENVIRONMENT, nightRequest("2026-12-05").snapshotId);
    expect(snapshot).toMatchObject({
      state: "completed",
      tier: "nightly",
      createdAt: "2026-12-05T00:10:00Z",
      expiresAt: "2026-12-19T00:10:00Z",
      finishedAt: "2026-12-05T00:14:00Z",
      fileCount: 10,
      missingCount: 0,
      dumpSize: 575,
      attempt: 1,
      replicatedAt: null,
    });
    expect(await collaborators.catalog.getEnvironment(ENVIRONMENT)).toMatchObject({
      lastSnapshotId: snapshot.snapshotId,
      lastDurationSeconds: 240,
    });
  });

  test("Rule 6: every object of the manifest is locked until the expiry, carried-over packs too; lists for two days", async () => {
    const { collaborators, keys } = await environmentWith(20);
    await playNight(collaborators, "2026-12-05", { listed: keys });
    await playNight(collaborators, "2026-12-06", { listed: keys.slice(1) });
    const manifest = await manifestOfNight(collaborators, "2026-12-06");
    expect(manifest.tier).toBe("monthly");
    const expiry = new Date("2027-12-06T00:10:00Z");
    const objects = [
      dumpOf(manifest).key,
      ...manifest.files.index.map(({ key }) => key),
      ...manifest.files.packs.map(({ key }) => key),
    ];
    for (const key of [...objects, `replicated/${ENVIRONMENT}/snapshots/${manifest.snapshotId}/manifest.json`]) {
      expect(collaborators.store.versions(PRIMARY_BUCKET, key)[0]?.lock).toEqual({ mode: "GOVERNANCE", until: expiry });
    }
    expect(manifest.files.packs.every(({ lockedUntil }) => Date.parse(lockedUntil) === expiry.getTime())).toBe(true);
    const lists = collaborators.store
      .versions(PRIMARY_BUCKET)
      .filter(({ key }) => key.includes("/list/") && key.includes(manifest.snapshotId));
    expect(lists.map(({ lock }) => lock?.until)).toEqual([new Date("2026-12-08T00:10:00Z")]);
  });

  test("Rule 6: a longer lock is never shortened", async () => {
    const { collaborators, keys } = await environmentWith(20);
    await playNight(collaborators, "2026-12-06", { listed: keys });
    collaborators.store.requests.length = 0;
    await playNight(collaborators, "2026-12-07", { listed: keys });
    const manifest = await manifestOfNight(collaborators, "2026-12-07");
    const [pack] = manifest.files.packs;
    expect(pack?.lockedUntil).toBe("2027-12-06T00:10:00Z");
    expect(collaborators.store.versions(PRIMARY_BUCKET, pack?.key)[0]?.lock?.until).toEqual(
      new Date("2027-12-06T00:10:00Z"),
    );
    expect(
      collaborators.store.requests
        .filter(({ operation, ref }) => ref.key === pack?.key && operation !== "get")
        .map(({ operation }) => operation),
    ).toEqual(["head"]);
  });

  test("Rule 6: no object is written twice", async () => {
    const { collaborators, keys } = await environmentWith(20);
    for (const night of ["2026-12-05", "2026-12-06", "2026-12-07"])
      await playNight(collaborators, night, { listed: keys });
    const versions = collaborators.store.versions(PRIMARY_BUCKET);
    expect(new Set(versions.map(({ key }) => key)).size).toBe(versions.length);
  });

  test("nothing is left behind in the catalog: no lease, pin, attempt or shard", async () => {
    const { collaborators, keys } = await environmentWith(20);
    await playNight(collaborators, "2026-12-05", { listed: keys });
    await playNight(collaborators, "2026-12-06", { listed: keys });
    const left = leftIn(collaborators.table);
    expect(left).toEqual(["ENVIRONMENT", "SNAPSHOT", "SNAPSHOT"]);
  });

  test("a listing says that it can't promise consistency", async () => {
    const collaborators = fakeCollaborators({ now: new Date("2026-12-05T00:00:00Z") });
    const environment = environmentItem();
    const files = { ...environment.registration.files, source: { kind: "listing" as const } };
    await collaborators.catalog.createEnvironment({
      ...environment,
      registration: { ...environment.registration, files },
    });
    await putFile(collaborators, "a", "A");
    await playNight(collaborators, "2026-12-05", { listed: [{ key: "a", marker: "etag/1", size: 1 }] });
    expect((await manifestOfNight(collaborators, "2026-12-05")).consistency).toBe("listing");
  });
});

describe("Rule 9: missing files", () => {
  test("Rule 9: a referenced file that storage answers 404 for is listed, and looked for again the next night", async () => {
    const { collaborators, keys } = await environmentWith(20);
    const [lost = "", alsoLost = ""] = [keys[3], keys[7]];
    await deleteFile(collaborators, lost);
    await deleteFile(collaborators, alsoLost);
    expect(await playNight(collaborators, "2026-12-05", { listed: keys })).toMatchObject({ outcome: "sealed" });
    const first = await manifestOfNight(collaborators, "2026-12-05");
    expect(first.files).toMatchObject({ count: 18, missing: { count: 2, keys: [lost, alsoLost] } });
    expect(await snapshotOf(collaborators, ENVIRONMENT, first.snapshotId)).toMatchObject({
      missingCount: 2,
      statusMessage:
        "2 files that the database names are missing from bucket test-files; the snapshot's manifest and index list them.",
    });
    await putFile(collaborators, lost, "found again");
    await playNight(collaborators, "2026-12-06", { listed: keys });
    const second = await manifestOfNight(collaborators, "2026-12-06");
    expect(second.files).toMatchObject({ count: 19, missing: { count: 1, keys: [alsoLost] } });
    expect((await filesOf(collaborators, second)).get(lost)).toBe("found again");
  });

  test("Rule 9: too many missing fail the attempt, in one sentence", async () => {
    const { collaborators, keys } = await environmentWith(20);
    const environment = environmentItem();
    await collaborators.catalog.updateEnvironment(ENVIRONMENT, {
      registration: { ...environment.registration, missingFilesAllowed: { count: 1, share: 0.05 } },
    });
    for (const key of keys.slice(0, 2)) await deleteFile(collaborators, key);
    const played = await playNight(collaborators, "2026-12-05", { listed: keys });
    expect(played).toMatchObject({
      outcome: "failed",
      failed: {
        nextAttempt: 2,
        reason:
          "2 of the 20 files that the database of shop-production names are missing from bucket test-files, more than the 1 allowed; check bucket and prefix, or raise missingFilesAllowed in the registration.",
      },
    });
    await expect(manifestOfNight(collaborators, "2026-12-05")).rejects.toThrow("No manifest");
  });

  test.each([
    ["AccessRefused", /403/],
    ["StoreUnavailable", /./],
  ])("Rule 9: %s is a failure, not a missing file", async (name, sentence) => {
    const { collaborators, keys } = await environmentWith(20);
    const errors = await import("../../lambda/storage/storage-errors");
    collaborators.store.onRequest = (operation, { bucket, key }) => {
      if (operation === "get" && bucket === "test-files" && key === keys[5])
        throw new errors[name as "AccessRefused"]("refused");
    };
    const played = await playNight(collaborators, "2026-12-05", { listed: keys });
    expect(played).toMatchObject({
      outcome: "failed",
      failed: { reason: expect.stringMatching(sentence), nextAttempt: 2 },
    });
    await expect(manifestOfNight(collaborators, "2026-12-05")).rejects.toThrow("No manifest");
  });
});

describe("a base that can't be used", () => {
  test.each(["manifest", "index"] as const)(
    "a corrupt %s of the previous snapshot: all files are packed anew, and the snapshot says so",
    async (which) => {
      const collaborators = await damage(which);
      const second = await manifestOfNight(collaborators, "2026-12-06");
      expect(second.warnings).toEqual([expect.stringMatching(/; all files were packed anew\.$/)]);
      expect(second.baseSnapshotId).toBeNull();
      expect(second.files.packs).toHaveLength(1);
      expect(second.files.packs[0]).toMatchObject({ liveSegments: 20, segments: 20 });
      expect((await filesOf(collaborators, second)).size).toBe(20);
    },
  );

  test("a pack of the base that is gone fails the attempt; the next one packs anew", async () => {
    const { collaborators, keys } = await environmentWith(20);
    await playNight(collaborators, "2026-12-05", { listed: keys });
    const [pack] = (await manifestOfNight(collaborators, "2026-12-05")).files.packs;
    await collaborators.store.deleteBatch(
      PRIMARY_BUCKET,
      [{ key: pack?.key ?? "", versionId: pack?.versionId ?? "" }],
      { bypassGovernance: true },
    );
    const played = await playNight(collaborators, "2026-12-06", { listed: keys });
    expect(played).toMatchObject({
      outcome: "failed",
      failed: {
        nextAttempt: 2,
        reason: expect.stringContaining(`${pack?.key} (version ${pack?.versionId}) is gone from test-primary`),
      },
    });
    const { playExecution } = await import("./night");
    expect(await playExecution(collaborators, nightRequest("2026-12-06", 2), { listed: keys })).toMatchObject({
      outcome: "sealed",
    });
    expect((await filesOf(collaborators, await manifestOfNight(collaborators, "2026-12-06"))).size).toBe(20);
  });

  test("a delete marker on the base's manifest hides nothing", async () => {
    const { collaborators, keys } = await environmentWith(20);
    await playNight(collaborators, "2026-12-05", { listed: keys });
    const first = await manifestOfNight(collaborators, "2026-12-05");
    await collaborators.store.deleteBatch(PRIMARY_BUCKET, [
      { key: `replicated/${ENVIRONMENT}/snapshots/${first.snapshotId}/manifest.json` },
    ]);
    await playNight(collaborators, "2026-12-06", { listed: keys });
    expect((await manifestOfNight(collaborators, "2026-12-06")).baseSnapshotId).toBe(first.snapshotId);
  });
});

/** A first night, damaged, and a second on top of it. */
async function damage(which: "manifest" | "index"): Promise<FakeCollaborators> {
  const { collaborators, keys } = await environmentWith(20);
  await playNight(collaborators, "2026-12-05", { listed: keys });
  const first = await manifestOfNight(collaborators, "2026-12-05");
  const key =
    which === "index"
      ? first.files.index[0]?.key
      : `replicated/${ENVIRONMENT}/snapshots/${first.snapshotId}/manifest.json`;
  const [version] = collaborators.store.versions(PRIMARY_BUCKET, key);
  if (version === undefined) throw new Error("Nothing to damage.");
  version.body = version.body.map((byte, position) => (position === 40 ? byte ^ 0xff : byte));
  expect(await playNight(collaborators, "2026-12-06", { listed: keys })).toMatchObject({ outcome: "sealed" });
  return collaborators;
}
