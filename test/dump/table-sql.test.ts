/**
 * What a dump made by somebody else could do to whoever reads the table with psql, which takes a backslash outside of
 * quotes for a command and may run programs.
 */
import { compressionOf } from "../../lambda/dump/data-blocks";
import { isPlainSql } from "../../lambda/dump/plain-sql";
import { tableSql } from "../../lambda/dump/table-sql";
import { parseToc } from "../../lambda/dump/toc";
import { seeded } from "../pack/support";
import { dumpHead, ENCODING, smallDump, type DumpEntry } from "../upload/dump-maker";

test.each([
  ["CREATE TABLE t (a text DEFAULT 'x\\y');", true],
  ["CREATE TABLE t (a text DEFAULT E'it\\'s \\\\! x');", true],
  ['CREATE TABLE "a\\b" (a int);', true],
  ["CREATE FUNCTION f() AS $_$ \\! echo $_$;", true],
  ["CREATE FUNCTION f() AS $$ ' \" \\x $$;", true],
  ["-- it's \\! a comment\nSELECT 1;", true],
  ["SELECT $1 + $2;", true],
  ["SELECT 'a''\\b', U&'\\0061', B'01';", true],
  ["CREATE TABLE a$b$c (x int);", true],
  ["\\! echo", false],
  ["SELECT 1; \\! echo", false],
  ["SELECT 1 \\g |sh", false],
  ["-- a\n\\! echo", false],
  ["SELECT 'a' \\! echo", false],
  ["SELECT 'never closed", false],
  ['SELECT "never closed', false],
  ["SELECT $a$ never closed $b$", false],
  ["/* a comment ' */ SELECT 1;", false],
  ["SELECT E'a'\n'b\\'c \\! echo '", false],
  ["SELECT E'a' -- c\n 'b\\' \\! echo '", false],
  ["SELECT 1E'\\' \\! echo '", false],
  ["SELECT aE'\\' \\! echo '", false],
  ["SELECT $tag$ ' $tag$ \\! echo '", false],
  ["SELECT a$tag$ \\! echo $tag$", false],
])("%j passes: %s", (statement, passes) => {
  expect(isPlainSql(statement)).toBe(passes);
});

test("a definition of millions of characters is looked through in no time", () => {
  const long = `CREATE TABLE t (a text DEFAULT '${"x''\\".repeat(1_000_000)}', b text DEFAULT E'${"\\'".repeat(1_000_000)}');`;
  expect(isPlainSql(long)).toBe(true);
  expect(isPlainSql(`${long}\\! echo`)).toBe(false);
});

const sqlOf = async (dump: Buffer, chunk = dump.length, table = "t"): Promise<string> => {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < dump.length; at += chunk) yield dump.subarray(at, at + chunk);
  }
  const found: Uint8Array[] = [];
  for await (const piece of tableSql(chunks(), table)) found.push(piece);
  return Buffer.concat(found).toString();
};

const ROWS = "1\tx\n2\t\\\\.\n\\\\x\n.\\\\\n";
test.each([1, 2, 3, 7, 100])("rows end where they end, however they come: pieces of %i bytes", async (size) => {
  const next = seeded(size);
  const blocks: Buffer[] = [];
  const all = Buffer.from(`${ROWS}\\.\n\n\n`);
  for (let at = 0; at < all.length;) {
    const length = 1 + Math.floor(next() * size);
    blocks.push(all.subarray(at, at + length));
    at += length;
  }
  const sql = await sqlOf(dumpWith(blocks), size);
  expect(sql.endsWith(`COPY t (line) FROM stdin;\n${ROWS}\\.\n`)).toBe(true);
});

/** Its table data entry depends on its table, as pg_dump writes it. */
const dumpWith = (blocks: readonly Buffer[], more: readonly DumpEntry[] = []): Buffer => smallDump(more, blocks);

test.each([
  ["a command behind the rows", "a\n\\.\n\\! echo\n"],
  ["a statement behind the rows", "a\n\\.\nDROP TABLE t;\n"],
  ["a command on the rows' last line", "a\n\\.\\! echo\n"],
  ["a command right at the beginning", "\\.\n\\! echo\n"],
])("%s is no row of the table", async (_name, rows) => {
  for (const size of [1, 2, 3, 1000]) {
    const blocks = (rows.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? []).map((piece) => Buffer.from(piece));
    await expect(sqlOf(dumpWith(blocks))).rejects.toMatchObject({ code: "DumpUnreadable" });
  }
});

test.each([
  ["a command in its definition", { definition: "CREATE TABLE t (line text);\n\\! echo\n" }, "TableNotPlain"],
  [
    "a command in the statement for its rows",
    { copy: "COPY t (line) FROM stdin;\n\\! echo\nCOPY t FROM stdin;\n" },
    "TableNotPlain",
  ],
  ["another encoding", { encoding: "SET client_encoding = 'SJIS';\n" }, "TableNotPlain"],
  ["a command in its encoding", { encoding: "SET client_encoding = 'UTF8';\n\\! echo\n" }, "DumpUnreadable"],
])(
  "%s is refused",
  async (
    _name,
    {
      definition = "CREATE TABLE t (line text);\n",
      copy = "COPY t (line) FROM stdin;\n",
      encoding = ENCODING.definition,
    }: { definition?: string; copy?: string; encoding?: string | undefined },
    code,
  ) => {
    const dump = dumpHead([
      { ...ENCODING, ...(encoding === undefined ? {} : { definition: encoding }) },
      { id: 2, kind: "TABLE", tag: "t", definition },
      { id: 3, kind: "TABLE DATA", tag: "t", copy, needs: [2] },
    ]);
    await expect(sqlOf(dump)).rejects.toMatchObject({ code });
  },
);

test("a name can't leave its line in the file's heading", async () => {
  const dump = dumpHead([
    ENCODING,
    { id: 2, kind: "TABLE", tag: "t\n\\! echo", definition: 'CREATE TABLE "t x" ();\n' },
  ]);
  expect(await sqlOf(dump, dump.length, "t\n\\! echo")).not.toMatch(/^\\/m);
});

test.each([14, 15, 16])("what compresses the data is read from the head, version 1.%i", (minor) => {
  expect(compressionOf(parseToc(dumpHead([ENCODING], minor)))).toBe("none");
});
test.each([
  [1, "gzip"],
  [2, "lz4"],
  [3, "zstd"],
])("and %i is %s", async (algorithm, name) => {
  const dump = dumpHead([ENCODING, { id: 2, kind: "TABLE", tag: "t", definition: "CREATE TABLE t ();\n" }], 16);
  dump[11] = algorithm;
  expect(compressionOf(parseToc(dump))).toBe(name);
  if (algorithm > 1)
    await expect(sqlOf(dump)).rejects.toMatchObject({
      code: "TableNotPlain",
      message: expect.stringContaining(`compressed with ${name}`),
    });
});

test("data that end too early are damage, not a shorter table", async () => {
  const dump = smallDump();
  await expect(sqlOf(dump.subarray(0, dump.length - 100))).rejects.toMatchObject({ code: "DumpUnreadable" });
});
