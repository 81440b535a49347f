/** The table of docs/data-format.md is the code's own. */
import { readFileSync } from "node:fs";
import {
  ENVIRONMENT_FIELDS,
  KEY_FIELDS,
  type Origin,
  PRINCIPAL_FIELDS,
  SNAPSHOT_FIELDS,
} from "../../lambda/catalog-rebuild/fields";
import { must } from "../support/must";

const COLUMNS: readonly Origin[] = ["manifest", "record", "seen", "not-kept"];

test.each([
  ["an environment", ENVIRONMENT_FIELDS],
  ["a snapshot", SNAPSHOT_FIELDS],
  ["a principal", PRINCIPAL_FIELDS],
  ["a key", KEY_FIELDS],
])("data-format.md says where each fact of %s comes from", (name, fields) => {
  const lines = readFileSync("docs/data-format.md", "utf8").split("\n");
  const row = must(lines.find((line) => line.startsWith(`| ${name} |`)));
  const cells = row.split("|").slice(2, 2 + COLUMNS.length);
  const documented = cells.flatMap((cell, at) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, field]) => [must(field), must(COLUMNS[at])] as const),
  );
  expect(Object.fromEntries(documented)).toEqual(fields);
});
