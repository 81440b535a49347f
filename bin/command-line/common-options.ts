/** Options that every command has, and the answer in words or in JSON. */
import { type Command, InvalidArgumentError } from "commander";
import { type Deployment, type DeploymentAddress, CommandFailure, type Surroundings } from "./surroundings";

export interface CommonOptions {
  readonly stage: string;
  readonly region?: string;
  readonly account?: string;
  /** A lost region: its recovery is asked, wherever that stands. */
  readonly recovery?: string;
  readonly json?: boolean;
  /** Of the API; undefined: BACKUPS_URL. */
  readonly url?: string;
  readonly app?: string;
}

export const commonOptions = (command: Command): CommonOptions => command.optsWithGlobals<CommonOptions>();

export function connect(
  options: CommonOptions,
  { connect: open }: Surroundings,
  region = options.region,
): Promise<Deployment> {
  if (options.account !== undefined && !/^\d{12}$/.test(options.account)) {
    throw new CommandFailure(2, [`--account ${options.account} is no AWS account; it must be twelve digits.`]);
  }
  return open({ ...addressOf(options), region });
}

/** Where the commands that need an AWS identity find what they ask. */
export const addressOf = ({ stage, region, account, recovery }: CommonOptions): DeploymentAddress => ({
  stage,
  region,
  account,
  recovery,
});

/** In JSON one document, else one sentence a line. */
export function answer(
  options: CommonOptions,
  { out }: Surroundings,
  document: unknown,
  sentences: readonly string[],
): void {
  if (options.json === true) out(JSON.stringify(document, undefined, 2));
  else for (const sentence of sentences) out(sentence);
}

/** A number of things on the command line, at least one. */
export const count = (text: string): number => {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number, at least 1.");
};
