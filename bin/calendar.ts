/**
 * `npm run calendar [-- --stage <stage>] [--from <date>] [--days <number>] [--to <folder>]`: the coming nights of every
 * region of a stage, as Markdown, CSV and a picture. Writes three files and nothing else.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { dateOf, startOfDate } from "../lambda/rules/utc-date";
import { calendarPicture } from "../lib/calendar/calendar-picture";
import { calendarCsv, calendarMarkdown } from "../lib/calendar/calendar-table";
import { ConfigurationError } from "../lib/config/configuration-error";
import { loadStage } from "../lib/config/load-configuration";

const MOST_DAYS = 366;

class CalendarError extends Error {}

const main = (): void => {
  const { values } = parseArgs({
    options: {
      stage: { type: "string", default: "default" },
      from: { type: "string", default: dateOf(new Date()) },
      days: { type: "string", default: "60" },
      to: { type: "string", default: join(".local", "calendar") },
    },
  });
  const days = Number(values.days);
  if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS)
    throw new CalendarError(`--days ${values.days} can't be shown; give a whole number from 1 to ${MOST_DAYS}.`);
  const from = dateOf(startOfDate(values.from));
  const { rows } = loadStage(values.stage);
  mkdirSync(values.to, { recursive: true });
  const write = (file: string, contents: string): void => {
    const path = join(values.to, file);
    writeFileSync(path, contents);
    console.log(path);
  };
  write("calendar.md", calendarMarkdown(rows, from, days));
  write("calendar.csv", calendarCsv(rows, from, days));
  write("calendar.svg", calendarPicture(rows, from, days));
};

try {
  main();
} catch (error) {
  const known =
    error instanceof ConfigurationError ||
    error instanceof CalendarError ||
    error instanceof RangeError ||
    (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS") === true;
  if (!known) throw error;
  console.error((error as Error).message);
  process.exitCode = 1;
}
