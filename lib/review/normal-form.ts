/** From a template to the normal form: references plain, regions as placeholders, and nothing that every build changes. Pure. */
import { createHash } from "node:crypto";
import {
  at,
  isObject,
  KEPT_TYPES,
  listOf,
  ROLE,
  type Json,
  type JsonObject,
  type ReviewedResource,
  type ReviewedStack,
  type StackPlace,
} from "./deployment";
import { mapTexts, plain, sorted, withoutHashes } from "./plain-values";
import { placeholders } from "./placeholders";

export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
}
interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** A deployment of API Gateway is made anew whenever anything of the API changes; what changes is seen elsewhere. */
const LEFT_OUT: ReadonlySet<string> = new Set(["AWS::ApiGateway::Deployment", "AWS::CDK::Metadata"]);

export const normalForm = (id: string, place: StackPlace, template: Template): ReviewedStack => {
  const { kind, apply } = placeholders(id, place);
  const resources: Record<string, ReviewedResource> = {};
  const add = (key: string, resource: ReviewedResource): void => {
    let free = key;
    for (let number = 2; free in resources; number += 1) free = `${key} ${number}`;
    resources[free] = resource;
  };
  for (const [logicalId, resource] of Object.entries(template.Resources)) {
    const { Type: type } = resource;
    if (LEFT_OUT.has(type) || type === "AWS::IAM::Policy") continue;
    const properties = properPart(type, mapTexts(plain(resource.Properties ?? {}), apply) as JsonObject);
    if (type === "AWS::IAM::Role") add(roleName(properties, logicalId), role(logicalId, properties, template, apply));
    else
      add(KEPT_TYPES.includes(type) ? logicalId : apply(withoutHashes(logicalId)), {
        type,
        ...(resource.DeletionPolicy === undefined ? {} : { deletionPolicy: resource.DeletionPolicy }),
        ...(resource.UpdateReplacePolicy === undefined ? {} : { updateReplacePolicy: resource.UpdateReplacePolicy }),
        properties,
      });
  }
  for (const [name, output] of Object.entries(template.Outputs ?? {}))
    add(`Output ${name}`, {
      type: "Output",
      properties: mapTexts({ Value: at(plain(output), "Value") ?? "" }, apply) as JsonObject,
    });
  const bySortedKey = Object.fromEntries(Object.entries(resources).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return { ...place, kind, resources: bySortedKey };
};

/** What a name of ours ends with: `backups-<account>-<region>-retention` → `retention`. */
export const tailOf = (name: Json | undefined): string | undefined =>
  typeof name === "string" ? /<region>-(.+)$/.exec(name)?.[1] : undefined;

const roleName = (properties: JsonObject, logicalId: string): string =>
  `Role ${tailOf(properties["RoleName"]) ?? withoutHashes(logicalId)}`;

/** A role with its trust and everything that it may, wherever the template keeps that. */
const role = (
  logicalId: string,
  properties: JsonObject,
  template: Template,
  apply: (text: string) => string,
): ReviewedResource => {
  const { AssumeRolePolicyDocument, Policies, ...rest } = properties;
  const attached = Object.values(template.Resources)
    .filter(
      ({ Type, Properties }) =>
        Type === "AWS::IAM::Policy" && JSON.stringify(Properties?.["Roles"] ?? []).includes(`"${logicalId}"`),
    )
    .map(({ Properties }) => mapTexts(plain(Properties?.["PolicyDocument"] ?? {}), apply));
  const documents = [...listOf(Policies).map((policy) => at(policy, "PolicyDocument")), ...attached];
  return {
    type: ROLE,
    properties: sorted({
      ...rest,
      Trust: listOf(at(AssumeRolePolicyDocument, "Statement")),
      Statements: documents.flatMap((document) => listOf(at(document, "Statement"))),
    }),
  };
};

const properPart = (type: string, { Tags: _tags, ...properties }: JsonObject): JsonObject => {
  if (type === "AWS::Lambda::Function") {
    const { Code: _code, ...rest } = properties;
    return { ...rest, Environment: { Variables: variablesOf(at(properties, "Environment", "Variables")) } };
  }
  if (type === "AWS::CloudWatch::Dashboard") return { Body: shortHash(properties["DashboardBody"] ?? "") };
  if (type === "AWS::StepFunctions::StateMachine") return workflow(properties);
  return properties;
};

/** Without the table of regions that the API is told: each region's own stack shows its row. */
const variablesOf = (variables: Json | undefined): JsonObject => {
  if (!isObject(variables)) return {};
  const withoutTable = (text: Json): Json => {
    if (typeof text !== "string" || !text.startsWith("{")) return text;
    try {
      const { regions: _regions, ...rest } = JSON.parse(text) as Record<string, Json>;
      return JSON.stringify(rest);
    } catch {
      return text;
    }
  };
  return Object.fromEntries(Object.entries(variables).map(([name, text]) => [name, withoutTable(text)]));
};

/** What a state's hash ends with, if it or a state inside is a distributed map: its batches are executions. */
export const DISTRIBUTED = " distributed";

/** Each state as a hash: a review names the states that changed, their text is in the repository. */
const workflow = ({ DefinitionString, ...rest }: JsonObject): JsonObject => {
  const text = typeof DefinitionString === "string" ? DefinitionString : JSON.stringify(DefinitionString ?? null);
  let definition: Json;
  try {
    definition = JSON.parse(text) as Json;
  } catch {
    return { ...rest, Definition: shortHash(text) };
  }
  const states = at(definition, "States");
  return {
    ...rest,
    StartAt: at(definition, "StartAt") ?? "",
    ...(at(definition, "TimeoutSeconds") === undefined
      ? {}
      : { TimeoutSeconds: at(definition, "TimeoutSeconds") ?? 0 }),
    States: isObject(states)
      ? Object.fromEntries(
          Object.entries(states).map(([name, state]) => [
            name,
            `${shortHash(state)}${JSON.stringify(state).includes('"DISTRIBUTED"') ? DISTRIBUTED : ""}`,
          ]),
        )
      : {},
  };
};

const shortHash = (value: Json): string =>
  createHash("sha256")
    .update(typeof value === "string" ? value : JSON.stringify(value))
    .digest("hex")
    .slice(0, 8);
