/**
 * Reads `config/<stage>.json` and judges it. Whatever is wrong ends in a ConfigurationError, before anything is
 * synthesized.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import type { z } from "zod";
import { ACCOUNT_LENGTH, BUCKET_KINDS, longestNames, Names } from "../names";
import { checkTable } from "../regions/check-table";
import { NIGHTLY_TABLE, type NightlyRow } from "../regions/nightly-table";
import { replicaPlaces } from "../regions/replica-places";
import { checkResidency } from "../regions/residency";
import { checkAccounts } from "./check-accounts";
import { checkApi } from "./check-api";
import { checkConcurrency } from "./check-concurrency";
import { matchesPattern } from "./bucket-patterns";
import { ConfigurationError } from "./configuration-error";
import { parseJsonWithComments, RepeatedKeyError } from "./json-with-comments";
import { stageConfiguration, type StageConfiguration } from "./schema";

/** The configuration, with its regions as rows of the nightly table. */
export interface Stage extends Omit<StageConfiguration, "regions"> {
  readonly stage: string;
  readonly rows: readonly NightlyRow[];
}

const PROJECT = join(__dirname, "..", "..");

export const loadStage = (stage: string, folder = join(PROJECT, "config"), table = NIGHTLY_TABLE): Stage => {
  const path = join(folder, `${stage}.json`);
  const file = relative(PROJECT, path);
  if (!/^[\w-]+$/.test(stage) || !existsSync(path)) {
    const stages = readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .map((name) => name.slice(0, -5));
    throw new ConfigurationError(
      file,
      "",
      "there is no such stage",
      `create the file, or choose another with -c stage=, such as ${stages.join(", ")}`,
    );
  }
  const configuration = parse(file, readFileSync(path, "utf8"));
  checkTable(table);
  checkResidency(table);
  const rows = chosenRows(file, configuration, table);
  checkPrefix(file, configuration.prefix, table);
  checkFileBuckets(file, configuration, rows);
  checkApi(file, configuration.api, rows);
  checkAccounts(file, configuration);
  checkConcurrency(file, configuration.concurrency);
  const { regions: _regions, ...rest } = configuration;
  return { ...rest, stage, rows };
};

/** The row of a region of the stage. */
export const rowOf = ({ stage, rows }: Stage, region: string): NightlyRow => {
  const row = rows.find((one) => one.region === region);
  if (row !== undefined) return row;
  throw new ConfigurationError(
    `config/${stage}.json`,
    "regions",
    `"${region}" is not among them`,
    `name one of ${rows.map((one) => `${one.region} (${one.name})`).join(", ")}`,
  );
};

const parse = (file: string, text: string): StageConfiguration => {
  let json: unknown;
  try {
    json = parseJsonWithComments(text);
  } catch (error) {
    throw new ConfigurationError(
      file,
      "",
      (error as Error).message,
      error instanceof RepeatedKeyError
        ? "keep the one that is meant"
        : "look for a missing quote or a comma too many just before it",
    );
  }
  const result = stageConfiguration.safeParse(json);
  if (result.success) return result.data;
  /** A key misspelt is also a setting missing: the sentence is about the key. */
  const { issues } = result.error;
  throw explain(file, json, issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0]);
};

const explain = (file: string, json: unknown, issue: z.core.$ZodIssue | undefined): ConfigurationError => {
  if (issue === undefined)
    return new ConfigurationError(file, "", "it is not valid", "compare it with config/default.json");
  const place = issue.path.reduce<string>(
    (path, part) =>
      typeof part === "number" ? `${path}[${part}]` : path === "" ? String(part) : `${path}.${String(part)}`,
    "",
  );
  if (issue.code === "unrecognized_keys") {
    const known = Object.keys(knownKeys(issue.path)).join(", ");
    return new ConfigurationError(
      file,
      place,
      `"${issue.keys[0]}" is no setting`,
      known === "" ? "remove it" : `use one of ${known}`,
    );
  }
  const value = issue.path.reduce<unknown>(
    (inside, part) => (inside as Record<PropertyKey, unknown> | undefined)?.[part],
    json,
  );
  if (value === undefined)
    return new ConfigurationError(file, place, "the setting is missing", "add it; config/default.json shows how");
  return new ConfigurationError(file, place, `${JSON.stringify(value)} is not valid`, `it ${demand(issue)}`);
};

const KINDS: Readonly<Record<string, string>> = {
  array: "a list in brackets",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: "a group of settings in braces",
  record: "a group of settings in braces",
  string: "a text in quotes",
};
const demand = (issue: z.core.$ZodIssue): string => {
  const kind = issue.code === "invalid_type" ? KINDS[issue.expected] : undefined;
  if (kind !== undefined && !issue.message.startsWith("must")) return `must be ${kind}`;
  return issue.message.startsWith("must") ? issue.message : "must be as in config/default.json";
};

const knownKeys = (path: readonly PropertyKey[]): Record<string, unknown> => {
  const schema = path.reduce<unknown>(
    (inside, part) => (inside as { shape?: Record<PropertyKey, unknown> }).shape?.[part] ?? {},
    stageConfiguration,
  );
  return (schema as { shape?: Record<string, unknown> }).shape ?? {};
};

const chosenRows = (
  file: string,
  { regions }: StageConfiguration,
  table: readonly NightlyRow[],
): readonly NightlyRow[] => {
  if (regions === "all") return table;
  for (const [index, region] of regions.entries()) {
    const place = `regions[${index}]`;
    if (!table.some((row) => row.region === region)) {
      const known = table.map((row) => `${row.region} (${row.name})`).join(", ");
      throw new ConfigurationError(file, place, `"${region}" is no region of the nightly table`, `use one of ${known}`);
    }
    if (regions.indexOf(region) !== index)
      throw new ConfigurationError(file, place, `"${region}" is named twice`, "remove one of them");
  }
  return table.filter((row) => regions.includes(row.region));
};

/** Over all regions of the table, so that a region can be added later without a new prefix. */
const checkPrefix = (file: string, prefix: string, table: readonly NightlyRow[]): void => {
  const names = longestNames(
    prefix,
    table.map((row) => row.region),
    table.flatMap((row) => {
      const ofRow = new Names({ prefix, account: "0".repeat(ACCOUNT_LENGTH), region: row.region });
      return replicaPlaces(row).map(({ kind }) => ofRow.bucket(kind));
    }),
  );
  const excess = Math.max(...names.map(({ name, limit }) => name.length - limit));
  const worst = names.find(({ name, limit }) => name.length - limit === excess);
  if (excess <= 0 || worst === undefined) return;
  throw new ConfigurationError(
    file,
    "prefix",
    `"${prefix}" makes names too long: the ${worst.kind} ${worst.name} has ${worst.name.length} characters, and ${worst.limit} are allowed`,
    `shorten the prefix to ${prefix.length - excess} characters or fewer`,
  );
};

/** A pattern that takes in the service's own buckets would let a restore delete in them. */
const checkFileBuckets = (
  file: string,
  { fileBuckets, prefix, account }: StageConfiguration,
  rows: readonly NightlyRow[],
): void => {
  const own = rows.flatMap(({ region, replication }) => {
    const place = { prefix, account: account ?? "000000000000", region };
    const names = new Names(place);
    const recovery = new Names({ ...place, recoveryRegion: replication.region });
    return [...BUCKET_KINDS.map((kind) => names.bucket(kind)), recovery.bucket("records")];
  });
  for (const use of ["read", "write"] as const) {
    for (const [index, pattern] of fileBuckets[use].entries()) {
      const taken = own.find((bucket) => matchesPattern(pattern, bucket));
      if (taken === undefined) continue;
      throw new ConfigurationError(
        file,
        `fileBuckets.${use}[${index}]`,
        `"${pattern}" also matches the service's own bucket ${taken}`,
        "write a pattern that only the environments' file buckets match",
      );
    }
  }
};
