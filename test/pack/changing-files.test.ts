/** Files that change, go or break off while they are read. */
import type { OpenFile } from "../../lambda/pack/file-source";
import { S3FileSource } from "../../lambda/pack/s3-file-source";
import { StoreUnavailable } from "../../lambda/storage/storage-errors";
import { KIB, night, SMALL, someFiles, summary, unpacked } from "./small-nights";
import { BUCKET, bytesOf, contents, MapSource, packNight, primaryStore, seeded } from "./support";

const next = seeded(1234);
const some = someFiles(next);

describe("a file that changes or goes while it is read", () => {
  /** Breaks reading `key` in ways that a test gives, once for each opening. */
  const misbehaving = (files: Map<string, Buffer>, key: string, ways: ((file: OpenFile) => OpenFile)[]): MapSource => {
    const source = new MapSource(files);
    const plain = source.open.bind(source);
    source.open = async (wanted) => {
      const file = await plain(wanted);
      const way = wanted === key ? ways.shift() : undefined;
      return way === undefined ? file : way(file);
    };
    return source;
  };
  const brokenAfter =
    (bytes: number) =>
    (file: OpenFile): OpenFile => ({
      ...file,
      body: (async function* () {
        let given = 0;
        for await (const chunk of file.body) {
          yield chunk.subarray(0, bytes - given);
          given += chunk.length;
          if (given >= bytes) throw new StoreUnavailable("the connection broke");
        }
      })(),
    });
  const shortBy =
    (bytes: number) =>
    (file: OpenFile): OpenFile => ({ ...file, size: file.size + bytes });

  test.each([2, 6 * KIB])("a small one (%d bytes) is read again from the start", async (size) => {
    const store = primaryStore();
    const files = some({ a: 10, b: size, c: 10 });
    const packed = await night(store, misbehaving(files, "b", [brokenAfter(1), shortBy(3)]), ["a", "b", "c"]);
    expect(summary(await contents(store, packed))).toEqual(summary(files));
    expect(unpacked(store).toSorted()).toEqual(summary(files));
  });

  test("after three tries the shard fails with one sentence, and nothing half packed is left", async () => {
    const store = primaryStore();
    const files = some({ a: 10, b: 2000, c: 10 });
    const attempt = (ways: ((file: OpenFile) => OpenFile)[]) =>
      night(store, misbehaving(files, "b", ways), ["a", "b", "c"]);
    await expect(attempt([shortBy(1), shortBy(1), shortBy(1)])).rejects.toMatchObject({
      name: "FileKeepsChanging",
      message: expect.stringMatching(/^The file "b" changed while it was read, 3 times;/),
    });
    await expect(
      packNight(store, {
        night: 2,
        keys: ["a", "b", "c"],
        source: misbehaving(files, "b", [brokenAfter(5), brokenAfter(5), brokenAfter(5)]),
        base: null,
        random: seeded(9),
        limits: SMALL,
      }),
    ).rejects.toMatchObject({ name: "FileUnreadable" });
    expect(store.versions(BUCKET).filter((version) => version.key.includes("/packs/"))).toEqual([]);
    expect(store.uploads(BUCKET)).toEqual([]);
  });

  test("that goes between two readings is missing", async () => {
    const store = primaryStore();
    const files = some({ a: 10, b: 2000, c: 10 });
    const packed = await night(store, misbehaving(files, "b", [(file) => (files.delete("b"), brokenAfter(5)(file))]), [
      "a",
      "b",
      "c",
    ]);
    expect(packed.missingKeys).toEqual(["b"]);
  });

  test.each([true, false])("a large one is resumed where it broke (versioned: %s)", async (versioned) => {
    const store = primaryStore();
    store.createBucket("files", { versioned });
    const content = bytesOf(next, 3_000_000);
    await store.put({ bucket: "files", key: "big", body: content });
    let given = 0;
    store.onBody = async function* (ref, body) {
      for await (const chunk of body) {
        yield chunk;
        if (ref.key === "big" && ++given % 10 === 0) throw new StoreUnavailable("cut");
      }
    };
    const packed = await night(store, new S3FileSource(store, { bucket: "files", prefix: "" }), ["big"]);
    store.onBody = undefined;
    expect(summary(await contents(store, packed))).toEqual(summary(new Map([["big", content]])));
    expect(given).toBeLessThan(60); // never from the start again
  });

  test("a large one that is overwritten in the middle is packed anew, and the first half is nowhere", async () => {
    const store = primaryStore();
    store.createBucket("files");
    const [before, after] = [bytesOf(next, 3_000_000), bytesOf(next, 2_000_000)];
    const put = (key: string, body: Buffer): Promise<unknown> => store.put({ bucket: "files", key, body });
    await put("a", Buffer.from("first"));
    await put("big", before);
    await put("c", Buffer.from("last"));
    let given = 0;
    store.onBody = async function* (ref, body) {
      for await (const chunk of body) {
        yield chunk;
        if (ref.key !== "big" || ++given !== 10) continue;
        await put("big", after);
        throw new StoreUnavailable("cut");
      }
    };
    const source = new S3FileSource(store, { bucket: "files", prefix: "" });
    const packed = await night(store, source, ["a", "big", "c"], { limits: { ...SMALL, packBytes: 512 * KIB * KIB } });
    store.onBody = undefined;
    const wanted = summary(
      new Map([
        ["a", Buffer.from("first")],
        ["big", after],
        ["c", Buffer.from("last")],
      ]),
    );
    expect(summary(await contents(store, packed))).toEqual(wanted);
    expect(unpacked(store).toSorted()).toEqual(wanted);
    expect(store.uploads(BUCKET)).toEqual([]);
  });

  test("a large one that is overwritten each time fails the shard", async () => {
    const store = primaryStore();
    store.createBucket("files");
    await store.put({ bucket: "files", key: "big", body: bytesOf(next, 300_000) });
    store.onBody = async function* (ref, body) {
      for await (const chunk of body) {
        yield chunk;
        if (ref.key !== "big") continue;
        await store.put({ bucket: "files", key: "big", body: bytesOf(next, 300_000) });
        throw new StoreUnavailable("cut");
      }
    };
    await expect(night(store, new S3FileSource(store, { bucket: "files", prefix: "" }), ["big"])).rejects.toMatchObject(
      { name: "FileKeepsChanging" },
    );
    expect(store.uploads(BUCKET)).toEqual([]);
    expect(unpacked(store)).toEqual([]);
  });
});
