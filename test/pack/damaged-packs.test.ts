/** What a night carries on from damaged packs, and from a damaged index. */
import { BaseIndexUnreadable } from "../../lambda/pack/merge";
import type { IndexEntry } from "../../lambda/snapshot/file-index";
import { ObjectNotFound, StoreUnavailable } from "../../lambda/storage/storage-errors";
import type { MemoryStore } from "../support/memory-store";
import { KIB, night, someFiles, summary, unpacked } from "./small-nights";
import { BUCKET, contents, indexLines, MapSource, primaryStore, type NightResult, seeded } from "./support";

const next = seeded(1234);
const some = someFiles(next);

/** Changes one bit of what is stored. */
function flip(body: Uint8Array | undefined, at: number): void {
  if (body?.[at] === undefined) throw new Error("There is no such byte to damage.");
  body[at] ^= 0x40;
}

describe("damage in what is carried on", () => {
  async function twoNights(
    change: (store: MemoryStore, first: NightResult) => void | Promise<void>,
    files = some({ a: 3000, b: 3000, c: 20 * KIB, d: 3000 }),
  ) {
    const store = primaryStore();
    const source = new MapSource(files);
    const keys = [...files.keys()];
    const first = await night(store, source, keys);
    await change(store, first);
    source.opened = [];
    const warnings: string[] = [];
    const log = {
      warn: (message: string, details?: Record<string, unknown>) =>
        void warnings.push(`${message} ${String(details?.key)}`),
    };
    const second = (): Promise<NightResult> =>
      night(store, source, keys, { night: 2, base: first, repack: first.packs.map((pack) => pack.packId), log });
    return { store, source, files, warnings, second };
  }
  const damage = async (store: MemoryStore, first: NightResult, key: string): Promise<void> => {
    const line = (await indexLines(store, first)).find((one) => one.key === key) as IndexEntry;
    const version = store.versions(BUCKET).find((one) => one.key.includes(line.pack));
    flip(version?.body, line.offset + Math.floor(line.length / 2));
  };

  test("an undamaged pack is copied without its source, with one sequential GET", async () => {
    const { store, source, files, second } = await twoNights(() => undefined);
    store.resetRequests();
    const packed = await second();
    expect(source.opened).toEqual([]);
    // "c" is large: it is checked by a request of its own before it is copied.
    expect(
      store.requests.filter((request) => request.operation === "get" && request.ref.key?.includes("/packs/")),
    ).toHaveLength(2);
    expect(summary(await contents(store, packed))).toEqual(summary(files));
    expect(unpacked(store)).toHaveLength(8);
  });
  test.each(["b", "c"])(
    "a damaged segment (%s) is not carried on: its file is read from the source again",
    async (key) => {
      const { store, source, files, warnings, second } = await twoNights((stored, first) => damage(stored, first, key));
      const packed = await second();
      expect(source.opened).toEqual([key]);
      expect(warnings).toEqual([`A stored file is damaged and is read from its source again. ${key}`]);
      expect(summary(await contents(store, packed))).toEqual(summary(files));
    },
  );
  test("a pack that is gone is read from the source again", async () => {
    const { store, source, files, second } = await twoNights(() => undefined);
    store.onRequest = (operation, ref) => {
      if (operation === "get" && ref.key?.includes("/packs/") === true) throw new ObjectNotFound("gone");
    };
    const packed = await second();
    store.onRequest = undefined;
    expect(source.opened.toSorted()).toEqual([...files.keys()]);
    expect(summary(await contents(store, packed))).toEqual(summary(files));
  });
  test("a connection that breaks while a pack is copied is taken up", async () => {
    const { store, source, files, second } = await twoNights(
      () => undefined,
      some(Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`k${1000 + i}`, 7000]))),
    );
    let pieces = 0;
    store.onBody = async function* (ref, body) {
      for await (const chunk of body) {
        yield chunk.subarray(0, 10_000);
        if (ref.key.includes("/packs/") && chunk.length > 10_000 && ++pieces > 0) throw new StoreUnavailable("cut");
        yield chunk.subarray(10_000);
      }
    };
    const packed = await second();
    store.onBody = undefined;
    expect(pieces).toBeGreaterThan(10);
    expect(source.opened).toEqual([]);
    expect(summary(await contents(store, packed))).toEqual(summary(files));
  });
  test("a damaged previous index is BaseIndexUnreadable, and so is one that names an unknown pack", async () => {
    const files = some({ a: 10, b: 10 });
    const store = primaryStore();
    const first = await night(store, new MapSource(files), ["a", "b"]);
    await expect(
      night(store, new MapSource(files), ["a", "b"], { night: 2, base: { ...first, packs: [] } }),
    ).rejects.toThrow(BaseIndexUnreadable);
    flip(store.versions(BUCKET, first.parts[0]?.key)[0]?.body, 30);
    await expect(night(store, new MapSource(files), ["a", "b"], { night: 3, base: first })).rejects.toThrow(
      /^The previous snapshot's file index can't be used: The object/,
    );
  });
});
