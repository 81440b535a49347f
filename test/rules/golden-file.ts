/**
 * Golden files: what a rule answers for a whole table of cases, kept as JSON that a reviewer can read. With
 * UPDATE_GOLDEN=1 they are written anew; the diff then shows what a change does to tiers, expiries and slots.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The text that `actual` is to be equal to. */
export function golden(name: string, actual: string): string {
  const file = join(__dirname, "golden", `${name}.json`);
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, actual);
  return readFileSync(file, "utf8");
}

/** One line a case. */
export function lines(cases: Readonly<Record<string, unknown>>): string {
  const each = Object.entries(cases).map(([key, answer]) => `  ${JSON.stringify(key)}: ${JSON.stringify(answer)}`);
  return `{\n${each.join(",\n")}\n}\n`;
}
