/**
 * What of a stack is there to be imported, asked of AWS with the AWS command line and its credentials. Only reads. An
 * error names what can't be told, and what to do.
 */
import type { RunAws } from "../review/fetch-deployed";
import type { FoundStack } from "../review/read-assembly";
import { ReviewError } from "../review/review-error";
import { IDENTIFIERS, importMapping, type ImportMapping } from "./import-mapping";
import { danglingReferences, importTemplate } from "./import-template";

export interface Asked {
  readonly account: string;
  /** Ids of keys by alias, for keys that aren't to be looked up. */
  readonly givenKeys: ReadonlyMap<string, string>;
  /** Whether everything else is looked up too, and left out where it is gone. */
  readonly check: boolean;
  readonly aws: RunAws;
}
export interface Existing {
  /** As `cdk import --resource-mapping` reads it. */
  readonly mapping: ImportMapping["mapping"];
  /** Logical ids with their names, of what is gone: the next deployment makes it anew. */
  readonly gone: readonly string[];
}

export const findExisting = (stack: FoundStack, asked: Asked): Existing => {
  const { mapping, keys, unknown } = importMapping(stack.template, asked.account);
  if (unknown.length > 0)
    throw new ReviewError(
      `It is not known how to import ${unknown.join(", ")} of ${stack.id}; add its type to lib/adoption/import-mapping.ts.`,
    );
  const found: Record<string, Readonly<Record<string, string>>> = {};
  const gone: string[] = [];
  for (const [logicalId, alias] of Object.entries(keys)) {
    const id = asked.givenKeys.get(alias) ?? keyOf(alias, stack.region, asked);
    if (id === undefined) gone.push(`${logicalId} (the key of ${alias})`);
    else found[logicalId] = { [IDENTIFIERS["AWS::KMS::Key"] ?? ""]: id };
  }
  for (const [logicalId, identifier] of Object.entries(mapping)) {
    const [name = ""] = Object.values(identifier);
    if (!asked.check || isThere(stack.template.Resources[logicalId]?.Type ?? "", name, stack.region, asked.aws))
      found[logicalId] = identifier;
    else gone.push(`${logicalId} (${name})`);
  }
  refuseDangling(stack, Object.keys(found), gone);
  const inOrder = Object.keys(stack.template.Resources).flatMap((id) => {
    const identifier = found[id];
    return identifier === undefined ? [] : [[id, identifier] as const];
  });
  return { mapping: Object.fromEntries(inOrder), gone };
};

/** CloudFormation would refuse the import, with less to go by. */
const refuseDangling = (stack: FoundStack, chosen: readonly string[], gone: readonly string[]): void => {
  const [first] = danglingReferences(importTemplate(stack.template, chosen));
  if (first === undefined) return;
  const { logicalId, missing } = first;
  const isGone = gone.some((one) => one.startsWith(`${missing} `));
  throw new ReviewError(
    isGone
      ? `${logicalId} of ${stack.id} can't be imported without ${gone.find((one) => one.startsWith(`${missing} `))}, which is not there; ` +
          `give a key whose alias is gone as --key ALIAS=KEY_ID, and bring back anything else first.`
      : `${logicalId} of ${stack.id} refers to ${missing}, which an import can't bring along; ` +
          `synthesize with -c adopt=true, and name that folder with --templates.`,
  );
};

const keyOf = (alias: string, region: string, { check, aws }: Asked): string | undefined => {
  const mend = `mend that, or give it as --key ${alias}=KEY_ID`;
  const asText = ask(
    ["kms", "describe-key", "--key-id", alias, "--query", "KeyMetadata.[KeyId,KeyState]"],
    region,
    aws,
  );
  if (asText.absent && check) return undefined;
  if (asText.error !== undefined)
    throw new ReviewError(`The key of ${alias} in ${region} can't be looked up: ${asText.error}; ${mend}.`);
  const [id = "", state = ""] = asText.output.split(/\s+/);
  if (state.startsWith("Pending"))
    throw new ReviewError(
      `The key ${id} of ${alias} in ${region} is ${state}, and can't be imported; ` +
        `let the break-glass role run aws kms cancel-key-deletion and enable-key for it.`,
    );
  return id;
};

/** By type: what is asked, and whether an answer without a word means that there is none. */
const QUESTIONS: Readonly<Record<string, (name: string) => readonly string[]>> = {
  "AWS::S3::Bucket": (name) => ["s3api", "head-bucket", "--bucket", name, "--query", "'there'"],
  "AWS::S3::BucketPolicy": (name) => ["s3api", "get-bucket-policy", "--bucket", name, "--query", "'there'"],
  "AWS::KMS::Alias": (name) => ["kms", "describe-key", "--key-id", name, "--query", "KeyMetadata.KeyId"],
  "AWS::DynamoDB::Table": (name) => ["dynamodb", "describe-table", "--table-name", name, "--query", "Table.TableName"],
  /** Asked for a vault that isn't there, AWS Backup says that access is denied. */
  "AWS::Backup::BackupVault": (name) => [
    "backup",
    "list-backup-vaults",
    "--query",
    `BackupVaultList[?BackupVaultName=='${name}'].BackupVaultName`,
  ],
};

const isThere = (type: string, name: string, region: string, aws: RunAws): boolean => {
  const { absent, error, output } = ask(QUESTIONS[type]?.(name) ?? [], region, aws);
  if (absent) return false;
  if (error !== undefined)
    throw new ReviewError(`Whether ${name} in ${region} is there can't be told: ${error}; mend that, and try again.`);
  return output !== "" && output !== "None";
};

interface Answer {
  readonly output: string;
  readonly absent: boolean;
  readonly error?: string;
}
/** What the services say of something that isn't there; S3 answers a HEAD with the status alone. */
const ABSENT = /\((404|NoSuchBucket|NoSuchBucketPolicy|NotFoundException|ResourceNotFoundException)\)/;
/** Tried again by the command line itself, for a minute at most. */
const LIMITS = ["--cli-connect-timeout", "10", "--cli-read-timeout", "20"];

const ask = (question: readonly string[], region: string, aws: RunAws): Answer => {
  try {
    return { output: aws([...question, "--region", region, "--output", "text", ...LIMITS]).trim(), absent: false };
  } catch (error) {
    const { message } = error as Error;
    const said = message.trim().split("\n").at(-1) ?? "";
    return { output: "", absent: ABSENT.test(message), error: said };
  }
};
