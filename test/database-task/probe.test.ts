import type { TaskContext } from "../../lambda/database-task/task-context";
import { AccessRefused } from "../../lambda/storage/storage-errors";
import { FILES_BUCKET, PRIMARY_BUCKET } from "../support/collaborators";
import { type PostgresServer, startPostgres } from "../support/postgres";
import { createRoles, createSample, OWNER } from "./sample-database";
import { registerEnvironment, run, runFailing, scenario, type Scenario } from "./scenario";

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
  await createRoles(server);
  await createSample(server, "shop");
});
afterAll(async () => server.stop());

const fresh = async (
  change: Parameters<typeof registerEnvironment>[3] = {},
  context: Partial<TaskContext> = {},
): Promise<Scenario> => {
  const on = scenario(server, context);
  on.secrets.set("owner", { username: OWNER.user, password: OWNER.password });
  on.secrets.set("stranger", { username: "stranger", password: "stranger" });
  await registerEnvironment(on, "env", "shop", {
    database: { secret: "owner", ...change.database },
    ...(change.files === undefined ? {} : { files: change.files }),
  });
  return on;
};
const findings = async (on: Scenario): Promise<readonly string[]> => {
  await run(on, "probe", "env");
  const { probe } = (await on.catalog.getEnvironment("env")) ?? {};
  expect(probe?.at).toBe("2026-12-05T00:00:00Z");
  // One sentence each.
  for (const finding of probe?.findings ?? []) expect(finding).toMatch(/^\S.*[.)]$/);
  return probe?.findings ?? [];
};

test("nothing is missing: the owner with its own bucket, which stays as it was", async () => {
  const on = await fresh();
  await on.store.put({ bucket: FILES_BUCKET, key: "env/file", body: Buffer.from("x") });
  expect(await findings(on)).toEqual([]);
  expect(on.store.versions(FILES_BUCKET).map(({ key }) => key)).toEqual(["env/file"]);
  expect(on.store.requests.map(({ operation }) => operation)).toEqual(
    expect.arrayContaining(["list", "get", "put", "deleteBatch"]),
  );
});

test("a versioned bucket keeps no trace of the probe either", async () => {
  const on = await fresh({ files: { bucket: "versioned" } });
  on.store.createBucket("versioned", { versioned: true });
  expect(await findings(on)).toEqual([]);
  expect(on.store.versions("versioned")).toEqual([]);
});

test("each permission that a stranger lacks is a sentence of its own", async () => {
  const said = await findings(await fresh({ database: { secret: "stranger" } }));
  expect(said).toEqual([
    expect.stringMatching(/^"stranger" may not read 1 large object\(s\) .* 424242/),
    expect.stringMatching(/^"stranger" may not read 3 sequence\(s\) of the database "shop", such as public\./),
    expect.stringMatching(/^"stranger" may not read 5 table\(s\) of the database "shop", such as public\./),
    expect.stringMatching(/^Row security hides rows of 1 table\(s\) from "stranger", such as public\.customer/),
    expect.stringMatching(/^"stranger" may not create databases/),
    expect.stringMatching(/^"stranger" is no member of "app_owner"/),
    expect.stringMatching(/^The reference query .* permission denied for table file/),
  ]);
});

test.each([
  ["unreachable", { port: 1 }, /^The database server 127\.0\.0\.1:1 can't be reached/],
  ["database missing", { name: "nowhere" }, /^The database "nowhere" doesn't exist/],
  ["secret missing", { secret: "gone" }, /^There is no secret gone/],
  ["wrong password", { secret: "wrong" }, /^The database server .* refuses the password of "app_owner"/],
])("%s", async (_name, database, expected) => {
  const on = await fresh({ database });
  on.secrets.set("wrong", { username: OWNER.user, password: "not this" });
  expect(await findings(on)).toEqual([expect.stringMatching(expected)]);
});

test("a bad query and old tools are found together", async () => {
  const on = await fresh(
    { files: { source: { kind: "reference-query", query: "SELECT nonsense" } } },
    { programs: { directory: "/nowhere/{major}", majors: [13] } },
  );
  expect(await findings(on)).toEqual([
    expect.stringMatching(/^The PostgreSQL client tools of version 13 can't be run/),
    expect.stringMatching(/^The reference query .* column "nonsense" does not exist/),
  ]);
});

test("a bucket that is missing is one sentence", async () => {
  expect(await findings(await fresh({ files: { bucket: "no-such-bucket" } }))).toEqual([
    expect.stringMatching(/^The file bucket "no-such-bucket" doesn't exist/),
  ]);
});

test.each([
  ["list", "listing", "Access Denied"],
  ["get", "reading", "Access Denied"],
  ["put", "writing", "Access Denied"],
  ["deleteBatch", "deleting", "Access Denied"],
  ["put", "writing", "not authorized to perform: kms:GenerateDataKey"],
])("a bucket that forbids %s", async (operation, word, reason) => {
  const on = await fresh();
  on.store.onRequest = (seen, { bucket }) => {
    if (seen === operation && bucket !== PRIMARY_BUCKET) throw new AccessRefused(reason);
  };
  const said = await findings(on);
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(
    new RegExp(
      reason.includes("kms") ? `^The key of the file bucket .* forbids ${word}` : `^The file bucket .* forbids ${word}`,
    ),
  );
});

test("an environment that isn't registered fails", async () => {
  const on = await fresh();
  await runFailing(on, "probe", "other");
  expect(on.log.lines.at(-1)?.message).toMatch(/^The environment "other" isn't registered/);
});
