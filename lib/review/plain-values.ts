/** A template's values as plain text: references become `<Name>` or `<Name.Attribute>`, ids lose their hashes. Pure. */
import { isObject, type Json, type JsonObject } from "./deployment";

/** CDK ends logical ids with eight hexadecimal digits, and those of API Gateway's deployments with 32 more. */
const HASHES = /(?=[0-9A-F]{0,7}\d)[0-9A-F]{8}(?:[0-9a-f]{32})?/g;
const ASSET = /[0-9a-f]{64}/g;

export const withoutHashes = (logicalId: string): string => logicalId.replace(HASHES, "") || logicalId;

const pseudo = (name: string): string => (name === "AWS::AccountId" ? "<account>" : `<${withoutHashes(name)}>`);

/** Every reference inside a value made plain; keys sorted, so that equal values are equal texts. */
export const plain = (value: unknown): Json => {
  if (typeof value === "string") return value.replace(ASSET, "<asset>");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value as Json;
  const [[key, inside] = ["", undefined], ...others] = Object.entries(value);
  if (others.length === 0) {
    if (key === "Ref") return pseudo(String(inside));
    if (key === "Fn::GetAtt") return `<${withoutHashes((inside as string[]).join("."))}>`;
    if (key === "Fn::Join") return join(inside as [string, unknown[]]);
    if (key === "Fn::Sub" && typeof inside === "string")
      return plain(inside.replace(/\$\{([^}]+)\}/g, (_whole, name: string) => pseudo(name)));
  }
  return sorted(Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)])));
};

const join = ([between, parts]: [string, unknown[]]): string =>
  parts
    .map(plain)
    .map((part) => (typeof part === "string" ? part : JSON.stringify(part)))
    .join(between);

export const sorted = (value: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

/** Every text inside a value changed. */
export const mapTexts = (value: Json, change: (text: string) => string): Json => {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((part: Json) => mapTexts(part, change));
  if (!isObject(value)) return value;
  return sorted(Object.fromEntries(Object.entries(value).map(([key, part]) => [change(key), mapTexts(part, change)])));
};
