/** `files`, `get` and `table`, from the command to the bytes: the archive function makes them while the command waits. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { archiveStep } from "../../lambda/archive/archive.handler";
import { PRODUCTION, SNAPSHOTS } from "../support/api-world";
import { must } from "../support/must";
import { withContents } from "../support/stored-contents";
import { smallDump } from "../upload/dump-maker";
import { type ApiCommandLine, startApiCommandLine } from "./api-fixture";

const SNAPSHOT = must(SNAPSHOTS[0]).snapshotId;
const KEYS = ["a/1", "a/2 ü.txt", "a/3\n\u001b[31m", " b", "../../c", "-x"];
const contentOf = (key: string): Buffer => Buffer.from(`content of ${key}`.repeat(1000));

let line: ApiCommandLine;
let folder: string;
beforeEach(async () => {
  line = await startApiCommandLine();
  line.person = "restorer";
  folder = mkdtempSync(join(tmpdir(), "backups-contents-"));
  const files = new Map(KEYS.map((key) => [key, contentOf(key)]));
  files.set("empty", Buffer.alloc(0));
  await withContents(line.world.fakes, PRODUCTION, SNAPSHOT, { files, missing: ["gone"], dump: smallDump() });
  line.onSleep = async () => {
    const { fakes } = line.world;
    const { archiveId } = must(fakes.workflows.started.at(-1)).input as { archiveId: string };
    const ids = { archiveId, executionArn: "arn:aws:states:eu-central-1:111111111111:execution:archive:x" };
    try {
      await archiveStep({ step: "begin", ...ids }, fakes);
      await archiveStep({ step: "build", ...ids }, fakes);
    } catch (error) {
      const { name, message } = error as Error;
      await archiveStep(
        {
          step: "fail",
          ...ids,
          error: { Error: name, Cause: JSON.stringify({ errorType: name, errorMessage: message }) },
        },
        fakes,
      );
    }
  };
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await line.close();
});
const to = (): string => join(folder, "it");

test("lists files in lines of one line each, whatever their keys, and finds the snapshot's environment itself", async () => {
  expect(await line.run("files", SNAPSHOT)).toBe(0);
  expect(line.out.map((one) => one.split(/ {2,}/).at(-1))).toEqual([
    "KEY",
    '" b"',
    "-x",
    "../../c",
    "a/1",
    "a/2 ü.txt",
    String.raw`"a/3\n\u001b[31m"`,
    "empty",
    "gone",
  ]);
  expect(line.out.at(-1)).toMatch(/^ *missing/);
  expect(line.err).toEqual([]);
});

test("by prefix and by pages, and as JSON", async () => {
  expect(await line.run("files", SNAPSHOT, "a/", "--limit", "2", "--environment", PRODUCTION)).toBe(0);
  expect(line.out).toHaveLength(3);
  expect(line.err).toEqual(['There are more: give --limit a larger number, or --after "a/2 ü.txt".']);
  line.clear();
  expect(await line.run("files", SNAPSHOT, "a/", "--after", "a/2 ü.txt", "--json")).toBe(0);
  expect(line.document()).toMatchObject({
    files: [{ key: KEYS[2], size: contentOf(must(KEYS[2])).length }],
    next: null,
  });
  line.clear();
  expect(await line.run("files", SNAPSHOT, "zzz")).toBe(0);
  expect(line.out).toEqual([`Snapshot ${SNAPSHOT} has no files whose keys begin with zzz.`]);
});

test.each([...KEYS.filter((key) => key !== "-x"), "empty"])("get %j keeps its very bytes", async (key) => {
  expect(await line.run("get", SNAPSHOT, key, "--to", to())).toBe(0);
  expect(readFileSync(to()).equals(key === "empty" ? Buffer.alloc(0) : contentOf(key))).toBe(true);
  expect(existsSync(`${to()}.part`)).toBe(false);
  expect(line.out.at(-1)).toMatch(/holds the file .* of snapshot/);
});
test("a key that begins with a dash stands behind --", async () => {
  expect(await line.run("get", "--to", to(), "--", SNAPSHOT, "-x")).toBe(0);
  expect(readFileSync(to()).equals(contentOf("-x"))).toBe(true);
});

test("a connection that breaks is taken up where it was, and what an earlier command left is no part of it", async () => {
  writeFileSync(`${to()}.part`, "something else");
  line.storage.fault = ({ number }) => (number === 1 ? "cut" : "none");
  expect(await line.run("get", SNAPSHOT, "a/1", "--to", to())).toBe(0);
  expect(readFileSync(to()).equals(contentOf("a/1"))).toBe(true);
});

test("table is SQL for psql", async () => {
  expect(await line.run("table", SNAPSHOT, "t", "--to", to())).toBe(0);
  expect(readFileSync(to(), "utf8")).toMatch(
    /CREATE TABLE t \(line text\);\n[\s\S]*COPY t \(line\) FROM stdin;\n(a line\n){1500}\\\.\n$/,
  );
});

test.each([
  [["get", SNAPSHOT, "nowhere"], 1, /holds no file with the key "nowhere"/],
  [["get", SNAPSHOT, "gone"], 1, /missing in storage/],
  [["table", SNAPSHOT, "nowhere"], 1, /has no table "nowhere": it has/],
  [["get", "10000000-0000-8000-8000-00000000ffff", "a/1"], 1, /No environment on which you have a role has a snapshot/],
])("%j ends with %i and a sentence, and leaves nothing behind", async (args, code, sentence) => {
  expect(await line.run(...args, "--to", to())).toBe(code);
  expect(line.err.join("\n")).toMatch(sentence);
  expect(existsSync(to()) || existsSync(`${to()}.part`)).toBe(false);
});

test("a file that exists is not replaced unless that is said", async () => {
  writeFileSync(to(), "mine");
  expect(await line.run("get", SNAPSHOT, "a/1", "--to", to())).toBe(2);
  expect(line.err).toEqual([expect.stringMatching(/exists; give --to another name, or --force/)]);
  expect(readFileSync(to(), "utf8")).toBe("mine");
  expect(line.world.fakes.workflows.started).toEqual([]);
  expect(await line.run("get", SNAPSHOT, "a/1", "--to", to(), "--force")).toBe(0);
  expect(readFileSync(to()).equals(contentOf("a/1"))).toBe(true);
});

test("--to is needed, and whoever may only look is told so", async () => {
  expect(await line.run("get", SNAPSHOT, "a/1")).toBe(2);
  line.person = "reader";
  line.variables = {};
  line.clear();
  for (const args of [
    ["files", SNAPSHOT],
    ["get", SNAPSHOT, "a/1", "--to", to()],
  ])
    expect(await line.run(...args)).toBe(1);
  expect(line.world.fakes.workflows.started).toEqual([]);
});

test("--to - writes the bytes to standard output, and sentences to standard error", async () => {
  const output = new PassThrough();
  const pieces: Buffer[] = [];
  output.on("data", (piece: Buffer) => pieces.push(piece));
  line.standardOutput = () => output;
  expect(await line.run("get", SNAPSHOT, "a/1", "--to", "-")).toBe(0);
  expect(Buffer.concat(pieces).equals(contentOf("a/1"))).toBe(true);
  expect(line.out).toEqual([]);
  expect(line.err.at(-1)).toMatch(/were written to standard output\.$/);
});
