/** Types of columns and their values: SQL of the row's number `n`. */
import type { Dice } from "./dice";

export interface ColumnType {
  readonly type: string;
  /** SQL of `n` that gives a value of the type. */
  readonly value: string;
  /** Can be a key, and sorted. */
  readonly isSorted?: true;
}

export const BASE_TYPES: readonly ColumnType[] = [
  { type: "smallint", value: "(n % 60000 - 30000)::smallint", isSorted: true },
  { type: "integer", value: "n * 7919 % 100003", isSorted: true },
  { type: "bigint", value: "n * 1234567890123", isSorted: true },
  { type: "numeric(20,6)", value: "n / 7.0", isSorted: true },
  {
    type: "numeric",
    value: "CASE n % 4 WHEN 0 THEN 'NaN' WHEN 1 THEN '-Infinity' ELSE n ^ 30 / 3 END",
    isSorted: true,
  },
  { type: "real", value: "CASE n % 3 WHEN 0 THEN 'Infinity'::real ELSE (n / 3.0)::real END" },
  { type: "double precision", value: "CASE n % 3 WHEN 0 THEN '-0'::float8 ELSE sqrt(n) END" },
  { type: "text", value: "md5(n::text)", isSorted: true },
  { type: "text", value: "repeat(chr(1 + n % 300) || E'\\\\\\n\\t', n % 50)", isSorted: true },
  { type: 'text COLLATE "C"', value: "md5(n::text)", isSorted: true },
  { type: "character varying(40)", value: "md5((n + 1)::text)", isSorted: true },
  { type: "character(9)", value: "left(md5(n::text), n % 9)", isSorted: true },
  { type: "name", value: "md5(n::text)::name", isSorted: true },
  { type: "boolean", value: "n % 2 = 0", isSorted: true },
  { type: "bytea", value: "decode(md5(n::text), 'hex')", isSorted: true },
  { type: "date", value: "CASE n % 5 WHEN 0 THEN 'infinity' ELSE date '0005-02-28 BC' + n * 1000 END", isSorted: true },
  { type: "time", value: "time '00:00' + n * interval '1.000001 s'", isSorted: true },
  { type: "timestamp(3)", value: "timestamp '1999-12-31 23:59:59.999' + n * interval '1 day 1 ms'", isSorted: true },
  {
    type: "timestamp with time zone",
    value: "timestamptz '2026-03-29 00:59:59+00' + n * interval '1 h'",
    isSorted: true,
  },
  { type: "interval", value: "n * interval '1 month -3 days 04:05:06.7'", isSorted: true },
  { type: "interval day to second(2)", value: "n * interval '1 day 00:00:00.123'" },
  { type: "uuid", value: "md5(n::text)::uuid", isSorted: true },
  { type: "json", value: "json_build_object('a', n, 'b', ARRAY[n, NULL])" },
  { type: "jsonb", value: "jsonb_build_object('a', n / 3.0, 'ü', NULL)" },
  { type: "xml", value: "xmlelement(name a, xmlattributes(n AS b), '<&>')" },
  { type: "inet", value: "'10.0.0.0'::inet + n", isSorted: true },
  { type: "cidr", value: "'10.0.0.0/8'::cidr" },
  { type: "macaddr", value: "('08:00:2b:01:02:' || lpad(to_hex(n % 256), 2, '0'))::macaddr", isSorted: true },
  { type: "bit(5)", value: "(n % 32)::bit(5)", isSorted: true },
  { type: "bit varying", value: "n::bit(12)::varbit", isSorted: true },
  { type: "money", value: "(n * 1.25)::numeric::money", isSorted: true },
  { type: "point", value: "point(n, -n / 3.0)" },
  { type: "box", value: "box(point(n, n), point(0, 0))" },
  { type: "circle", value: "circle(point(n, 0), n)" },
  { type: "polygon", value: "polygon(box(point(n, n), point(0, 0)))" },
  { type: "tsvector", value: "to_tsvector('english', 'the word ' || md5(n::text))" },
  { type: "tsquery", value: "plainto_tsquery('simple', md5(n::text))" },
  { type: "int4range", value: "int4range(n, n + 3, '[]')", isSorted: true },
  { type: "tstzmultirange", value: "tstzmultirange(tstzrange('2026-01-01', NULL))" },
  {
    type: "integer[]",
    value: "CASE n % 3 WHEN 0 THEN '{}'::int[] WHEN 1 THEN ARRAY[[n, NULL], [1, 2]] ELSE '[3:4]={1,2}'::int[] END",
  },
  { type: "text[]", value: "ARRAY['a,b', NULL, '\"q\"', '', 'NULL', n::text]" },
  { type: "oid", value: "n::oid" },
  { type: "pg_lsn", value: "'0/0'::pg_lsn + n", isSorted: true },
];

export interface Column extends ColumnType {
  readonly name: string;
}
export const randomColumns = (dice: Dice, types: readonly ColumnType[], most: number): Column[] =>
  Array.from({ length: 1 + dice.number(most) }, () => ({ ...dice.one(types), name: dice.name("c") }));
