/** Reads roles and policies out of a template as plain text: references become `<Name>` or `<Name.Attribute>`. */
import { matches } from "../../local/permissions/evaluate";
import type { Json, Resource, Template } from "../support/synthesized";
import { must } from "../support/must";

export interface Statement {
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly principals: readonly string[];
  readonly conditions: unknown;
}
export interface RoleOf {
  readonly logicalId: string;
  readonly name: string;
  readonly statements: readonly Statement[];
}

export const plain = (value: unknown): string => {
  if (typeof value === "string") return value.replace("AWS::AccountId", "account");
  const {
    Ref,
    "Fn::GetAtt": attribute,
    "Fn::Join": join,
    "Fn::Sub": sub,
  } = value as {
    Ref?: string;
    "Fn::GetAtt"?: string[];
    "Fn::Join"?: [string, unknown[]];
    "Fn::Sub"?: string;
  };
  if (join !== undefined) return join[1].map(plain).join(join[0]);
  if (sub !== undefined) return sub.replace(/\$\{AWS::AccountId\}/g, "<account>").replace(/\$\{([^}]+)\}/g, "<$1>");
  if (attribute !== undefined) return `<${attribute.join(".")}>`;
  return Ref === "AWS::AccountId" ? "<account>" : `<${Ref}>`;
};

/** A value with every reference inside it made plain. */
export const plainDeep = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plainDeep);
  if (typeof value !== "object" || value === null) return value;
  const keys = Object.keys(value);
  if (keys.length === 1 && /^(Ref|Fn::)/.test(must(keys[0]))) return plain(value);
  return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, plainDeep(inside)]));
};

export const resourcesOf = (template: Template, type: string): [logicalId: string, resource: Resource][] =>
  Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);

const list = (value: unknown): unknown[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

export const statementsOf = (document: Json): Statement[] =>
  list(document?.Statement).map((statement: Json) => ({
    effect: statement.Effect,
    actions: list(statement.Action).map(String).toSorted(),
    resources: list(statement.Resource).map(plain).toSorted(),
    principals:
      typeof statement.Principal === "string"
        ? [statement.Principal]
        : Object.values(statement.Principal ?? {}).flatMap((principal) => list(principal).map(plain)),
    conditions: plainDeep(statement.Condition),
  }));

/** Every role with the statements of its own and of attached inline policies. */
export const rolesOf = (template: Template): readonly RoleOf[] =>
  resourcesOf(template, "AWS::IAM::Role").map(([logicalId, role]) => ({
    logicalId,
    name: plain(role.Properties.RoleName),
    statements: [
      ...list(role.Properties.Policies).flatMap((policy: Json) => statementsOf(policy.PolicyDocument)),
      ...resourcesOf(template, "AWS::IAM::Policy")
        .filter(([, policy]) => list(policy.Properties.Roles).some((attached) => plain(attached) === `<${logicalId}>`))
        .flatMap(([, policy]) => statementsOf(policy.Properties.PolicyDocument)),
    ],
  }));

export const allows = (statements: readonly Statement[], action: string, resource?: string): boolean =>
  statements.some(
    ({ effect, actions, resources }) =>
      effect === "Allow" &&
      actions.some((pattern) => matches(pattern, action)) &&
      (resource === undefined || resources.some((pattern) => matches(pattern, resource))),
  );

/** Role → action → resource, a line each, sorted. */
export const roleLines = (template: Template): string => {
  const lines = rolesOf(template).flatMap(({ name, statements }) =>
    statements.flatMap(({ effect, actions, resources, conditions }) =>
      actions.flatMap((action) =>
        resources.map(
          (resource) =>
            `${name}  ${effect === "Allow" ? "" : `${effect} `}${action}  ${resource}${conditions === undefined ? "" : `  if ${JSON.stringify(conditions)}`}`,
        ),
      ),
    ),
  );
  return `${[...new Set(lines)].toSorted().join("\n")}\n`;
};
