/** Grants, written action by action. A wildcard needs a reason, which stands in the template's checks too. */
import { Stack, Validations } from "aws-cdk-lib";
import { PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";

/** Whoever gets permissions: a function, the database task, a workflow. */
export interface Grantee {
  readonly role: Role;
}
export interface Permission {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Record<string, Record<string, unknown>>;
  /** Why a resource is a pattern; required where one is. */
  readonly wildcard?: string;
}

export const allow = ({ role }: Grantee, permission: Permission): void => {
  for (const resource of permission.resources.filter((pattern) => pattern.includes("*"))) {
    if (permission.wildcard === undefined)
      throw new Error(`${role.node.path}: the wildcard in ${resource} needs a reason`);
    explainWildcard(role, resource, permission.wildcard);
  }
  role.addToPolicy(
    new PolicyStatement({
      actions: [...permission.actions],
      resources: [...permission.resources],
      ...(permission.conditions === undefined ? {} : { conditions: permission.conditions }),
    }),
  );
};

/** Acknowledges one resource pattern of a role's policy, as the checks spell it. */
export const explainWildcard = (role: Role, resource: string, reason: string): void =>
  Validations.of(role).acknowledge({
    id: `AwsSolutions-IAM5[Resource::${asChecksSpell(Stack.of(role).resolve(resource))}]`,
    reason,
  });

/** References become `<Name>` or `<Name.Attribute>`. */
const asChecksSpell = (resolved: unknown): string => {
  if (typeof resolved === "string") return resolved;
  const {
    Ref,
    "Fn::GetAtt": attribute,
    "Fn::Join": join,
  } = resolved as { Ref?: string; "Fn::GetAtt"?: string[]; "Fn::Join"?: [string, unknown[]] };
  if (join !== undefined) return join[1].map(asChecksSpell).join(join[0]);
  return `<${attribute?.join(".") ?? Ref}>`;
};

/** Only resources of the service's own account: bucket ARNs don't name one. */
export const inAccount = (account: string): Record<string, Record<string, unknown>> => ({
  StringEquals: { "aws:ResourceAccount": account },
});
