/** A dump in custom format made byte by byte, as small as pg_restore accepts it, with data of any size. */
const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(5);
  bytes[0] = value < 0 ? 1 : 0;
  bytes.writeUInt32LE(Math.abs(value), 1);
  return bytes;
};
const text = (value: string | null): Buffer =>
  value === null ? number(-1) : Buffer.concat([number(Buffer.byteLength(value)), Buffer.from(value)]);

export interface DumpEntry {
  readonly id: number;
  readonly kind: string;
  readonly tag: string;
  readonly definition?: string;
  readonly copy?: string;
  /** Ids of the entries that it needs. */
  readonly needs?: readonly number[];
}

const entry = ({ id, kind, tag, definition = "", copy, needs = [] }: DumpEntry, minor: number): Buffer =>
  Buffer.concat([
    number(id),
    number(copy === undefined ? 0 : 1),
    text("0"),
    text("0"),
    text(tag),
    text(kind),
    number(copy === undefined ? 2 : 3),
    text(definition),
    text(""),
    text(copy ?? ""),
    text(null),
    text(null),
    text(null),
    ...(minor >= 16 ? [number(0)] : []),
    text("owner"),
    text("false"),
    ...needs.map((one) => text(String(one))),
    text(null),
    Buffer.from([copy === undefined ? 3 : 1]),
    Buffer.alloc(8),
  ]);

export const ENCODING: DumpEntry = {
  id: 1,
  kind: "ENCODING",
  tag: "ENCODING",
  definition: "SET client_encoding = 'UTF8';\n",
};

export const dumpHead = (entries: readonly DumpEntry[], minor = 14): Buffer =>
  Buffer.concat([
    Buffer.from("PGDMP"),
    Buffer.from([1, minor, 0, 4, 8, 1]),
    minor >= 15 ? Buffer.from([0]) : number(0),
    ...[0, 0, 12, 1, 0, 126, 0].map(number),
    text("shop"),
    text("15.4 (by hand)"),
    text("15.4"),
    number(entries.length),
    ...entries.map((one) => entry(one, minor)),
  ]);

const TABLE: readonly DumpEntry[] = [
  { id: 2, kind: "TABLE", tag: "t", definition: "CREATE TABLE t (line text);\n" },
  { id: 3, kind: "TABLE DATA", tag: "t", copy: "COPY t (line) FROM stdin;\n", needs: [2] },
];
const dataOf = (id: number, blocks: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from([1]), number(id), ...blocks.flatMap((block) => [number(block.length), block]), number(0)]);
/** A whole dump of one table, with more entries if there are some; `blocks` are its rows. */
export const smallDump = (
  more: readonly DumpEntry[] = [],
  blocks: readonly Buffer[] = [Buffer.from("a line\n".repeat(1500))],
): Buffer => Buffer.concat([dumpHead([ENCODING, ...TABLE, ...more]), dataOf(3, blocks)]);

/** A table whose rows are `rows` times the same line of `width` characters, a block for every 64 KiB. */
export async function* dumpWithRows(rows: number, width: number): AsyncGenerator<Buffer> {
  yield dumpHead([ENCODING, ...TABLE]);
  yield Buffer.concat([Buffer.from([1]), number(3)]);
  const line = Buffer.from(`${"x".repeat(width)}\n`);
  const each = Math.max(1, Math.floor(65_536 / line.length));
  for (let left = rows; left > 0; left -= each) {
    const lines = Buffer.concat(Array.from({ length: Math.min(each, left) }, () => line));
    yield Buffer.concat([number(lines.length), lines]);
  }
  yield number(0);
}
