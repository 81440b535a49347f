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

export const readOptions = (args: readonly string[]): Options =>
  new Command("npm start --")
    .description("Runs the synthesized app on this machine: three nights, a restore, an expiry, each checked.")
    .option("--region <code>", "region of the nightly table", "eu-central-1")
    .option("--stage <name>", "configuration in config/<stage>.json", "default")
    .option("--report <file>", "write everything that was found out as JSON")
    .option("--logs <folder>", "keep a copy of the run's logs there")
    .option("--exit", "end after the checks instead of staying up", false)
    .option(
      "--environment <file...>",
      "back up your own environment: a registration with database login and bucket (docs/local-run.md)",
      [],
    )
    .option("--port <number>", "port of the API and the page; any free one unless given", portNumber)
    .option("--files <count>", "files of the sample environment", atLeast(20), 1100)
    .option("--seed <text>", "the sample environments are the same for the same seed", "sample")
    .parse(args, { from: "user" })
    .opts<Options>();
