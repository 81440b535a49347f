import { openDump, withHead } from "../../lambda/dump/edit-head";
import { type Toc, TocUnreadable, writeToc } from "../../lambda/dump/toc";

/** A head of `entries` entries, as pg_dump 15 begins one. */
const head = (entries: number): Buffer => {
  const number = (value: number): number[] => [0, value, 0, 0, 0];
  const beginning = Buffer.from([
    ...Buffer.from("PGDMP"),
    1,
    14,
    0,
    4,
    8,
    1,
    ...Array(8).fill(number(0)).flat(),
    1,
    1,
    0,
    0,
    0,
  ]);
  const entry = {
    hasDumper: 0,
    tableOid: "0",
    oid: "0",
    tag: "t",
    kind: "TABLE",
    section: 2,
    definition: "x".repeat(90),
    drop: "",
    copy: undefined,
    namespace: "public",
    tablespace: "",
    accessMethod: "heap",
    relationKind: undefined,
    owner: "app",
    withOids: "false",
    dependencies: [],
    offset: Buffer.alloc(9, 3),
  };
  return writeToc({
    minor: 14,
    beginning,
    serverVersion: "15.1",
    dumpVersion: "15.1",
    entries: Array.from({ length: entries }, (_, dumpId) => ({ ...entry, dumpId })),
  });
};
async function* pieces(bytes: Buffer, size: number, closed: { yes: boolean }): AsyncGenerator<Uint8Array> {
  try {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  } finally {
    closed.yes = true;
  }
}
const whole = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const all: Uint8Array[] = [];
  for await (const piece of source) all.push(piece);
  return Buffer.concat(all);
};
const unowned = (toc: Toc): Toc => ({ ...toc, entries: toc.entries.map((entry) => ({ ...entry, owner: "" })) });

test.each([1, 3, 700, 1 << 20])("the data pass through behind another head, in pieces of %d bytes", async (size) => {
  const data = Buffer.from("data, as they are".repeat(size < 700 ? 3 : 9000));
  const closed = { yes: false };
  const edited = await whole(
    withHead(pieces(Buffer.concat([head(size < 700 ? 2 : 2000), data]), size, closed), unowned),
  );
  const { toc, data: rest } = await openDump(pieces(edited, size, closed));
  expect(new Set(toc.entries.map(({ owner }) => owner))).toEqual(new Set([""]));
  expect((await whole(rest)).equals(data)).toBe(true);
  expect(closed.yes).toBe(true);
});

test("a dump that ends within its head is refused, and its source closed", async () => {
  const closed = { yes: false };
  await expect(openDump(pieces(head(3).subarray(0, 200), 50, closed))).rejects.toThrow(TocUnreadable);
  expect(closed.yes).toBe(true);
});

test.each([0, 1, 2])("a consumer that leaves after %d pieces has the source closed", async (taken) => {
  const closed = { yes: false };
  const edited = withHead(pieces(Buffer.concat([head(2), Buffer.alloc(500_000)]), 70_000, closed), unowned);
  let left = taken;
  for await (const _piece of edited) if (--left < 0) break;
  expect(closed.yes).toBe(true);
});
