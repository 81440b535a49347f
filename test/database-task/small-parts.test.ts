import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { chooseMajor } from "../../lambda/database-task/client-programs";
import { connectionFailure, statementFailure } from "../../lambda/database-task/connection-errors";
import type { DatabaseRow } from "../../lambda/database-task/database-row";
import { settingStatements } from "../../lambda/database-task/database-settings";
import { connectionString } from "../../lambda/database-task/run-program";
import { identifier, literal } from "../../lambda/database-task/sql-text";
import { findTaskArn } from "../../lambda/database-task/task-arn";
import { runVerb } from "../../lambda/database-task/verbs";
import { fakeCollaborators, seededRandomness } from "../support/collaborators";

const login = {
  host: "db",
  port: 5432,
  database: "o'shop\\",
  user: "us er",
  password: "secret-word",
  ssl: "verify-full" as const,
  certificates: "/ca.pem",
};

test("the client programs are the server's own version, else the next newer one", () => {
  expect(chooseMajor([13, 15, 17], 15)).toBe(15);
  expect(chooseMajor([17, 13, 15], 14)).toBe(15);
  expect(chooseMajor([13, 15], 18)).toBe(15);
});

test("a connection string quotes its values and holds no password", () => {
  const text = connectionString(login, login.database);
  expect(text).toContain(String.raw`dbname='o\'shop\\'`);
  expect(text).toContain("user='us er'");
  expect(text).toContain("sslrootcert='/ca.pem'");
  expect(text).not.toContain("secret-word");
  expect(connectionString({ ...login, ssl: "require" }, "x")).not.toContain("sslrootcert");
});

test("names and texts are quoted", () => {
  expect(identifier('a"b')).toBe('"a""b"');
  expect(literal("it's")).toBe("'it''s'");
  expect(literal("back\\slash's")).toBe(String.raw` E'back\\slash''s'`);
});

test("settings that are lists of names stay lists; all else is one text", () => {
  const model: DatabaseRow = {
    oid: 1,
    owner: "own er",
    encoding: "UTF8",
    tablespace: "pg_default",
    comment: null,
    columns: { datcollate: "C", datctype: "C", datconnlimit: -1, datistemplate: false },
    grants: [
      { grantee: null, privilege: "CONNECT", grantable: false },
      { grantee: "r", privilege: "CREATE", grantable: true },
    ],
    settings: [
      {
        role: null,
        config: [
          'search_path="$user", public, "My ""Schema"""',
          "DateStyle=ISO, DMY",
          "my.setting=a=b",
          'temp_tablespaces=""',
        ],
      },
      { role: "r", config: ["work_mem=4MB"] },
    ],
  };
  expect(settingStatements(model, "new")).toEqual([
    `ALTER DATABASE "new" SET "search_path" TO '$user', 'public', 'My "Schema"'`,
    `ALTER DATABASE "new" SET "DateStyle" TO 'ISO, DMY'`,
    `ALTER DATABASE "new" SET "my"."setting" TO 'a=b'`,
    `ALTER DATABASE "new" SET "temp_tablespaces" TO ''`,
    `ALTER ROLE "r" IN DATABASE "new" SET "work_mem" TO '4MB'`,
    `REVOKE ALL ON DATABASE "new" FROM PUBLIC, "own er"`,
    `GRANT CONNECT ON DATABASE "new" TO PUBLIC`,
    `GRANT CREATE ON DATABASE "new" TO "r" WITH GRANT OPTION`,
    `ALTER DATABASE "new" CONNECTION LIMIT -1`,
    `COMMENT ON DATABASE "new" IS NULL`,
  ]);
});

test.each([
  [{ code: "28000", message: "no pg_hba.conf entry" }, "LoginRefused", false],
  [{ code: "53300", message: "too many clients" }, "TooManyConnections", true],
  [{ code: "SELF_SIGNED_CERT_IN_CHAIN", message: "self-signed" }, "CertificateRefused", false],
  [{ code: "57P03", message: "starting up" }, "DatabaseUnreachable", true],
  [{ message: "timeout expired" }, "DatabaseUnreachable", true],
  [{ code: "XX000", message: "odd" }, "ConnectionFailed", true],
])("connecting: %j", (error, name, retryable) => {
  expect(connectionFailure(Object.assign(new Error(error.message), error), login, "shop")).toMatchObject({
    code: name,
    retryable,
  });
});

test("a server with several addresses, all refusing, says each of them", () => {
  const error = Object.assign(
    new AggregateError([new Error("connect ECONNREFUSED ::1:1"), new Error("connect ECONNREFUSED 127.0.0.1:1")], ""),
    { code: "ECONNREFUSED" },
  );
  expect(connectionFailure(error, login, "shop").message).toContain(
    "connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1",
  );
});

test.each([
  ["42501", "PermissionMissing", false],
  ["53100", "ServerFull", false],
  ["57P01", "DatabaseUnreachable", true],
  ["40P01", "DatabaseFailed", true],
  ["42P01", "DatabaseFailed", false],
])("statements: %s", (code, name, retryable) => {
  expect(statementFailure(Object.assign(new Error("no"), { code }), "Doing it", login)).toMatchObject({
    code: name,
    retryable,
    message: expect.stringMatching(/^Doing it /),
  });
});

const serve = async (status: number, body: string, use: (endpoint: string) => Promise<void>): Promise<number> => {
  let asked = 0;
  const http = createServer((request, response) => {
    asked++;
    expect(request.url).toBe("/v4/abc/task");
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  await use(`http://127.0.0.1:${(http.address() as AddressInfo).port}/v4/abc`);
  await new Promise((resolve) => http.close(resolve));
  return asked;
};

describe("the task's name", () => {
  test("comes from ECS", async () => {
    await serve(200, JSON.stringify({ TaskARN: "arn:aws:ecs:task/1", Cluster: "c" }), async (endpoint) => {
      expect(await findTaskArn(endpoint, seededRandomness())).toBe("arn:aws:ecs:task/1");
    });
  });
  test("is not made up when ECS doesn't say it", async () => {
    const asked = await serve(500, "", async (endpoint) => {
      await expect(findTaskArn(endpoint, seededRandomness())).rejects.toThrow("can't learn its own ARN");
    });
    expect(asked).toBe(3);
  });
  test("is random where there is no ECS", async () => {
    expect(await findTaskArn(undefined, seededRandomness(1))).toMatch(/^local-task\/[0-9a-f]{32}$/);
    expect(await findTaskArn(undefined, seededRandomness(1))).not.toBe(
      await findTaskArn(undefined, seededRandomness(2)),
    );
  });
});

test.each([
  [[]],
  [["dump", "env"]],
  [["pack", "env", "snap", "attempt", "one"]],
  [["drop", "x"]],
  [["swap"]],
  [["constructor", "x"]],
  [["probe", ""]],
])("%j is no command of the task", async (args) => {
  const fakes = fakeCollaborators();
  const { catalog, clock, events, log, metrics, random, replicaStore, settings, store } = fakes;
  const ended = await runVerb(
    {
      catalog,
      clock,
      events,
      log,
      metrics,
      random,
      replicaStore,
      settings,
      store,
      taskArn: "t",
      programs: { directory: "", majors: [15] },
      patience: { pauseMs: 1, lockTries: 1, busyTries: 1 },
      signal: new AbortController().signal,
      secrets: { databaseCredentials: async () => ({ username: "", password: "" }) },
    },
    args,
  );
  expect(ended).toBe(2);
  expect(fakes.table.requests).toEqual([]);
});
