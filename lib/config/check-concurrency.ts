/**
 * How a stage shares the account's concurrent functions: what is kept for the API, and how many places backups have.
 *
 * Lambda refuses a reservation that leaves fewer than 100 unreserved, so that no account with a smaller quota can have
 * any (docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html); new accounts start with as few as 10
 * (docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
 */
import { ConfigurationError } from "./configuration-error";
import type { StageConfiguration } from "./schema";

export type Concurrency = StageConfiguration["concurrency"];

const LEAST_UNRESERVED = 100;

/** Half of what the API leaves: the other half is for what else runs, and for other stages and apps of the account. */
export const placesOf = ({ account, api, backups }: Concurrency): number =>
  backups ?? Math.max(1, Math.floor((account - api) / 2));

export const checkConcurrency = (file: string, { account, api, backups }: Concurrency): void => {
  if (api > 0 && account - api < LEAST_UNRESERVED)
    throw new ConfigurationError(
      file,
      "concurrency.api",
      `keeping ${api} of the account's ${account} concurrent functions for the API leaves ${account - api}, and Lambda wants at least ${LEAST_UNRESERVED} unreserved`,
      `set it to ${mostFor(account)}, or set concurrency.account once AWS has raised the quota`,
    );
  if (backups !== undefined && backups > account - api)
    throw new ConfigurationError(
      file,
      "concurrency.backups",
      `backups can't have ${backups} functions at a time, because the API leaves them ${account - api} of the account's ${account}`,
      "lower it, or set concurrency.account once AWS has raised the quota",
    );
};

const mostFor = (account: number): string =>
  account > LEAST_UNRESERVED ? `${account - LEAST_UNRESERVED} or less` : "0";
