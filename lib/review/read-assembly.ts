/** Reads a folder of templates: an assembly that `cdk synth` wrote, or templates fetched from CloudFormation. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Deployment, ReviewedRules, StackPlace } from "./deployment";
import { normalForm, type Template } from "./normal-form";
import { labelOf, rowOf } from "./placeholders";
import { ReviewError } from "./review-error";

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly displayName?: string;
  readonly properties?: {
    readonly templateFile?: string;
    readonly terminationProtection?: boolean;
    readonly stackName?: string;
  };
}
export interface FoundStack {
  readonly id: string;
  readonly stackName: string;
  readonly region: string;
  readonly terminationProtection: boolean;
  readonly template: Template;
}

/** `cdk.out`, whose manifest names stacks and regions. */
export const readAssembly = (folder: string, rules: ReviewedRules): Deployment => ({
  stacks: toStacks(stacksOfAssembly(folder)),
  rules,
});

export const stacksOfAssembly = (folder: string): readonly FoundStack[] => {
  const manifest = join(folder, "manifest.json");
  if (!existsSync(manifest))
    throw new ReviewError(`There is no ${manifest}; run npm run synth, which writes it, and try again.`);
  const { artifacts } = (readJson(manifest) ?? {}) as { artifacts?: Record<string, Artifact> };
  if (artifacts === undefined)
    throw new ReviewError(`${manifest} is not one that cdk synth wrote; run npm run synth, and try again.`);
  return Object.entries(artifacts).flatMap(([id, { type, environment, properties }]) => {
    if (type !== "aws:cloudformation:stack" || properties?.templateFile === undefined) return [];
    return [
      {
        id,
        stackName: properties.stackName ?? id,
        region: environment?.split("/").at(-1) ?? "",
        terminationProtection: properties.terminationProtection ?? false,
        template: readJson(join(folder, properties.templateFile)) as Template,
      },
    ];
  });
};

/**
 * Templates fetched from CloudFormation, `<stack id>.template.json` each, for the stacks of an assembly. A stack
 * without a file is not deployed yet.
 */
export const readFetched = (folder: string, like: readonly FoundStack[], rules: ReviewedRules): Deployment => {
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".template.json")) : [];
  if (files.length === 0)
    throw new ReviewError(`There are no *.template.json in ${folder}; docs/review.md says how to fetch them.`);
  if (existsSync(join(folder, "manifest.json"))) return readAssembly(folder, rules);
  return {
    stacks: toStacks(
      like.flatMap((stack) => {
        const path = join(folder, `${stack.id}.template.json`);
        return existsSync(path) ? [{ ...stack, template: readJson(path) as Template }] : [];
      }),
    ),
    rules,
  };
};

export const toStacks = (found: readonly FoundStack[]): Deployment["stacks"] =>
  Object.fromEntries(
    found.map((stack) => [stack.id, normalForm(stack.id, placeOf(stack, found), stack.template)] as const),
  );

const placeOf = (stack: FoundStack, all: readonly FoundStack[]): StackPlace => {
  const { id, stackName, region, terminationProtection } = stack;
  const label = labelOf(id);
  const row = rowOf(label);
  const regionOf = (other: string): string | undefined => all.find((one) => one.id === other)?.region;
  return {
    stackName,
    region,
    terminationProtection,
    place: row?.name ?? label ?? id,
    primaryRegion: regionOf(`Primary-${label}`) ?? row?.region ?? region,
    replicationRegion:
      saidBy(all.find((other) => other.id === `Primary-${label}`)) ??
      regionOf(`Replica-${label}`) ??
      row?.replication.region ??
      region,
  };
};

/** What the primary stack tells of itself: after a change of the replication region another stack is the replica's. */
const saidBy = (primary: FoundStack | undefined): string | undefined => {
  const { Outputs } = (primary?.template ?? {}) as { readonly Outputs?: { ReplicationRegion?: { Value?: unknown } } };
  const said = Outputs?.ReplicationRegion?.Value;
  return typeof said === "string" ? said : undefined;
};

const readJson = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new ReviewError(`${path} can't be read as JSON: ${(error as Error).message}; make it anew.`);
  }
};
