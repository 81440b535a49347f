/** Every change of state is told, once the write has succeeded, and only then; nothing that it tells can fail a write. */
import { TellingCatalog } from "../../lambda/catalog/telling-catalog";
import { EVENTS, type ServiceEvent } from "../../lambda/observability/event-contract";
import { environmentItem, restoreItem, snapshotItem } from "../catalog/catalog-fixtures";
import { fakeCollaborators, type FakeCollaborators } from "../support/collaborators";
import { backUp, restore, retain } from "../crash/runs";
import { SimulatedService } from "../crash/simulated-service";
import { withSmallDatabases } from "../crash/small-databases";
import { furnish, SOURCE, TARGET, type SmallWorld } from "../crash/small-world";
import { download, sourceDump, upload } from "../upload/upload-runs";
import type { PostgresServer } from "../support/postgres";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));

/** `Snapshot shop-production/s1 queued`, without the id where `of` names it. */
const said = ({ events: { published } }: FakeCollaborators): readonly string[] => published.map(sentence);
const sentence = ({ type, detail }: ServiceEvent): string =>
  `${type.replace(" State Change", "")} ${detail.environmentId} ${detail.state}`;

test("from registering to the expiry: a backup, an archive, a restore, an upload", async () => {
  const world: SmallWorld = { service: new SimulatedService(postgres, { tells: true }), postgres };
  const { base } = world.service;
  await furnish(world);
  expect(said(base)).toEqual([`Environment ${SOURCE} registered`, `Environment ${TARGET} registered`]);
  base.events.published.length = 0;
  const snapshotId = await backUp(world);
  expect(said(base)).toEqual(
    ["queued", "running", "completed", "replicated"].map((state) => `Snapshot ${SOURCE} ${state}`),
  );
  for (const { detail } of base.events.published) expect(detail).toMatchObject({ snapshotId });
  base.events.published.length = 0;

  await download(world, snapshotId, "files_only");
  expect(said(base)).toEqual(["queued", "running", "completed"].map((state) => `Archive ${SOURCE} ${state}`));
  base.events.published.length = 0;

  await restore(world, snapshotId);
  expect(said(base)).toEqual(["queued", "running", "completed"].map((state) => `Restore ${TARGET} ${state}`));
  base.events.published.length = 0;

  await upload(world, sourceDump(world));
  expect(said(base)).toEqual(
    expect.arrayContaining([
      `Upload ${SOURCE} open`,
      `Upload ${SOURCE} queued`,
      `Snapshot ${SOURCE} queued`,
      `Snapshot ${SOURCE} completed`,
      `Upload ${SOURCE} completed`,
    ]),
  );
  base.events.published.length = 0;

  base.clock.advance(200 * 24 * 3_600_000);
  await retain(world);
  expect(said(base).filter((one) => one.endsWith("expired"))).toHaveLength(2);
}, 120_000);

describe("one by one", () => {
  let fakes: FakeCollaborators;
  beforeEach(() => {
    fakes = fakeCollaborators({ tells: true, now: new Date("2026-12-05T00:00:00Z") });
  });

  test("a failure has its reason, an expiry put off is `kept`, a deletion before the expiry is `deleted`", async () => {
    const { catalog } = fakes;
    await catalog.createSnapshot(snapshotItem("e", "s", { expiresAt: "2026-12-19T00:00:00Z" }));
    await catalog.updateSnapshot("e", "s", { state: "failed", statusMessage: "No way in." });
    await catalog.updateSnapshot("e", "s", { comment: "nothing to tell" });
    await catalog.updateSnapshot("e", "s", { expiresAt: "2027-01-19T00:00:00Z" });
    await catalog.deleteSnapshot("e", "s");
    await catalog.deleteSnapshot("e", "s");
    expect(fakes.events.published.slice(1).map(({ detail }) => detail)).toMatchObject([
      { state: "failed", reason: "No way in.", expiresAt: "2026-12-19T00:00:00Z" },
      { state: "kept", expiresAt: "2027-01-19T00:00:00Z" },
      { state: "deleted" },
    ]);
    expect(fakes.events.published).toHaveLength(4);
  });

  test("starting, stopping and registering again", async () => {
    const { catalog } = fakes;
    const environment = environmentItem("e");
    await catalog.createEnvironment(environment);
    await catalog.updateEnvironment("e", { running: true });
    await catalog.updateEnvironment("e", { running: false });
    await catalog.updateEnvironment("e", { registration: environment.registration });
    await catalog.updateEnvironment("e", { lastDurationSeconds: 3 });
    expect(said(fakes)).toEqual(
      ["registered", "started", "stopped", "registered"].map((one) => `Environment e ${one}`),
    );
  });

  test("a plan of a restore is none of its states", async () => {
    await fakes.catalog.createRestore({ ...restoreItem("r"), planOnly: true });
    await fakes.catalog.updateRestore("r", { state: "running" });
    expect(fakes.events.published).toEqual([]);
  });

  test("a write that failed is not told", async () => {
    await fakes.catalog.createSnapshot(snapshotItem("e", "s", { state: "queued" }));
    await expect(fakes.catalog.updateSnapshot("e", "s", { state: "completed" }, ["running"])).rejects.toThrow();
    expect(said(fakes)).toEqual(["Snapshot e queued"]);
  });

  test("a look that fails does not fail the write, and the event goes out without what it would have added", async () => {
    const { table, events, clock } = fakes;
    const catalog = new TellingCatalog(table, events, clock);
    await catalog.createSnapshot(snapshotItem("e", "s", { state: "queued" }));
    table.onRequest = (operation) => {
      if (operation === "get") throw new Error("The table answers nothing.");
    };
    await catalog.updateSnapshot("e", "s", { state: "running" });
    expect(events.published.at(-1)?.detail).toEqual({ environmentId: "e", snapshotId: "s", state: "running" });
  });
});

test("every type of event has a state, an environment and the common fields", () => {
  for (const schema of Object.values(EVENTS))
    expect(Object.keys(schema.shape)).toEqual(
      expect.arrayContaining(["version", "region", "at", "correlationId", "environmentId", "state"]),
    );
});
