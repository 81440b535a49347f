import { copyRows } from "../../bin/command-line/verify/copy-rows";

async function* inPieces(text: string | Buffer, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const read = async (text: string | Buffer, size = 7) => {
  const rows = [];
  for await (const { schema, table, columns, values } of copyRows(inPieces(text, size)))
    rows.push([schema, table, columns, values]);
  return rows;
};

const SQL = String.raw`SET client_encoding = 'UTF8';
COPY public."odd ""name""" (id, "__uuid__", "a, b") FROM stdin;
1	a\tb\\c\n	\N
2	Ünï😀	
\.

COPY other.empty (id) FROM stdin;
\.
SELECT 1;
`;

it.each([1, 2, 7, 1000])("reads rows of all tables in pieces of %d bytes", async (size) => {
  const place = ["public", 'odd "name"', ["id", "__uuid__", "a, b"]];
  expect(await read(SQL, size)).toEqual([
    [...place, ["1", "a\tb\\c\n", null]],
    [...place, ["2", "Ünï😀", ""]],
  ]);
});
it("tells the headings, also of tables without rows", async () => {
  const seen: string[] = [];
  for await (const _ of copyRows(inPieces(SQL, 100), ({ schema, table }) => seen.push(`${schema}.${table}`)));
  expect(seen).toEqual(['public.odd "name"', "other.empty"]);
});
it.each([
  ["a row has 1 columns instead of 2", "COPY a.b (c, d) FROM stdin;\n1\n\\.\n"],
  ["unknown escape", "COPY a.b (c) FROM stdin;\n\\x41\n\\.\n"],
  ["unknown escape", "COPY a.b (c) FROM stdin;\nend\\\n\\.\n"],
  ["ends within the rows", "COPY a.b (c) FROM stdin;\n1\n"],
  ["unknown form", "COPY (SELECT 1) FROM stdin;\n"],
  ["not in UTF-8", Buffer.from("COPY a.b (c) FROM stdin;\n\xe4\n\\.\n", "latin1")],
])("stops where %s", async (reason, text) => {
  await expect(read(text)).rejects.toThrow(reason);
});
