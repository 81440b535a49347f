/**
 * `npm run --silent import-mapping -- <stack> --account <id> [--templates <folder>] [--key <alias>=<key id>]…`: prints
 * what `cdk import <stack> --resource-mapping <file>` reads. Keys that are not given are looked up by their aliases
 * with the AWS command line and its credentials. Only reads.
 */
import { parseArgs } from "node:util";
import { importMapping } from "../lib/adoption/import-mapping";
import { runAws } from "../lib/review/fetch-deployed";
import { stacksOfAssembly } from "../lib/review/read-assembly";
import { ReviewError } from "../lib/review/review-error";

const USAGE = "usage: npm run --silent import-mapping -- STACK --account 123456789012 > mapping.json";

const main = (): void => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      account: { type: "string" },
      templates: { type: "string", default: "cdk.out" },
      key: { type: "string", multiple: true, default: [] },
    },
  });
  const [id, ...others] = positionals;
  if (id === undefined || others.length > 0 || !/^\d{12}$/.test(values.account ?? ""))
    throw new ReviewError(`Name one stack, and the account with twelve digits; ${USAGE}`);
  const stacks = stacksOfAssembly(values.templates);
  const stack = stacks.find((one) => one.id === id);
  if (stack === undefined)
    throw new ReviewError(`${values.templates} has no stack ${id}; it has ${stacks.map((one) => one.id).join(", ")}.`);
  const { mapping, keys, unknown } = importMapping(stack.template, values.account ?? "");
  if (unknown.length > 0)
    throw new ReviewError(
      `It is not known how to import ${unknown.join(", ")} of ${id}; add its type to lib/adoption/import-mapping.ts.`,
    );
  const given = new Map(
    values.key.map((pair) => [pair.slice(0, pair.lastIndexOf("=")), pair.slice(pair.lastIndexOf("=") + 1)]),
  );
  const found = Object.entries(keys).map(([logicalId, alias]) => [
    logicalId,
    { KeyId: given.get(alias) ?? lookUp(alias, stack.region) },
  ]);
  console.log(JSON.stringify({ ...mapping, ...Object.fromEntries(found) }, undefined, 2));
};

const lookUp = (alias: string, region: string): string => {
  try {
    return runAws([
      "kms",
      "describe-key",
      "--region",
      region,
      "--key-id",
      alias,
      "--query",
      "KeyMetadata.KeyId",
      "--output",
      "text",
    ]).trim();
  } catch (error) {
    throw new ReviewError(
      `The key of ${alias} in ${region} can't be looked up: ${(error as Error).message.trim().split("\n").at(-1)}; mend that, or give it as --key ${alias}=KEY_ID.`,
    );
  }
};

try {
  main();
} catch (error) {
  const isUsage = (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS") === true;
  if (!(error instanceof ReviewError) && !isUsage) throw error;
  console.error(isUsage ? `${(error as Error).message} ${USAGE}` : (error as Error).message);
  process.exitCode = 1;
}
