/** Every upload that can't be used is refused with its reason, and leaves nothing in any bucket. */
import { startPostgres, type PostgresServer } from "../support/postgres";
import { PRIMARY_BUCKET, TRANSFER_BUCKET } from "../support/collaborators";
import { flip, hostileUploads, type HostileUpload } from "./hostile-uploads";
import { pgDump, runUpload, uploadBytes, uploadWorld } from "./upload-fixture";

let server: PostgresServer;
let hostile: readonly HostileUpload[];
beforeAll(async () => {
  server = await startPostgres();
  await server.query("postgres", "CREATE DATABASE small");
  await server.query(
    "small",
    `CREATE TABLE customer (id serial PRIMARY KEY, name text);
     INSERT INTO customer (name) SELECT md5(n::text) FROM generate_series(1, 2000) n;
     SELECT lo_from_bytea(42, 'large object');`,
  );
  const dump = pgDump(server, "small", "-Fc", "-Z0");
  const compressed = pgDump(server, "small", "-Fc", "-Z6");
  const data = compressed.indexOf(Buffer.from([0x78, 0x9c]));
  hostile = hostileUploads(dump, { tar: pgDump(server, "small", "-Ft"), plain: pgDump(server, "small", "-Fp") }).concat(
    // Inside a table's compressed rows, where only pg_restore looks.
    [500, 5_000, 20_000].map((at) => ({
      name: `byte ${at} of a dump's compressed rows changed`,
      bytes: flip(compressed, data + at),
      says: /pg_restore can't read its database dump \(/,
    })),
  );
}, 60_000);
afterAll(() => server?.stop());

test("each is refused with a sentence that says what is wrong, and nothing is left behind", async () => {
  expect(hostile.length).toBeGreaterThanOrEqual(200);
  expect(new Set(hostile.map(({ name }) => name)).size).toBe(hostile.length);
  const wrong: string[] = [];
  for (const { name, bytes, says } of hostile) {
    const world = await uploadWorld();
    const { snapshot, upload, reason } = await runUpload(world, await uploadBytes(world, bytes));
    const sentence = /^The upload can't be used: [^\n]+; [^\n]+\.$/;
    const told = reason ?? `accepted as ${snapshot.state}`;
    if (!sentence.test(told) || !says.test(told)) wrong.push(`${name}: ${told}`);
    if (reason === undefined) continue;
    const standing = [PRIMARY_BUCKET, TRANSFER_BUCKET].flatMap((bucket) => [
      ...world.store.versions(bucket).map(({ key }) => key),
      ...world.store.uploads(bucket).map(({ key }) => key),
    ]);
    if (standing.length > 0) wrong.push(`${name} left behind ${standing.join(", ")}`);
    expect(snapshot).toMatchObject({ state: "failed", statusMessage: told, expiresAt: "2026-12-06T00:00:00Z" });
    expect(upload).toMatchObject({ state: "failed", statusMessage: told });
    expect(await world.catalog.getLease(snapshot.environmentId)).toBeUndefined();
  }
  expect(wrong).toEqual([]);
}, 180_000);
