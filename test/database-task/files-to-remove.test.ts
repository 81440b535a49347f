/**
 * A plan says how many files a restore will remove, and the restore then removes exactly those: whatever the old database
 * names and the snapshot doesn't, whoever counts.
 */
import { planRemoval } from "../../lambda/restore/plan-removal";
import { compareKeys } from "../../lambda/pack/key-order";
import type { IndexLine } from "../../lambda/snapshot/file-index";
import { seededRandomness } from "../support/collaborators";
import { must } from "../support/must";
import { type PostgresServer, startPostgres } from "../support/postgres";
import { strangeKeys } from "../support/strange-keys";
import { beginRestore, registerEnvironment, run, scenario, type Scenario, stored, takeSnapshot } from "./scenario";

let server: PostgresServer;
let number = 0;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => server.stop());

const FILE = "CREATE TABLE file (uuid text, hascontents boolean)";
const entry = (key: string): IndexLine => ({
  key,
  size: 1,
  etag: "e",
  sha256: "0".repeat(64),
  pack: "p",
  offset: 0,
  length: 1,
  crc32: 0,
  rawLength: 1024,
});
const missing = (key: string): IndexLine => ({ key, missing: true });

/** A target that names `named`, and the restore of a snapshot that knows `lines`, as `begin` leaves it. */
const begun = async (
  named: readonly string[],
  lines: readonly IndexLine[],
  how: { readonly databaseOnly?: boolean; readonly planOnly?: boolean; readonly listing?: boolean } = {},
): Promise<{ readonly on: Scenario; readonly restoreId: string }> => {
  number += 1;
  const on = scenario(server);
  const [source, target] = [`source${number}`, `target${number}`];
  for (const name of [source, target]) {
    await server.query("postgres", `CREATE DATABASE ${name}`);
    await server.query(name, FILE);
  }
  const values = named.map((key) => `('${key.replaceAll("'", "''")}', true)`).join(", ");
  if (named.length > 0) await server.query(target, `INSERT INTO file VALUES ${values}`);
  await registerEnvironment(on, source, source);
  await registerEnvironment(on, target, target, how.listing === true ? { files: { source: { kind: "listing" } } } : {});
  await takeSnapshot(
    on,
    source,
    undefined,
    lines.toSorted((a, b) => compareKeys(a.key, b.key)),
  );
  const restoreId = await beginRestore(on, source, target, {
    restoreId: `restore-${number}`,
    databaseOnly: how.databaseOnly === true,
    ...(how.planOnly === true ? { planOnly: true, leaseToken: null } : {}),
  });
  return { on, restoreId };
};

const counted = async ({ on, restoreId }: Awaited<ReturnType<typeof begun>>): Promise<number | null | undefined> => {
  await run(on, "preflight", restoreId);
  return must(await on.catalog.getRestore(restoreId)).preflight?.filesToRemove;
};
const removed = async ({ on, restoreId }: Awaited<ReturnType<typeof begun>>): Promise<number | undefined> => {
  await run(on, "restore", restoreId);
  const collaborators = { ...on, secrets: undefined, remainingMs: () => Infinity };
  while ((await planRemoval({ restoreId }, collaborators)).outcome === "more");
  return must(await on.catalog.getRestore(restoreId)).removal?.count;
};

test.each([
  ["nothing is named", [], [entry("a")], 0],
  ["all that is named is in the snapshot", ["a", "b"], [entry("a"), entry("b"), entry("c")], 0],
  ["the snapshot has no files", ["a", "b", "c"], [], 3],
  ["the snapshot lists one as missing", ["a", "b"], [missing("a")], 1],
  ["named before, between and after", ["0", "a", "b", "c", "z"], [entry("a"), entry("c")], 3],
  ["a key named twice", ["a", "a", "b", "b"], [entry("a")], 1],
  ["keys whose order is that of bytes, not of a language", ["B", "a", "é", "z", "Z"], [entry("Z"), entry("é")], 3],
] as const)("%s: what is planned is what is removed", async (_, named, lines, count) => {
  const scene = await begun(named, lines);
  expect(await counted(scene)).toBe(count);
  expect(await removed(scene)).toBe(count);
});

test.each([11, 12, 13])("strange keys (seed %d): what is planned is what is removed", async (seed) => {
  const bytes = seededRandomness(seed);
  const next = (): number => Buffer.from(bytes(4)).readUInt32BE() / 2 ** 32;
  // PostgreSQL keeps no NUL.
  const keys = strangeKeys(next, 400).filter((key) => !key.includes("\0"));
  const lines = keys.filter(() => next() < 0.5).map((key) => (next() < 0.2 ? missing(key) : entry(key)));
  const scene = await begun(
    keys.filter(() => next() < 0.5),
    lines,
  );
  const planned = await counted(scene);
  expect(planned).toBeGreaterThan(0);
  expect(await removed(scene)).toBe(planned);
});

test.each([
  ["the database alone is restored", { databaseOnly: true }],
  ["the target lists its bucket", { listing: true }],
])("%s: nothing is removed", async (_, how) => {
  expect(await counted(await begun(["a", "b"], [], how))).toBe(0);
});

test.each([
  ["names a column that is not there", "ALTER TABLE file RENAME COLUMN hascontents TO other"],
  ["fails for a row", "CREATE OR REPLACE VIEW broken AS SELECT 1"],
])("a query that %s: the plan goes on to judge", async (what, change) => {
  const scene = await begun(["a", "b"], []);
  await server.query(`target${number}`, change);
  const query =
    what === "fails for a row"
      ? "SELECT (1 / (length(uuid) - 1))::text FROM file"
      : "SELECT uuid FROM file WHERE hascontents";
  const target = must(await scene.on.catalog.getEnvironment(`target${number}`));
  const registration = {
    ...target.registration,
    files: { ...target.registration.files, source: { kind: "reference-query" as const, query } },
  };
  await scene.on.catalog.updateEnvironment(target.environmentId, { registration });
  expect(await counted(scene)).toBe(what === "fails for a row" ? null : 0);
});

test("a plan alone counts too, and stores nothing", async () => {
  const scene = await begun(["a", "b"], [entry("a")], { planOnly: true });
  const before = stored(scene.on);
  expect(await counted(scene)).toBe(1);
  expect(stored(scene.on)).toEqual(before);
});
