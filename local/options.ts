/** The command line of `npm start`. */
import { Command, InvalidArgumentError } from "commander";

export interface Options {
  readonly region: string;
  readonly stage: string;
  readonly report?: string;
  readonly exit: boolean;
  /** Registration-like files of the user's own environments. */
  readonly environment: readonly string[];
  readonly files: number;
  readonly seed: string;
}

const atLeast =
  (least: number) =>
  (text: string): number => {
    if (/^\d{1,6}$/.test(text) && Number(text) >= least) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number from ${least} on.`);
  };

export const readOptions = (args: readonly string[]): Options =>
  new Command("npm start --")
    .description("Runs the synthesized app on this machine: three nights, a restore, an expiry, each checked.")
    .option("--region <code>", "region of the nightly table", "eu-central-1")
    .option("--stage <name>", "configuration in config/<stage>.json", "default")
    .option("--report <file>", "write everything that was found out as JSON")
    .option("--exit", "end after the checks instead of staying up", false)
    .option(
      "--environment <file...>",
      "back up your own environment: a registration with database login and bucket (docs/local-run.md)",
      [],
    )
    .option("--files <count>", "files of the sample environment", atLeast(20), 1100)
    .option("--seed <text>", "the sample environments are the same for the same seed", "sample")
    .parse(args, { from: "user" })
    .opts<Options>();
