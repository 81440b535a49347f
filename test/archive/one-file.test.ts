/** One file of a snapshot as an archive: its bytes themselves, whatever its key. */
import { safeName } from "../../lambda/archive/archive-names";
import { archive as archiveTask } from "../../lambda/database-task/archive";
import type { TaskContext } from "../../lambda/database-task/task-context";
import { bytesOf, seeded } from "../pack/support";
import {
  fakeCollaborators,
  PRIMARY_BUCKET,
  REPLICA_BUCKET,
  TRANSFER_BUCKET,
  type FakeCollaborators,
} from "../support/collaborators";
import { must } from "../support/must";
import { strangeKeys } from "../support/strange-keys";
import { archiveBytes, ask, begin, buildAll, item, make, seal } from "./archive-fixture";
import { build } from "../../lambda/archive/build-archive";

let c: FakeCollaborators;
beforeEach(() => {
  c = fakeCollaborators();
});
const get = async (file: string, archiveId: string): Promise<Buffer> => {
  const { key } = await ask(c, "one_file", { file }, archiveId);
  expect((await build(c, { archiveId })).outcome).toBe("done");
  return c.store.bytes(TRANSFER_BUCKET, key);
};

test.each([11, 12, 13])(
  "every file of a snapshot fetched by itself is what was stored, seed %i",
  async (seed) => {
    const next = seeded(seed);
    const lengths = [0, 1, 511, 512, 513, 100_000];
    const files = new Map(
      strangeKeys(next, 120).map((key, n) => [key, bytesOf(next, lengths[n] ?? Math.floor(next() * 3_000))]),
    );
    const { files: held } = await seal(c, {
      files,
      partLines: 17,
      packOf: (_key, number) => number % 3,
      isDead: (_key, number) => number % 10 === 9,
    });
    let [given, dead] = [0, 0];
    for (const [key, bytes] of files) {
      const id = `archive-${given + dead}`;
      try {
        expect((await get(key, id)).equals(bytes)).toBe(true);
        given++;
      } catch (error) {
        expect(error).toMatchObject({ code: "FileNotInSnapshot" });
        dead++;
      }
    }
    expect([given, dead]).toEqual([held.count, files.size - held.count]);
  },
  120_000,
);

const files = new Map([
  ["a/report 2026.csv.gz", Buffer.from("A")],
  ["b", Buffer.from("B".repeat(5_000))],
]);

test("it is named after the key's last part, and stored where no name can do harm", async () => {
  await seal(c, { files });
  await make(c, "files_only");
  const one = await ask(c, "one_file", { file: "a/report 2026.csv.gz" }, "archive-2");
  expect(one).toMatchObject({
    fileName: "report 2026.csv.gz",
    key: "archives/archive-2/one_file",
    file: "a/report 2026.csv.gz",
  });
});

test.each([
  ["../../etc/passwd", "passwd"],
  ["..", "file"],
  [".", "file"],
  ["/", "file"],
  ["///", "file"],
  ["a/.htaccess", "_htaccess"],
  ["a/-rf", "_rf"],
  ["a\r\nSet-Cookie: x", "a__Set-Cookie_ x"],
  ['a";filename="b.exe', "a_;filename=_b.exe"],
  ["C:\\db\\x", "C__db_x"],
  ["größe €.txt", "größe €.txt"],
  ["a/\u202Egnp.exe", "_gnp.exe"],
  ["name. . .", "name"],
  [`${"é".repeat(500)}.tar`, `${"é".repeat(98)}.tar`],
  ["\u{1f600}".repeat(256), "\u{1f600}".repeat(50)],
])("the name for %j is %j", (key, name) => {
  expect(safeName(key.split("/").findLast((part) => part !== "") ?? "")).toBe(name);
});

test("asking again is the same archive, and an id stands for one file alone", async () => {
  await seal(c, { files });
  const first = await ask(c, "one_file", { file: "b" });
  expect(await ask(c, "one_file", { file: "b" })).toEqual(first);
  for (const [type, part] of [
    ["one_file", { file: "a/report 2026.csv.gz" }],
    ["one_table", { table: "b" }],
    ["files_only", {}],
  ] as const)
    await expect(ask(c, type, part)).rejects.toMatchObject({ code: "ArchiveIdTaken" });
});

test("what isn't there, or was missing, leaves nothing behind", async () => {
  await seal(c, { files, missing: ["gone"] });
  await expect(ask(c, "one_file", { file: "c" })).rejects.toMatchObject({ code: "FileNotInSnapshot" });
  await expect(ask(c, "one_file", { file: "gone" })).rejects.toMatchObject({ code: "FileMissing" });
  expect(await c.catalog.getArchive("archive-1")).toBeUndefined();
  expect(c.workflows.started).toEqual([]);
});

test("a pack that the region no longer gives is read from the other; one that neither gives is a damaged snapshot", async () => {
  const manifest = await seal(c, { files });
  const { key } = must(manifest.files.packs[0]);
  spoil(PRIMARY_BUCKET, key);
  expect((await make(c, "one_file", {}, { file: "b" })).equals(must(files.get("b")))).toBe(true);

  c = fakeCollaborators();
  await seal(c, { files });
  spoil(PRIMARY_BUCKET, key);
  spoil(REPLICA_BUCKET, key);
  await expect(make(c, "one_file", {}, { file: "b" })).rejects.toThrow(/^The snapshot is damaged/);
  expect((await c.store.list(TRANSFER_BUCKET, { prefix: "" })).objects).toEqual([]);
});

test("a file too large for the function is the task's, which makes the same", async () => {
  await seal(c, { files });
  await ask(c, "one_file", { file: "b" });
  await begin(c);
  expect((await buildAll(c, { functionBytes: 4_999 })).outcome).toBe("task");
  await archiveTask(c as unknown as TaskContext, "archive-1");
  expect((await buildAll(c, { functionBytes: 4_999 })).outcome).toBe("done");
  expect((await archiveBytes(c)).equals(must(files.get("b")))).toBe(true);
  expect(await item(c)).toMatchObject({ state: "completed", size: 5_000, bytesDone: 5_000 });
});

const spoil = (bucket: string, key: string): void => {
  const [version] = (bucket === PRIMARY_BUCKET ? c.store : c.replicaStore).versions(bucket, key);
  Object.assign(must(version), { body: Buffer.alloc(must(version).body?.length ?? 0, 0x55) });
};
