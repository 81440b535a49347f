/**
 * What `cdk import` has to be told to bring resources back under a stack: the identifier of each. All are names, which
 * the template has, but for keys, whose ids AWS makes up: they are found by their aliases. Pure.
 */
import { plain } from "../review/plain-values";
import type { Template } from "../review/normal-form";
import { at, isRetained } from "../review/deployment";

/**
 * The identifier by which CloudFormation imports each type that holds data or leads to it: the primary identifier of its
 * registry. What is retained is of these types; a recovery's go with their stack, and stay behind where that fails.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-import-supported-resources.html
 */
export const IDENTIFIERS: Readonly<Record<string, string>> = {
  "AWS::S3::Bucket": "BucketName",
  "AWS::S3::BucketPolicy": "Bucket",
  "AWS::KMS::Key": "KeyId",
  "AWS::KMS::Alias": "AliasName",
  "AWS::DynamoDB::Table": "TableName",
  "AWS::Backup::BackupVault": "BackupVaultName",
};

export interface ImportMapping {
  /** By logical id, as `cdk import --resource-mapping` reads it. Ids of keys are missing. */
  readonly mapping: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Keys by logical id, each with an alias that leads to it. */
  readonly keys: Readonly<Record<string, string>>;
  /** Retained resources of a type that this doesn't know how to import, or whose name AWS made up. */
  readonly unknown: readonly string[];
}

export const importMapping = ({ Resources }: Template, account: string): ImportMapping => {
  const mapping: Record<string, Record<string, string>> = {};
  const keys: Record<string, string> = {};
  const unknown: string[] = [];
  /** A bucket policy names its bucket by reference. */
  const nameOf = (value: unknown): string | undefined => {
    const reference = at(value as never, "Ref");
    if (typeof reference === "string" && reference in Resources) {
      const target = Resources[reference];
      return nameOf(target?.Properties?.[IDENTIFIERS[target.Type] ?? ""]);
    }
    const name = plain(value ?? "");
    return typeof name !== "string" || name === "" ? undefined : name.replaceAll("<account>", account);
  };
  for (const [logicalId, { Type, Properties, DeletionPolicy }] of Object.entries(Resources)) {
    const identifier = IDENTIFIERS[Type];
    if (identifier === undefined) {
      if (isRetained(DeletionPolicy)) unknown.push(logicalId);
      continue;
    }
    if (Type === "AWS::KMS::Key") {
      const alias = Object.values(Resources).find(
        (other) =>
          other.Type === "AWS::KMS::Alias" &&
          JSON.stringify(other.Properties?.["TargetKeyId"]).includes(`"${logicalId}"`),
      );
      const name = nameOf(alias?.Properties?.["AliasName"]);
      if (name === undefined) unknown.push(logicalId);
      else keys[logicalId] = name;
      continue;
    }
    const name = nameOf(Properties?.[identifier]);
    if (name === undefined) unknown.push(logicalId);
    else mapping[logicalId] = { [identifier]: name };
  }
  return { mapping, keys, unknown };
};
