/** The source's database can't be backed up, or only with a warning: what the catalog says, and that nothing is lost. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backUp } from "../crash/runs";
import { withSmallDatabases } from "../crash/small-databases";
import { restoredContents, contentsOf, SOURCE, TARGET } from "../crash/small-world";
import type { PostgresServer } from "../support/postgres";
import {
  backUpNightly,
  changeRegistration,
  expectSentence,
  expectUnchanged,
  expectWhole,
  faultWorld,
  picture,
  restoreOf,
  snapshotOf,
  SOURCE_DATABASE,
} from "./fault-world";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));

let postgres: PostgresServer;
withSmallDatabases((server) => void (postgres = server));

/** A port on which nobody listens. */
const closedPort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

test("database unreachable: every attempt fails, one sentence names the server, someone is told, nothing is changed", async () => {
  const world = await faultWorld(postgres);
  const before = await picture(world);
  const port = await closedPort();
  await changeRegistration(world, SOURCE, (standing) => ({ ...standing, database: { ...standing.database, port } }));
  const snapshot = await snapshotOf(world, await backUpNightly(world));
  expect(snapshot).toMatchObject({ state: "failed", attempt: 3, manifest: null });
  expectSentence(
    snapshot.statusMessage,
    `The database server 127.0.0.1:${port} can't be reached (connect ECONNREFUSED 127.0.0.1:${port}); check that it runs, and the registered host, port, subnets and security groups.`,
  );
  expect(world.service.base.notifier.told).toEqual([
    {
      subject: `Nightly backup of ${SOURCE} failed`,
      message: expect.stringContaining(snapshot.statusMessage) as string,
    },
  ]);
  await expectUnchanged(world, before);
  await expectWhole(world, world.first);
});

test("wrong password: the sentence names server, user and secret, and the password is said nowhere", async () => {
  const world = await faultWorld(postgres);
  const before = await picture(world);
  const password = "not-the-password-4711";
  world.service.taskChange = {
    secrets: { databaseCredentials: async () => ({ username: postgres.user, password }) },
  };
  const snapshot = await snapshotOf(world, await backUp(world));
  expect(snapshot).toMatchObject({ state: "failed", manifest: null });
  expectSentence(
    snapshot.statusMessage,
    `The database server 127.0.0.1:${postgres.port} refuses the password of "postgres"; correct the registered secret.`,
  );
  const { log, notifier, table } = world.service.base;
  expect(JSON.stringify([log.lines, notifier.told, table.all()])).not.toContain(password);
  await expectUnchanged(world, before);
  await expectWhole(world, world.first);
});

test("client tools older than the server: both versions and the mend are named, nothing is written", async () => {
  const world = await faultWorld(postgres);
  const before = await picture(world);
  const folder = oldTools();
  try {
    world.service.taskChange = { programs: { directory: join(folder, "{major}"), majors: [9] } };
    const snapshot = await snapshotOf(world, await backUp(world));
    expect(snapshot).toMatchObject({ state: "failed", manifest: null });
    expectSentence(
      snapshot.statusMessage,
      new RegExp(
        `^The PostgreSQL client tools \\(version 9\\.6\\.24\\) are older than the server \\(version ${postgres.major}\\.\\d+\\); add ${postgres.major} to databaseTask\\.postgresqlMajors, renew the image \\(npm run build-image\\) and deploy\\.$`,
      ),
    );
    const restore = await restoreOf(world, world.first);
    expect(restore).toMatchObject({ state: "failed", database: null });
    expectSentence(
      restore.statusMessage,
      `The database task has PostgreSQL programs of version 9 and this restore needs ${postgres.major}: deploy an image that holds them.`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
  await expectUnchanged(world, before);
  await expectWhole(world, world.first);
});

/** A pg_dump that says it is of version 9.6, and writes nothing. */
const oldTools = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "old-tools-"));
  mkdirSync(join(folder, "9"));
  for (const program of ["pg_dump", "pg_restore"]) {
    const path = join(folder, "9", program);
    writeFileSync(path, `#!/bin/sh\necho "${program} (PostgreSQL) 9.6.24"\n`);
    chmodSync(path, 0o755);
  }
  return folder;
};

test("extensions beyond the default: backed up with a warning, and a restore is warned before anything is touched", async () => {
  const world = await faultWorld(postgres);
  await postgres.query(SOURCE_DATABASE, "CREATE EXTENSION hstore");
  try {
    const before = await picture(world);
    const id = await backUp(world);
    await expectWhole(world, id);
    expectSentence(
      (await snapshotOf(world, id)).statusMessage,
      /^The database uses the extension "hstore" \(version [\d.]+\), which is beyond the default set; a restore needs it at the target's server\.$/,
    );
    const warned = await restoreOf(world, id);
    expect(warned).toMatchObject({ state: "queued", phase: "acknowledgement", database: null });
    expect(warned.files).toMatchObject({ put: 0 });
    expect(warned.statusMessage).toBe(
      "Nothing was touched: the restore waits for warnings to be acknowledged: ExtensionsBeyondDefault (The snapshot's database has extensions beyond the default (hstore): the restore may fail, and then changes nothing). Read them, then restore again with acknowledge=ExtensionsBeyondDefault.",
    );
    await expectUnchanged(world, before);

    const should = await restoredContents(world);
    expect(await restoreOf(world, id, { acknowledged: ["ExtensionsBeyondDefault"] })).toMatchObject({
      state: "completed",
    });
    expect(await contentsOf(world, TARGET)).toEqual(should);
    await expectWhole(world, world.first);
  } finally {
    await postgres.query(SOURCE_DATABASE, "DROP EXTENSION hstore");
  }
});
