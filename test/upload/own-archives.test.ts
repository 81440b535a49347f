/** What a backup takes, a download carries and an upload takes back: whatever a key may be. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { flat, isMissing, readIndex } from "../../lambda/pack/index-io";
import { keyOfTarPath } from "../../lambda/pack/tar-path";
import { make, seal } from "../archive/archive-fixture";
import { seeded } from "../pack/support";
import { fakeCollaborators, PRIMARY_BUCKET, type FakeCollaborators } from "../support/collaborators";
import { strangeKeys } from "../support/strange-keys";
import { testProgram } from "../support/test-programs";
import { dumpWithRows } from "./dump-maker";
import { ENVIRONMENT, manifestOf, runUpload, uploadBytes, uploadWorld } from "./upload-fixture";

const SEED = 20_261_130;
const COUNT = 2_000;
const contentOf = (key: string, number: number): Buffer => Buffer.from(`${number} `.repeat(number % 90) + key);
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

let files: ReadonlyMap<string, Buffer>;
let expected: Readonly<Record<string, string>>;
let archive: Buffer;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "own-archives-"));
  const pieces: Buffer[] = [];
  for await (const piece of dumpWithRows(10, 50)) pieces.push(piece);
  files = new Map(strangeKeys(seeded(SEED), COUNT).map((key, number) => [key, contentOf(key, number)]));
  expected = Object.fromEntries([...files].map(([key, content]) => [`key ${key}`, sha256(content)]));
  const world = fakeCollaborators();
  await seal(world, { files, dump: Buffer.concat(pieces), packOf: (_, number) => number % 3 });
  archive = await make(world);
  writeFileSync(join(folder, "archive.tar.gz"), archive);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const indexOf = async (world: FakeCollaborators, manifest: Awaited<ReturnType<typeof manifestOf>>) => {
  const found: Record<string, string> = {};
  for await (const line of flat(readIndex(world.store, PRIMARY_BUCKET, manifest.files.index)))
    found[`key ${line.key}`] = isMissing(line) ? "missing" : line.sha256;
  return found;
};

test(`an archive of ${COUNT} files with strange keys uploads, and is the same snapshot`, async () => {
  expect(files.size).toBe(COUNT);
  const world = await uploadWorld();
  const { snapshot, reason } = await runUpload(world, await uploadBytes(world, archive));
  expect(reason).toBeUndefined();
  expect(snapshot).toMatchObject({ environmentId: ENVIRONMENT, state: "completed", fileCount: COUNT });
  expect(await indexOf(world, await manifestOf(world, snapshot))).toEqual(expected);
});

const PYTHON = `
import sys, tarfile
with tarfile.open(sys.argv[1]) as archive: archive.extractall(sys.argv[2], filter="data")`;

test.each([
  ["GNU tar", "tar", ["-xzf", "ARCHIVE", "-C", "FOLDER"]],
  ["bsdtar", "bsdtar", ["-xzf", "ARCHIVE", "-C", "FOLDER"]],
  ["Python's tarfile", "python3", ["-c", PYTHON, "ARCHIVE", "FOLDER"]],
])("%s extracts it within its folder, with every key to be told from its path", (_, program, args) => {
  const around = mkdtempSync(join(folder, "extracted-"));
  const into = join(around, "one", "two");
  mkdirSync(into, { recursive: true });
  const places = { ARCHIVE: join(folder, "archive.tar.gz"), FOLDER: into } as Record<string, string>;
  execFileSync(
    program === "bsdtar" ? testProgram(program) : program,
    args.map((arg) => places[arg] ?? arg),
    {
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  const found: Record<string, string> = {};
  for (const name of readdirSync(around, { recursive: true, encoding: "utf8" })) {
    const path = join(around, name);
    if (lstatSync(path).isDirectory()) continue;
    const inside = relative(into, path);
    if (inside === ".metadata" || inside === "db/db.backup") continue;
    found[`key ${keyOfTarPath(inside) ?? `of no backup: ${inside}`}`] = sha256(readFileSync(path));
  }
  expect(found).toEqual(expected);
});
