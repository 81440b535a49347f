/** Which environments a run takes up, how many, and what must not keep it from them. */
import { takeCensus } from "../../lambda/retention/census";
import { abortOldMultiparts } from "../../lambda/retention/abort-multiparts";
import { sidesOf } from "../../lambda/retention/inventory";
import { restartChecks } from "../../lambda/retention/restart-checks";
import { ENVIRONMENTS_A_RUN, selectEnvironments } from "../../lambda/retention/select";
import { judgeUnknown } from "../../lambda/retention/unknown-environment";
import { packKey } from "../../lambda/storage/object-keys";
import { StoreUnavailable, UploadNotFound } from "../../lambda/storage/storage-errors";
import { fakeCollaborators, PRIMARY_BUCKET, REPLICA_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { item, PLACE } from "./evidence-of";
import { createEnvironment, ENVIRONMENT, seal } from "./sealed-environment";

const NOW = "2026-12-05T00:00:00Z";
const HOUR = 3_600_000;

let world: FakeCollaborators;
beforeEach(() => {
  world = fakeCollaborators({ now: new Date(NOW) });
});
const sweep = (environmentId: string, dueAt = NOW) =>
  world.catalog.putSweep({ environmentId, sweptAt: null, dueAt, told: null });
const select = async () => (await selectEnvironments(world)).environments;
const censusTaken = () => world.catalog.putCensus({ completedAt: NOW, after: null });
const numbered = (count: number) => Array.from({ length: count }, (_, number) => `e-${1000 + number}`);
const put = (environmentId: string, replication: "replicated" | "single-region" = "replicated") =>
  world.store.put({
    bucket: PRIMARY_BUCKET,
    key: packKey({ environmentId, replication }, "p"),
    body: Buffer.from("x"),
  });
const errors = () =>
  world.log.lines.flatMap(({ level, message, details }) => (level === "error" ? [{ message, details }] : []));

describe("a run takes up", () => {
  beforeEach(censusTaken);
  it("those of which something has expired, then those whose sweep is due, each once", async () => {
    for (const environmentId of ["swept", "both"]) await sweep(environmentId);
    await sweep("not yet", "2026-12-05T00:00:01Z");
    for (const environmentId of ["both", "expired"])
      await world.catalog.createSnapshot(item("one", { environmentId, expiresAt: NOW }));
    await world.catalog.createSnapshot(item("one", { environmentId: "living", expiresAt: "2026-12-05T00:00:01Z" }));
    const chosen = await select();
    expect(chosen.slice(0, 2).toSorted()).toStrictEqual(["both", "expired"]);
    expect(chosen.slice(2)).toStrictEqual(["swept"]);
  });
  it("only after restores were started again or forgotten, and the census has gone on", async () => {
    const steps = ["listOpenRestores", "listForgottenRestores", "getCensus", "listExpired"];
    const asked: string[] = [];
    const catalog = new Proxy(world.catalog, {
      get: (target, name, receiver): unknown => {
        asked.push(String(name));
        return Reflect.get(target, name, receiver);
      },
    });
    await selectEnvironments({ ...world, catalog });
    expect(asked.filter((name) => steps.includes(name))).toStrictEqual(steps);
  });
  it("300 at most", async () => {
    for (const environmentId of numbered(ENVIRONMENTS_A_RUN + 1)) await sweep(environmentId);
    expect(ENVIRONMENTS_A_RUN).toBe(300);
    expect(await select()).toHaveLength(300);
  });
  it("no more than one when little time is left", async () => {
    for (const environmentId of numbered(3)) await sweep(environmentId);
    world.remaining = 10_000;
    expect(await select()).toHaveLength(3);
    world.remaining = 9_999;
    expect(await select()).toHaveLength(1);
  });
  it.each([
    ["listOldDatabases", "Old databases could not be tried again."],
    ["listLastWarnings", "Environments whose last snapshot expires could not be counted."],
  ] as const)("all of them though %s fails, which is said", async (request, message) => {
    await sweep("swept");
    world.catalog[request] = async () => Promise.reject(new Error("The table is away."));
    expect(await select()).toStrictEqual(["swept"]);
    expect(errors()).toStrictEqual([{ message, details: { cause: "The table is away." } }]);
  });
  it("all of them though the transfer bucket is away, whatever it says", async () => {
    await sweep("swept");
    const notAnError: unknown = "away";
    world.store.list = async () => Promise.reject(notAnError);
    expect(await select()).toStrictEqual(["swept"]);
    const message = "The transfer bucket could not be swept; the next run tries again.";
    expect(errors()).toStrictEqual([{ message, details: { cause: "away" } }]);
  });
});

describe("the census", () => {
  const due = async () => {
    const { items } = await world.catalog.listDueSweeps(world.clock.now());
    return items.map(({ environmentId }) => environmentId).toSorted();
  };
  it("finds what the catalog knows and what either class of the bucket holds, and is then done for a day", async () => {
    await createEnvironment(world);
    await put("in-bucket");
    await put("alone", "single-region");
    await takeCensus(world);
    expect(await due()).toStrictEqual(["alone", "in-bucket", ENVIRONMENT]);
    expect(await world.catalog.getCensus()).toMatchObject({ completedAt: NOW, after: null });
    await put("newer");
    world.clock.advance(24 * HOUR - 1000);
    await takeCensus(world);
    expect(await due()).not.toContain("newer");
    world.clock.advance(1000);
    await takeCensus(world);
    expect(await due()).toContain("newer");
    expect(await world.catalog.getCensus()).toMatchObject({ completedAt: "2026-12-06T00:00:00Z", after: null });
  });
  it("looks at 200 a run and goes on where it was, without those of the catalog again", async () => {
    const ids = numbered(201);
    for (const environmentId of ids) await put(environmentId);
    await createEnvironment(world);
    await takeCensus(world);
    expect(await due()).toHaveLength(201);
    const after = { replication: "replicated", environmentId: "e-1199" };
    expect(await world.catalog.getCensus()).toMatchObject({ completedAt: null, after });
    await world.catalog.deleteSweep(ENVIRONMENT);
    await takeCensus(world);
    expect(await due()).toStrictEqual(ids);
    expect(await world.catalog.getCensus()).toMatchObject({ completedAt: NOW, after: null });
  });
  it("goes on though the last one was less than a day ago", async () => {
    const after = { replication: "single-region", environmentId: "a" } as const;
    await world.catalog.putCensus({ completedAt: NOW, after });
    for (const environmentId of ["a", "b"]) await put(environmentId, "single-region");
    await put("c");
    await takeCensus(world);
    expect(await due()).toStrictEqual(["b"]);
  });
  it("takes no step with two minutes left or less, and keeps when it was last done", async () => {
    await put("a");
    await world.catalog.putCensus({ completedAt: "2026-12-01T00:00:00Z", after: null });
    world.remaining = 120_000;
    await takeCensus(world);
    expect(await due()).toStrictEqual([]);
    const after = { replication: "replicated", environmentId: "" };
    expect(await world.catalog.getCensus()).toMatchObject({ completedAt: "2026-12-01T00:00:00Z", after });
    world.remaining = 120_001;
    await takeCensus(world);
    expect(await due()).toStrictEqual(["a"]);
  });
});

describe("unfinished uploads", () => {
  const key = packKey(PLACE, "half");
  const begin = () => world.store.createMultipart({ bucket: PRIMARY_BUCKET, key });
  const abort = () => abortOldMultiparts(PLACE, sidesOf(PLACE, world), world);
  it("are counted, over many pages, from a day on", async () => {
    world = fakeCollaborators({ now: new Date(NOW), store: { pageLimit: 2 } });
    for (let number = 0; number < 5; number++) await begin();
    await world.replicaStore.createMultipart({ bucket: REPLICA_BUCKET, key });
    await world.store.createMultipart({ bucket: PRIMARY_BUCKET, key: "replicated/other/packs/half" });
    world.clock.advance(24 * HOUR - 1);
    expect(await abort()).toBe(0);
    world.clock.advance(1);
    expect(await abort()).toBe(6);
    expect(world.store.uploads(PRIMARY_BUCKET)).toHaveLength(1);
  });
  it("that are gone meanwhile are no failure; a store that is away is", async () => {
    await begin();
    world.clock.advance(24 * HOUR);
    world.store.abortMultipart = async () => Promise.reject(new UploadNotFound("gone"));
    expect(await abort()).toBe(0);
    world.store.abortMultipart = async () => Promise.reject(new StoreUnavailable("away"));
    await expect(abort()).rejects.toThrow("away");
  });
});

describe("a replication check is started again", () => {
  const AGO = "2026-12-04T11:00:00Z";
  const unjudged = { replicatedAt: null, finishedAt: AGO, expiresAt: "2026-12-25T00:00:00Z" };
  const started = async (change: Parameters<typeof item>[1] = {}, environment = PLACE) => {
    await restartChecks(environment, [item("one", { ...unjudged, ...change })], world);
    return world.workflows.started.map(({ name }) => name);
  };
  it("thirteen hours after the snapshot was completed, at most once a day", async () => {
    expect(await started()).toStrictEqual(["one-2026-12-05"]);
    expect(world.workflows.started[0]).toMatchObject({
      stateMachineArn: world.settings.REPLICATION_CHECK_STATE_MACHINE_ARN,
      input: { environmentId: PLACE.environmentId, snapshotId: "one" },
    });
    expect(await started()).toHaveLength(1);
    world.clock.advance(24 * HOUR);
    expect(await started()).toHaveLength(2);
  });
  it.each<[string, Parameters<typeof item>[1]]>([
    ["is not completed", { state: "failed" }],
    ["is being deleted", { deleting: true }],
    ["has been judged", { replicatedAt: AGO }],
    ["has no end", { finishedAt: null }],
    ["was completed later", { finishedAt: "2026-12-04T11:00:01Z" }],
    ["expires now", { expiresAt: NOW }],
  ])("but not of one that %s", async (_, change) => expect(await started(change)).toStrictEqual([]));
  it("but not in an environment that is not replicated", async () =>
    expect(await started({}, { ...PLACE, replication: "single-region" })).toStrictEqual([]));
});

describe("an environment that the catalog does not know", () => {
  const words = (where: string, hold = "holds") => [
    `The catalog does not know environment e, but ${where} ${hold} backups of it; nothing of it is deleted: rebuild the catalog from the bucket.`,
  ];
  it("is none where nothing stands", async () => {
    await put("other");
    expect(await judgeUnknown("e", world)).toStrictEqual([]);
  });
  it("stands in one place, or in several", async () => {
    await put("e");
    expect(await judgeUnknown("e", world)).toStrictEqual(words("the primary bucket (replicated)"));
    world.store.replicateTo(world.replicaStore, PRIMARY_BUCKET, REPLICA_BUCKET);
    await put("e", "single-region");
    await world.catalog.createSnapshot(item("one", { environmentId: "e" }));
    const places = [
      "the primary bucket (replicated)",
      "the primary bucket (single-region)",
      "the replica bucket (replicated)",
      "the catalog's list of snapshots",
    ];
    expect(await judgeUnknown("e", world)).toStrictEqual(words(places.join(" and "), "hold"));
  });
  it("may stand in the catalog's list alone", async () => {
    await seal(world, await createEnvironment(world), "one");
    await world.catalog.createSnapshot(item("one", { environmentId: "e" }));
    expect(await judgeUnknown("e", world)).toStrictEqual(words("the catalog's list of snapshots"));
  });
});
