/**
 * The template of an import into a new stack, as `cdk import` builds it: the chosen resources, and nothing else of the
 * stack's template, neither parameters nor conditions nor outputs; each has a DeletionPolicy, because an import demands
 * one. CloudFormation refuses it while anything in it refers to what is not in it. Pure.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-import.html
 * @see https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-import.html
 */
import type { Template } from "../review/normal-form";

export const importTemplate = ({ Resources }: Template, chosen: readonly string[]): Template => ({
  Resources: Object.fromEntries(
    Object.entries(Resources)
      .filter(([logicalId]) => chosen.includes(logicalId))
      .map(([logicalId, resource]) => [logicalId, { DeletionPolicy: "Retain", ...resource }]),
  ),
});

/** What a resource of an import's template refers to in vain: a logical id, a parameter, a condition or a mapping. */
export interface Dangling {
  readonly logicalId: string;
  readonly missing: string;
}

/** In the template's order, each once. Without parameters, conditions and mappings every reference to one is in vain. */
export const danglingReferences = ({ Resources }: Template): readonly Dangling[] =>
  Object.entries(Resources).flatMap(([logicalId, resource]) =>
    [...new Set(referencesOf(resource as unknown as Readonly<Record<string, unknown>>))]
      .filter((name) => !name.startsWith("AWS::") && !(name in Resources))
      .map((missing) => ({ logicalId, missing })),
  );

/** Beside its values a resource can name others it waits for, and a condition. */
const referencesOf = (resource: Readonly<Record<string, unknown>>): readonly string[] => {
  const { DependsOn, Condition, ...rest } = resource;
  return [...[DependsOn ?? []].flat(), ...[Condition ?? []].flat(), ...inValue(rest)].map(String);
};

const inValue = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(inValue);
  if (typeof value !== "object" || value === null) return [];
  const entries = Object.entries(value);
  const [[key, inside] = ["", undefined]] = entries;
  return entries.length === 1
    ? (INTRINSICS[key]?.(inside) ?? inValue(inside))
    : entries.flatMap(([, one]) => inValue(one));
};

/** What each function refers to. Others refer to nothing but through what they hold. */
const INTRINSICS: Readonly<Record<string, (inside: unknown) => readonly string[]>> = {
  Ref: (name) => [String(name)],
  Condition: (name) => (typeof name === "string" ? [name] : inValue(name)),
  "Fn::GetAtt": (target) =>
    Array.isArray(target) ? [String(target[0]), ...inValue(target.slice(1))] : [String(target).split(".")[0] ?? ""],
  "Fn::If": (parts) => [String((parts as readonly unknown[])[0]), ...inValue((parts as readonly unknown[]).slice(1))],
  "Fn::FindInMap": (parts) => [
    String((parts as readonly unknown[])[0]),
    ...inValue((parts as readonly unknown[]).slice(1)),
  ],
  "Fn::Sub": (given) => {
    const [text, variables] = (Array.isArray(given) ? given : [given, {}]) as [unknown, Record<string, unknown>];
    const own = Object.keys(variables);
    const named = [...String(text).matchAll(/\$\{([^!}][^}]*)\}/g)].map((match) => (match[1] ?? "").trim());
    return [
      ...named.filter((name) => !own.includes(name)).map((name) => name.split(".")[0] ?? ""),
      ...inValue(Object.values(variables)),
    ];
  },
};
