/**
 * `npm run calendar [-- --stage <stage>] [--from <date>] [--days <number>] [--to <folder>]`: the coming nights of every
 * region of a stage, as Markdown, CSV and a picture. Writes three files and nothing else.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dateOf, startOfDate } from "../lambda/rules/utc-date";
import { calendarPicture } from "../lib/calendar/calendar-picture";
import { calendarCsv, calendarMarkdown } from "../lib/calendar/calendar-table";
import { parseCommand, UsageError } from "../lib/config/command-arguments";
import { ConfigurationError } from "../lib/config/configuration-error";
import { loadStage } from "../lib/config/load-configuration";
import { runCommand } from "../lib/config/run-command";

const MOST_DAYS = 366;
const USAGE = "npm run calendar -- --stage STAGE --from DATE --days NUMBER --to FOLDER";

const main = (): void => {
  const { values } = parseCommand(USAGE, {
    options: {
      stage: { type: "string", default: "default" },
      from: { type: "string", default: dateOf(new Date()) },
      days: { type: "string", default: "60" },
      to: { type: "string", default: join(".local", "calendar") },
    },
  });
  const days = Number(values.days);
  if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS)
    throw new UsageError(`--days ${values.days} can't be shown; give a whole number from 1 to ${MOST_DAYS}.`);
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

runCommand(main, [ConfigurationError, UsageError, RangeError]);
