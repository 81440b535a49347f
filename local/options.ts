/** The command line of `npm start`. */
import { Command, InvalidArgumentError } from "commander";

export interface Options {
  readonly region: string;
  readonly stage: string;
  readonly report?: string;
  /** Where a copy of the run's logs goes; otherwise they are gone with it. */
  readonly logs?: string;
  readonly exit: boolean;
  /** Of the API and the page; any free one unless given. */
  readonly port?: number;
  /** Registration-like files of the user's own environments. */
  readonly environment: readonly string[];
  readonly files: number;
  /** Behind the page; `--exit` plays nights of its own. */
  readonly nights: number;
  readonly seed: string;
}

export const atLeast =
  (least: number) =>
  (text: string): number => {
    if (/^\d{1,6}$/.test(text) && Number(text) >= least) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number from ${least} on.`);
  };

const portNumber = (text: string): number => {
  if (/^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65_536) return Number(text);
  throw new InvalidArgumentError("It must be a whole number from 1 to 65535.");
};

/** Files of the sample environment: enough for every check, or for a page that comes soon. */
const FILES = { checks: 1100, page: 60 };
const NIGHTS = 30;

type Given = Omit<Options, "files" | "nights"> & Partial<Pick<Options, "files" | "nights">>;

export const readOptions = (args: readonly string[]): Options => {
  const given = new Command("npm start --")
    .description(
      "Runs the synthesized app on this machine, and shows the page; with --exit it checks three nights, a restore and an expiry.",
    )
    .option("--region <code>", "region of the nightly table", "eu-central-1")
    .option("--stage <name>", "configuration in config/<stage>.json", "default")
    .option("--report <file>", "write everything that was found out as JSON")
    .option("--logs <folder>", "keep a copy of the run's logs there")
    .option("--exit", "check everything and end, instead of showing the page", false)
    .option(
      "--environment <file...>",
      "back up your own environment: a registration with database login and bucket (docs/local-run.md)",
      [],
    )
    .option("--port <number>", "port of the API and the page; any free one unless given", portNumber)
    .option("--nights <count>", `nights behind the page; ${NIGHTS}, or 1 of your own environment`, atLeast(1))
    .option("--files <count>", `files of the sample; ${FILES.checks} with --exit, else ${FILES.page}`, atLeast(20))
    .option("--seed <text>", "the sample environments are the same for the same seed", "sample")
    .parse(args, { from: "user" })
    .opts<Given>();
  const { exit, environment } = given;
  return {
    ...given,
    files: given.files ?? (exit ? FILES.checks : FILES.page),
    nights: given.nights ?? (environment.length > 0 ? 1 : NIGHTS),
  };
};
