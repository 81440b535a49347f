/** The parts of unpacking, each at its own limits. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { PackWriter } from "../../lambda/pack/pack-writer";
import { compareKeys } from "../../lambda/pack/key-order";
import type { IndexEntry } from "../../lambda/snapshot/file-index";
import type { IndexPartEntry, PackEntry } from "../../lambda/snapshot/manifest";
import { parseMetadata } from "../../lambda/upload/archive-metadata";
import { ByteReader } from "../../lambda/upload/byte-reader";
import { DumpScanner } from "../../lambda/upload/dump-scanner";
import { gunzipUpload } from "../../lambda/upload/gzip-source";
import { failedUploadExpiry } from "../../lambda/upload/failed-expiry";
import { rolesOfPolicy } from "../../lambda/upload/policy-roles";
import { quoted, UploadRefused } from "../../lambda/upload/refusal";
import { SegmentWindow } from "../../lambda/upload/segment-window";
import { SortedRuns } from "../../lambda/upload/sorted-runs";
import { dealOut } from "../../lambda/upload/stored-contents";
import { tarEntries } from "../../lambda/upload/tar-entries";
import { fakeCollaborators, PRIMARY_BUCKET, seededRandomness } from "../support/collaborators";
import { dumpHead, dumpWithRows, ENCODING } from "./dump-maker";
import { directory, file, pax, tar, treeName, uuid } from "./tar-maker";

const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "upload-parts-"));
  folders.push(folder);
  return folder;
};
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

const gathered = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};
const shuffled = (count: number): number[] => Array.from({ length: count }, (_, n) => (n * 7919) % count);

test.each([0, 1, 99, 100, 101, 5000])(
  "%i lines are sorted through runs that are merged again and again",
  async (count) => {
    const folder = newFolder();
    const runs = new SortedRuns<{ key: string; n: number }>(folder, { lines: 100, fanIn: 3 });
    const keys = shuffled(count).map((n) => (n % 5 === 0 ? `\u{1d4b3}${n}\u2028"\n` : `\ufffd${n}`));
    for (const [n, key] of keys.entries()) await runs.add({ key, n });
    expect(readdirSync(folder).length).toBeLessThan(16);
    const sorted = await gathered(runs.sorted());
    expect(sorted.map(({ key }) => key)).toEqual(keys.toSorted(compareKeys));
    expect(new Set(sorted.map(({ n }) => n)).size).toBe(count);
    expect(runs.count).toBe(count);
  },
);

test("files in any order become packs in key order, large ones each in a pack of its own", async () => {
  const { store, clock } = fakeCollaborators();
  const random = seededRandomness();
  const index: IndexEntry[] = [];
  const lock = { mode: "GOVERNANCE" as const, until: new Date(clock.now().getTime() + 1e9) };
  const place = { replication: "replicated" as const, environmentId: "e" };
  const window = new SegmentWindow(
    newFolder(),
    {
      newPack: () =>
        new PackWriter(store, { bucket: PRIMARY_BUCKET, place, lock, packId: Buffer.from(random(6)).toString("hex") }),
      onEntry: (entry) => void index.push(entry),
    },
    { bytes: 3_000_000, segments: 40 },
  );
  const contents = new Map<string, Buffer>();
  for (const n of shuffled(150)) {
    const size = n === 70 ? 1_600_000 : n === 71 ? 1_200_000 : n * 11;
    contents.set(uuid(n), Buffer.from(random(size)));
  }
  for (const [key, body] of contents) await window.add(key, body.length, Readable.from([body], { objectMode: true }));
  const packs = await window.finish();
  await window.close();
  expect(packs.length).toBeGreaterThanOrEqual(5);
  const found = new Map<string, Buffer>();
  for (const pack of packs) {
    const input = store.bytes(PRIMARY_BUCKET, pack.key);
    const names = execFileSync("tar", ["-tzf", "-"], { input, encoding: "utf8" }).trim().split("\n");
    expect(names).toEqual(names.toSorted());
    expect(names).toHaveLength(pack.segments);
    expect(index.filter((entry) => entry.pack === pack.packId)).toHaveLength(pack.segments);
    const folder = newFolder();
    execFileSync("tar", ["-xzf", "-", "-C", folder], { input });
    for (const name of names) found.set(name, readFileSync(join(folder, name)));
  }
  expect(found.size).toBe(150);
  for (const [key, body] of contents) expect(found.get(treeName(key))?.equals(body)).toBe(true);
});

test("a dump is followed whatever the size of its pieces, large objects too", async () => {
  const dump = Buffer.concat(await gathered(dumpWithRows(5000, 30)));
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(5);
    bytes.writeUInt32LE(value, 1);
    return bytes;
  };
  const objects = { id: 4, kind: "BLOBS", tag: "BLOBS", copy: "" };
  const blobs = Buffer.concat([
    dumpHead([ENCODING, objects]),
    Buffer.from([3]),
    ...[4, 4711, 3].map(number),
    Buffer.from("abc"),
    ...[0, 4712, 0, 0].map(number),
  ]);
  for (const whole of [dump, blobs])
    for (const size of [1, 7, 4096, whole.length]) {
      const scanner = new DumpScanner(15);
      for (let at = 0; at < whole.length; at += size) scanner.feed(whole.subarray(at, at + size));
      expect(scanner.finish()).toMatchObject({ size: whole.length, head: { encoding: "UTF8", dumpVersion: "15.4" } });
    }
});

test.each([
  [14, 15, true],
  [15, 15, false],
  [15, 16, true],
  [16, 16, false],
  [16, 17, true],
  [17, 18, false],
])("format 1.%i with programs of version %i: read is %s", (minor, major, isRead) => {
  const scanner = new DumpScanner(major);
  const dump = dumpHead(
    [ENCODING, { id: 2, kind: "EXTENSION", tag: "citext" }, { id: 3, kind: "EVENT TRIGGER", tag: "e" }],
    minor,
  );
  const read = (): unknown => {
    scanner.feed(dump);
    return scanner.finish().head;
  };
  if (isRead) expect(read()).toMatchObject({ extensions: ["citext"], customisations: ["1 event trigger"] });
  else expect(read).toThrow(UploadRefused);
});

test.each([
  ["CREATE POLICY p ON public.t USING (true);\n", []],
  ["CREATE POLICY p ON public.t FOR SELECT TO reader USING (true);\n", ["reader"]],
  [
    'CREATE POLICY "a ON b TO c" ON "s.t"."x TO y" AS RESTRICTIVE FOR ALL TO "App Reader", other USING (true);\n',
    ["App Reader", "other"],
  ],
  ['CREATE POLICY p ON t TO "say ""hi""" WITH CHECK ((name = \'TO x\'::text));\n', ['say "hi"']],
  ["CREATE POLICY p ON public.t TO PUBLIC;\n", []],
  ["ALTER TABLE x;", []],
  ["", []],
])("the roles of %j", (definition, roles) => {
  expect(rolesOfPolicy(definition)).toEqual(roles);
});

test("what GNU tar, bsdtar and old programs write is read", async () => {
  const long = `tree/${"k".repeat(2)}/${"k".repeat(2)}/${"k".repeat(150)}`;
  const archive = tar(
    directory("tree/"),
    pax({ mtime: "1.5", "SCHILY.xattr.user.x": "y", "LIBARCHIVE.creationtime": "1" }),
    file("a", "1"),
    file("././@LongLink", `${long}\0`, { type: "L" }),
    file(long.slice(0, 100), "22", { magic: "ustar  \0" }),
    pax({ comment: "made by hand" }, "g"),
    pax({ path: long, size: "3" }),
    file("short", "333"),
    file("old", "4444", { magic: "\0\0\0\0\0\0\0\0", type: "\0" }),
    file("contiguous", "", { type: "7" }),
    file("name", "5", { prefix: "with/a" }),
    file("base256", "66", { size: Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]) }),
    Buffer.alloc(512 * 15),
  );
  const reader = new ByteReader(Readable.from([archive.subarray(0, 700), archive.subarray(700)]));
  const found: [string, number, string][] = [];
  for await (const { name, size, content, isDirectory } of tarEntries(reader)) {
    if (!isDirectory) found.push([name, size, Buffer.concat(await gathered(content)).toString()]);
  }
  expect(found).toEqual([
    ["a", 1, "1"],
    [long, 2, "22"],
    [long, 3, "333"],
    ["old", 4, "4444"],
    ["contiguous", 0, ""],
    ["with/a/name", 1, "5"],
    ["base256", 2, "66"],
  ]);
});

test("content is read once, as far as somebody reads it, and what stops the source is told as it is", async () => {
  const archive = tar(
    file("half", "a".repeat(100_000)),
    file("none", "b".repeat(70_000)),
    file("empty"),
    file("z", "c"),
  );
  const pieces = (stopAt: number) =>
    (async function* () {
      for (let at = 0; at < archive.length; at += 4096) {
        if (at >= stopAt) throw new TypeError("The connection was lost.");
        yield archive.subarray(at, at + 4096);
      }
    })();
  const read = async (stopAt: number): Promise<string[]> => {
    const found: string[] = [];
    for await (const { name, content } of tarEntries(new ByteReader(pieces(stopAt)))) {
      let length = 0;
      for await (const piece of name === "none" ? [] : content) {
        length += piece.length;
        if (name === "half" && length > 50_000) break;
      }
      found.push(`${name} ${length > 50_000 ? "partly" : length}`);
    }
    return found;
  };
  expect(await read(Infinity)).toEqual(["half partly", "none 0", "empty 0", "z 1"]);
  for (const stopAt of [4096, 60_000, 120_000, 172_000])
    await expect(read(stopAt)).rejects.toThrow(new TypeError("The connection was lost."));
});

test("gzip data ends where it ends, whatever the size of its pieces", async () => {
  const member = gzipSync("content");
  const read = async (bytes: Buffer, size: number): Promise<string> => {
    const pieces = (from: number): AsyncIterable<Uint8Array> =>
      Readable.from(
        Array.from({ length: Math.ceil((bytes.length - from) / size) }, (_, n) =>
          bytes.subarray(from + n * size, Math.min(bytes.length, from + (n + 1) * size)),
        ),
      );
    return Buffer.concat(await gathered(gunzipUpload(pieces(0), bytes.length, pieces))).toString();
  };
  for (const size of [1, 2, 10, member.length - 1, member.length, member.length + 1, 4096]) {
    expect(await read(member, size)).toBe("content");
    expect(await read(Buffer.concat([member, member]), size)).toBe("contentcontent");
    expect(await read(Buffer.concat([member, Buffer.alloc(600)]), size)).toBe("content");
    for (const after of ["x", "\u001f", "xxxxxxxxxxxxxxxxxxxx", "\0x", `${"\0".repeat(599)}x`])
      await expect(read(Buffer.concat([member, Buffer.from(after)]), size)).rejects.toThrow(UploadRefused);
    for (const cut of [1, 4, 8, 9, member.length - 3])
      await expect(read(member.subarray(0, -cut), size)).rejects.toThrow(/ends too early/);
  }
});

test("of .metadata only what can be true is kept", () => {
  const parse = (value: unknown) => parseMetadata(Buffer.from(JSON.stringify(value)));
  expect(parse({})).toEqual({ modelVersion: "", databaseSize: null });
  expect(parse({ modelVersion: "9.1", databaseSize: "123", dumpSize: "x" })).toEqual({
    modelVersion: "9.1",
    databaseSize: 123,
  });
  for (const databaseSize of ["-1", "1e9", "0", "99999999999999999", "many", ""])
    expect(parse({ databaseSize })).toMatchObject({ databaseSize: null });
  expect(parse({ modelVersion: "x".repeat(101) })).toMatchObject({ modelVersion: "" });
  expect(parse({ modelVersion: "a\nb" })).toMatchObject({ modelVersion: "" });
});

test("thousands of packs and parts are dealt out to items that the catalog takes", () => {
  const packs = Array.from({ length: 3001 }, (_, n) => ({ packId: `p${n}` }) as PackEntry);
  const parts = Array.from(
    { length: 250 },
    (_, n) => ({ firstKey: `k${1000 + n}`, lastKey: `k${1000 + n}z` }) as IndexPartEntry,
  );
  const { plan, shards } = dealOut(parts, packs);
  expect(shards.flatMap((shard) => shard.packs)).toEqual(packs);
  expect(shards.flatMap((shard) => shard.parts)).toEqual(parts);
  expect(plan.shards).toHaveLength(shards.length);
  expect(shards.every(({ packs: own, parts: some, done }) => done && own.length <= 100 && some.length <= 100)).toBe(
    true,
  );
  expect(plan.shards[0]).toEqual({ from: null, to: "k1100" });
  expect(plan.shards.at(-1)).toMatchObject({ to: null });
  for (const [n, range] of plan.shards.entries()) expect(range.from).toBe(plan.shards[n - 1]?.to ?? null);
  expect(dealOut([], [])).toMatchObject({ plan: { shards: [{ from: null, to: null }] }, shards: [{ done: true }] });
});

test("the item of a failed upload goes when nothing of it can be locked any more", () => {
  const now = new Date("2026-12-05T00:00:00Z");
  const refused = { name: "UploadRefused", message: "", retryable: false };
  const other = { ...refused, name: "StoreUnavailable" };
  expect(failedUploadExpiry({ failure: refused }, now)).toEqual(new Date("2026-12-06T00:00:00Z"));
  expect(failedUploadExpiry(undefined, now)).toEqual(new Date("2026-12-06T00:00:00Z"));
  expect(failedUploadExpiry({ failure: other }, now)?.getTime()).toBeGreaterThan(now.getTime() + 48 * 3_600_000);
  expect(failedUploadExpiry({ failure: other, sealing: true }, now)).toBeUndefined();
});

test("names out of an upload are harmless in a sentence", () => {
  expect(quoted('a"b\n\u202ec\u0000')).toBe(String.raw`"a\"b\n?c\u0000"`);
  expect(quoted("x".repeat(5000)).length).toBeLessThan(130);
});
