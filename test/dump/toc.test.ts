import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { hasData, HeadIncomplete, parseToc, textOf, TocUnreadable, writeToc } from "../../lambda/dump/toc";
import { startPostgres, type PostgresServer } from "../support/postgres";

let server: PostgresServer;
let dump: Buffer;
beforeAll(async () => {
  server = await startPostgres();
  await server.query(
    "postgres",
    `CREATE ROLE "rôle"; CREATE TABLE "tâble" (a int DEFAULT 1 CHECK (a > 0)); ALTER TABLE "tâble" OWNER TO "rôle";
     GRANT SELECT ON "tâble" TO PUBLIC; SELECT lo_create(77);`,
  );
  const { host, port, user, password } = server;
  dump = execFileSync(
    join(server.programsPattern.replace("{major}", String(server.major)), "pg_dump"),
    ["-Fc", "-Z0", "-h", host, "-p", String(port), "-U", user, "postgres"],
    { env: { ...process.env, PGPASSWORD: password } },
  );
});
afterAll(() => server.stop());

test("a head is written as it was read, byte for byte", () => {
  const toc = parseToc(dump);
  expect(writeToc(toc).equals(dump.subarray(0, toc.length))).toBe(true);
});

test("entries carry owners, privileges and data as pg_dump gave them, in the dump's own encoding", () => {
  const { entries } = parseToc(dump);
  const table = entries.find(({ kind }) => kind === "TABLE");
  expect(textOf(table?.tag ?? "")).toBe("tâble");
  expect(textOf(table?.owner ?? "")).toBe("rôle");
  expect(entries.find(({ kind }) => kind === "ACL")?.definition).toContain("TO PUBLIC;");
  expect(entries.filter(hasData).map(({ kind }) => kind)).toEqual(["TABLE DATA", "BLOBS"]);
});

test("a head that is cut off anywhere asks for more, and what is no head says so", () => {
  const { length } = parseToc(dump);
  for (let cut = 0; cut < length; cut += 13) expect(() => parseToc(dump.subarray(0, cut))).toThrow(HeadIncomplete);
  expect(() => parseToc(Buffer.from("not a dump at all"))).toThrow(TocUnreadable);
});
