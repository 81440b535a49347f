/** Enums, composites, ranges and domains, in the schemas of a random database. */
import { literal } from "../../../lambda/database-task/sql-text";
import { BASE_TYPES, type ColumnType } from "./columns";
import { type Dice, oddText } from "./dice";

export interface MadeType extends ColumnType {
  readonly sql: readonly string[];
  /** As ALTER, GRANT and COMMENT name it. */
  readonly object: string;
}

export const randomTypes = (dice: Dice, schema: string): MadeType[] =>
  dice.times(4, () => dice.one(MAKERS)(dice, `${schema}.${dice.name("t")}`));

type Maker = (dice: Dice, name: string) => MadeType;

const anEnum: Maker = (dice, name) => {
  const labels = [...new Set([`one`, ...dice.times(3, () => oddText(dice)).filter((text) => text !== "")])];
  const array = `ARRAY[${labels.map(literal).join(", ")}]`;
  return {
    type: name,
    value: `(${array})[1 + n % ${labels.length}]::${name}`,
    isSorted: true,
    object: `TYPE ${name}`,
    sql: [
      `CREATE TYPE ${name} AS ENUM (${labels.map(literal).join(", ")})`,
      ...(dice.chance(50) ? [`ALTER TYPE ${name} ADD VALUE 'zero' BEFORE 'one'`] : []),
    ],
  };
};

const composite: Maker = (dice, name) => {
  const [first, second] = [dice.one(BASE_TYPES), dice.one(BASE_TYPES)];
  return {
    type: name,
    value: `ROW(${first.value}, ${second.value})::${name}`,
    object: `TYPE ${name}`,
    sql: [
      `CREATE TYPE ${name} AS (${dice.name("f")} ${first.type}, gone int, ${dice.name("f")} ${second.type})`,
      `ALTER TYPE ${name} DROP ATTRIBUTE gone`,
    ],
  };
};

const range: Maker = (dice, name) => ({
  type: name,
  value: `${name}(lpad(n::text, 5, '0'), NULL, ${dice.one(["'[)'", "'()'"])})`,
  object: `TYPE ${name}`,
  sql: [`CREATE TYPE ${name} AS RANGE (subtype = text, collation = ${dice.one(['"C"', '"POSIX"'])})`],
});

const domain: Maker = (dice, name) => {
  const base = dice.one(BASE_TYPES.filter(({ type }) => /^(integer|text|bigint|uuid)$/.test(type)));
  const checks = dice.some([
    "CHECK (VALUE::text IS DISTINCT FROM '?')",
    `CONSTRAINT ${dice.name("k")} CHECK (VALUE::text <> '-')`,
    "DEFAULT NULL",
  ]);
  return {
    type: name,
    value: `(${base.value})::${name}`,
    ...(base.isSorted === undefined ? {} : { isSorted: true }),
    object: `DOMAIN ${name}`,
    sql: [
      `CREATE DOMAIN ${name} AS ${base.type} ${checks.join(" ")}`,
      ...(dice.chance(30)
        ? [`ALTER DOMAIN ${name} ADD CONSTRAINT later CHECK (length(VALUE::text) < 1000) NOT VALID`]
        : []),
    ],
  };
};

const MAKERS: readonly Maker[] = [anEnum, composite, range, domain];
