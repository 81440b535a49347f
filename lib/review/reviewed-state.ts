/**
 * The reviewed state of a stage, as files in `config/reviewed/<stage>/`: the rules, the stacks, and one file for each
 * kind of resource, with a line for each property, so that two changes seldom meet. `accepted.md` beside them keeps
 * what was accepted of that which the review refuses, and why.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ACCEPTED_HEAD } from "./acceptance";
import { at, isObject, ROLE, type Deployment, type Json, type ReviewedRules } from "./deployment";
import { fold, unfold, type Folded } from "./fold";

const RULES = "rules.json";
const STACKS = "stacks.json";
const ACCEPTED = "accepted.md";
/** Values nested deeper than this stand in one line: a stack, a resource, a property and a statement each have their own. */
const LINES_TO_DEPTH = 5;

/** The file of a type of resource. */
const fileOf = (type: string): string => {
  if (type === ROLE || type === "AWS::Lambda::Permission" || type === "AWS::IAM::ManagedPolicy") return "roles.json";
  if (/^AWS::(S3|KMS|DynamoDB|Backup)::/.test(type)) return "storage.json";
  if (/^AWS::(Lambda|ECS|ECR)::/.test(type)) return "functions.json";
  if (type.startsWith("AWS::StepFunctions::")) return "workflows.json";
  if (/^AWS::(CloudWatch|Logs|SNS)::/.test(type)) return "monitoring.json";
  if (/^AWS::(Scheduler|Events|SQS)::/.test(type)) return "schedules.json";
  if (/^AWS::(ApiGateway|WAFv2)::/.test(type)) return "api.json";
  return type === "Output" ? "outputs.json" : "others.json";
};

export const readReviewed = (folder: string): Deployment | undefined => {
  if (!existsSync(join(folder, STACKS))) return undefined;
  const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), "utf8"));
  const folded: { stacks: Folded["stacks"]; shared: Parts; only: Parts } = {
    stacks: read(STACKS) as Folded["stacks"],
    shared: {},
    only: {},
  };
  for (const file of readdirSync(folder).filter(
    (name) => name.endsWith(".json") && name !== RULES && name !== STACKS,
  )) {
    const { shared, only } = read(file) as { shared: Parts; only: Parts };
    merge(folded.shared, shared);
    merge(folded.only, only);
  }
  return { stacks: unfold(folded as unknown as Folded), rules: read(RULES) as ReviewedRules };
};

type Parts = Record<string, Record<string, Json>>;
const merge = (into: Parts, from: Parts): void => {
  for (const [name, resources] of Object.entries(from)) into[name] = { ...into[name], ...resources };
};

export const writeReviewed = (folder: string, { stacks, rules }: Deployment): void => {
  const folded = fold(stacks);
  const files = new Map<string, { shared: Parts; only: Parts }>();
  const put = (part: "shared" | "only", name: string, key: string, value: Json): void => {
    const own = at(value, "type");
    const type = typeof own === "string" ? own : (folded.shared[folded.stacks[name]?.kind ?? ""]?.[key]?.type ?? "");
    const file = files.get(fileOf(type)) ?? { shared: {}, only: {} };
    files.set(fileOf(type), file);
    file[part][name] = { ...file[part][name], [key]: value };
  };
  for (const part of ["shared", "only"] as const)
    for (const [name, resources] of Object.entries(folded[part]))
      for (const [key, value] of Object.entries(resources)) put(part, name, key, value as Json);

  mkdirSync(folder, { recursive: true });
  for (const stale of readdirSync(folder).filter((name) => name.endsWith(".json"))) rmSync(join(folder, stale));
  const write = (file: string, value: unknown): void =>
    writeFileSync(join(folder, file), `${inLines(value as Json, 0)}\n`);
  write(RULES, rules);
  write(STACKS, folded.stacks);
  for (const [file, value] of files) write(file, value);
};

/** `text` says what, and why. */
export const recordAcceptance = (folder: string, text: string): void => {
  const path = join(folder, ACCEPTED);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(path)) writeFileSync(path, ACCEPTED_HEAD);
  appendFileSync(path, `\n${text}`);
};

const inLines = (value: Json, depth: number): string => {
  const parts = Array.isArray(value)
    ? value.map((part: Json) => inLines(part, depth + 1))
    : isObject(value)
      ? Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}: ${inLines(part, depth + 1)}`)
      : [];
  if (parts.length === 0 || depth >= LINES_TO_DEPTH) return JSON.stringify(value);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const indent = " ".repeat(depth + 1);
  return `${open}\n${parts.map((part) => `${indent}${part}`).join(",\n")}\n${" ".repeat(depth)}${close}`;
};
