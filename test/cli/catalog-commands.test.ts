/** `catalog check` and `catalog rebuild` on a small world: what they print, what they do, how they end. */
import { runCommandLine } from "../../bin/command-line/run-command-line";
import { CommandFailure, type Surroundings } from "../../bin/command-line/surroundings";
import { PRIMARY_BUCKET, REPLICA_BUCKET } from "../support/collaborators";
import { must } from "../support/must";
import { type CatalogWorld, liveThrough, newWorld, onDemandId, SINGLE, SMALL } from "../catalog-rebuild/catalog-world";
import { lasting } from "../catalog-rebuild/rebuilding";
import { NOTHING_ELSE } from "./cli-fixture";

let world: CatalogWorld;
let undo: () => void;
beforeAll(async () => {
  world = await newWorld(SMALL);
  await liveThrough(world, SMALL);
  const puts = [world.store.save(), world.replicaStore.save(), world.table.save()];
  undo = () => puts.forEach((put) => put());
}, 120_000);
beforeEach(() => undo());

async function run(args: readonly string[], more: Partial<Surroundings> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommandLine(["catalog", ...args, "--region", "eu-central-1"], {
    ...NOTHING_ELSE,
    now: () => world.clock.now(),
    openCatalog: async () => ({ catalog: world.catalog, table: "test-catalog", region: "eu-central-1" }),
    openStorage: async (_address, side) =>
      side === "primary"
        ? { store: world.store, bucket: PRIMARY_BUCKET, region: "eu-central-1" }
        : { store: world.replicaStore, bucket: REPLICA_BUCKET, region: "eu-west-1" },
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    ...more,
  });
  return { code, out, err };
}

test("a catalog that agrees: exit code 0 and one sentence", async () => {
  expect(await run(["check"])).toEqual({
    code: 0,
    out: ["2 environments with 12 snapshots looked at; 0 changes to make, 0 matters for people."],
    err: [],
  });
});

test("a lost one: check says so, the plan changes nothing, --execute makes it equal, once", async () => {
  const before = lasting(world);
  world.table.clear();
  expect(await run(["check"])).toMatchObject({
    code: 1,
    err: [expect.stringContaining("npx backups catalog rebuild")],
  });
  const planned = await run(["rebuild"]);
  expect(planned.code).toBe(0);
  expect(planned.out).toContain(
    "Environment shop-production is recorded and the catalog does not know it; it is added.",
  );
  expect(planned.out.at(-1)).toMatch(
    /^2 environments with 12 snapshots looked at; \d+ changes to make, 0 matters for people\.$/,
  );
  expect(world.table.all()).toEqual([]);
  expect(await run(["rebuild", "--execute"])).toMatchObject({ code: 0 });
  expect(lasting(world)).toEqual(before);
  expect((await run(["rebuild", "--execute"])).out).toEqual([
    "2 environments with 12 snapshots looked at; 0 changes made, 0 matters for people.",
  ]);
});

test("an object that is missing and one that is damaged end both commands with 1 and are named", async () => {
  const [missing, damaged] = await Promise.all(
    [0, 1].map((day) => world.catalog.getSnapshot(SINGLE, onDemandId(SINGLE, day))),
  );
  const objects = [missing, damaged].map((item) => {
    const prefix = must(item?.manifest?.key).replace("manifest.json", "");
    return must(
      world.store.versions(PRIMARY_BUCKET).find(({ key }) => key.startsWith(prefix) && key.includes("/database")),
    );
  });
  const [gone, bent] = [must(objects[0]), must(objects[1])];
  await world.store.deleteBatch(PRIMARY_BUCKET, [gone], { bypassGovernance: true });
  bent.body = bent.body.map((byte, at) => (at === 12 ? byte ^ 1 : byte));
  world.table.clear();
  for (const args of [
    ["rebuild", "--execute", "--read"],
    ["check", "--read"],
  ]) {
    const { code, out } = await run(args);
    expect(code).toBe(1);
    expect(out.filter((line) => line.includes("no other copy is whole"))).toEqual(
      [
        expect.stringContaining(
          `The object ${gone.key} of snapshot ${onDemandId(SINGLE, 0)} is missing in ${PRIMARY_BUCKET}`,
        ),
        expect.stringContaining(`The object ${bent.key} of snapshot ${onDemandId(SINGLE, 1)} has other bytes`),
      ].toSorted((a, b) => String(a.sample).localeCompare(String(b.sample))),
    );
  }
});

test("--json is one document", async () => {
  await world.catalog.updateSnapshot(SINGLE, onDemandId(SINGLE, 1), { comment: "by hand" });
  const { code, out } = await run(["check", "--json"]);
  expect(code).toBe(1);
  expect(JSON.parse(out.join("\n"))).toMatchObject({
    table: "test-catalog",
    region: "eu-central-1",
    executed: false,
    environments: 2,
    snapshots: 12,
    findings: [],
    differences: [
      {
        kind: "differs",
        what: "snapshot",
        snapshotId: onDemandId(SINGLE, 1),
        fields: [{ field: "comment", catalog: "by hand", buckets: "at noon of 2026-10-26" }],
        does: null,
      },
    ],
  });
});

test("--from one bucket asks nothing of the other", async () => {
  const asked: string[] = [];
  world.table.clear();
  const openStorage: Surroundings["openStorage"] = async (_address, side) => {
    asked.push(side);
    return { store: world.replicaStore, bucket: REPLICA_BUCKET, region: "eu-west-1" };
  };
  await run(["rebuild", "--from", "replica"], { openStorage });
  expect(asked).toEqual(["replica"]);
  expect(await run(["rebuild", "--from", "elsewhere"])).toMatchObject({ code: 2 });
});

test("a table that does not exist is one sentence", async () => {
  const openCatalog = () =>
    Promise.reject(new CommandFailure(1, ["There is no table test-catalog in eu-central-1; deploy."]));
  expect(await run(["rebuild", "--execute"], { openCatalog })).toMatchObject({
    code: 1,
    err: [expect.stringContaining("There is no table")],
  });
});
