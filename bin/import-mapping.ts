/**
 * `npm run --silent import-mapping -- <stack> --account <id> [--templates <folder>] [--check] [--key <alias>=<key id>]…`:
 * prints what `cdk import <stack> --resource-mapping <file>` reads. Keys that are not given are looked up by their
 * aliases, with the AWS command line and its credentials; with `--check` everything else too, and what is gone is left
 * out and named on standard error. Only reads.
 */
import { findExisting } from "../lib/adoption/find-existing";
import { parseCommand, UsageError } from "../lib/config/command-arguments";
import { runAws } from "../lib/review/fetch-deployed";
import { stacksOfAssembly } from "../lib/review/read-assembly";
import { ReviewError } from "../lib/review/review-error";
import { runCommand } from "../lib/config/run-command";

const USAGE = "npm run --silent import-mapping -- STACK --account 123456789012 > mapping.json";

const main = (): void => {
  const { values, positionals } = parseCommand(USAGE, {
    allowPositionals: true,
    options: {
      account: { type: "string" },
      templates: { type: "string", default: "cdk.out" },
      key: { type: "string", multiple: true, default: [] },
      check: { type: "boolean", default: false },
    },
  });
  const [id, ...others] = positionals;
  const { account = "" } = values;
  if (id === undefined || others.length > 0 || !/^\d{12}$/.test(account))
    throw new UsageError(`Name one stack, and the account with twelve digits; usage: ${USAGE}`);
  const stacks = stacksOfAssembly(values.templates);
  const stack = stacks.find((one) => one.id === id);
  if (stack === undefined)
    throw new ReviewError(`${values.templates} has no stack ${id}; it has ${stacks.map((one) => one.id).join(", ")}.`);
  const givenKeys = new Map(
    values.key.map((pair) => [pair.slice(0, pair.lastIndexOf("=")), pair.slice(pair.lastIndexOf("=") + 1)]),
  );
  const { mapping, gone } = findExisting(stack, { account, givenKeys, check: values.check, aws: runAws });
  for (const one of gone) console.error(`Left out, because it is not there: ${one}`);
  if (Object.keys(mapping).length === 0)
    throw new ReviewError(`Nothing of ${id} is there to be imported; npx cdk deploy makes it.`);
  console.log(JSON.stringify(mapping, undefined, 2));
};

runCommand(main, [ReviewError, UsageError]);
