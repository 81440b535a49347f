import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PackWriter } from "../../lambda/pack/pack-writer";
import { segmentOf } from "../../lambda/pack/segment";
import { keyOfTarPath, tarPath } from "../../lambda/pack/tar-path";
import { BUCKET, bytesOf, LOCK, PLACE, primaryStore, seeded, sha256, uuid } from "./support";

const folder = mkdtempSync(join(tmpdir(), "pack-"));
afterAll(() => rmSync(folder, { recursive: true }));

const HOSTILE = [
  "../../escape",
  "/absolute",
  "..",
  ".",
  "a\nb",
  "ü/\u{1f600}",
  "-rf",
  "x".repeat(900),
  "a%2Fb",
  "dir/",
  "dir/file",
  "*?[",
  "C:\\con",
  " ",
  "~root",
  "\u202eexe",
];

async function pack(): Promise<{ file: string; files: Map<string, Buffer> }> {
  const next = seeded(42);
  const files = new Map<string, Buffer>();
  for (let i = 0; i < 60; i++) files.set(uuid(next), bytesOf(next, Math.floor(next() ** 4 * 200_000)));
  for (const key of HOSTILE) files.set(key, Buffer.from(`content of ${key}`));
  const store = primaryStore();
  const writer = new PackWriter(store, { bucket: BUCKET, place: PLACE, packId: "p1", lock: LOCK });
  for (const [key, content] of files) await writer.add(segmentOf(key, content));
  const entry = await writer.finish();
  const bytes = store.bytes(BUCKET, entry.key);
  expect(entry).toMatchObject({
    key: "replicated/shop-production/packs/p1.tar.gz",
    size: bytes.length,
    sha256: sha256(bytes),
    segments: 76,
    liveSegments: 76,
  });
  expect(store.versions(BUCKET, entry.key)[0]?.lock).toEqual(LOCK);
  const file = join(folder, "pack.tar.gz");
  writeFileSync(file, bytes);
  return { file, files };
}

/** Path in the archive → content, of everything below a folder. */
function tree(root: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const item of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!item.isFile()) continue;
    const path = join(item.parentPath, item.name);
    found.set(path.slice(root.length + 1), sha256(readFileSync(path)));
  }
  return found;
}
const expected = (files: Map<string, Buffer>): Map<string, string> =>
  new Map([...files].map(([key, content]) => [tarPath(key), sha256(content)]));

describe("a pack is a valid .tar.gz of one member", () => {
  test.each([
    ["GNU tar", "tar"],
    ["bsdtar", "bsdtar"],
  ])("%s unpacks it without a word", async (_name, program) => {
    if (spawnSync(program, ["--version"]).error !== undefined && program !== "tar") return; // not on every machine
    const { file, files } = await pack();
    const target = join(folder, program);
    mkdirSync(target);
    const run = spawnSync(program, ["xzf", file, "-C", target], { encoding: "utf8" });
    expect([run.status, run.stderr]).toEqual([0, ""]);
    expect(tree(target)).toEqual(expected(files));
    expect(new Set([...tree(target).keys()].map(keyOfTarPath))).toEqual(new Set(files.keys()));
  });

  test.each(["r:gz", "r|gz"])("Python's tarfile reads it with %s", async (mode) => {
    const { file, files } = await pack();
    const script = `
import hashlib, json, sys, tarfile
with tarfile.open(sys.argv[1], sys.argv[2]) as tar:
    print(json.dumps({m.name: hashlib.sha256(tar.extractfile(m).read()).hexdigest() for m in tar}))`;
    const run = spawnSync("python3", ["-c", script, file, mode], { encoding: "utf8" });
    expect(run.stderr).toBe("");
    expect(new Map(Object.entries(JSON.parse(run.stdout) as Record<string, string>))).toEqual(expected(files));
  });

  test("gzip finds the length and the checksum right", async () => {
    const { file } = await pack();
    expect(spawnSync("gzip", ["-t", file], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  });
});
