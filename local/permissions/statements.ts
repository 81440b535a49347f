/** The roles of the synthesized app with everything their policies say, and what the buckets' policies refuse. */
import type { SynthesizedApp } from "../template/app";
import { TemplateNotSupported } from "../template/resolver";

export interface Statement {
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Operator → key → values. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}
export interface AppPolicies {
  /** By the role's name. */
  readonly roles: ReadonlyMap<string, readonly Statement[]>;
  /** Statements of bucket policies; ours only deny. */
  readonly buckets: readonly Statement[];
}

interface PolicyDocument {
  readonly Statement: readonly {
    readonly Effect: "Allow" | "Deny";
    readonly Action?: string | readonly string[];
    readonly Resource?: string | readonly string[];
    readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  }[];
}
interface RoleProperties {
  readonly Policies?: readonly { readonly PolicyDocument: PolicyDocument }[];
  readonly ManagedPolicyArns?: readonly string[];
}
interface PolicyProperties {
  readonly PolicyDocument: PolicyDocument;
  readonly Roles?: readonly string[];
}

export const readPolicies = (app: SynthesizedApp): AppPolicies => {
  const attached = app.all<PolicyProperties>("AWS::IAM::Policy");
  const roles = app.all<RoleProperties>("AWS::IAM::Role").map(({ name, properties, stack, logicalId }) => {
    if ((properties.ManagedPolicyArns ?? []).length > 0)
      throw new TemplateNotSupported(stack.name, logicalId, "managed policies are not known to the local run");
    const own = (properties.Policies ?? []).flatMap(({ PolicyDocument }) => readStatements(PolicyDocument));
    const others = attached
      .filter((policy) => policy.stack === stack && policy.properties.Roles?.includes(name) === true)
      .flatMap((policy) => readStatements(policy.properties.PolicyDocument));
    return [name, [...own, ...others]] as const;
  });
  const buckets = app
    .all<PolicyProperties>("AWS::S3::BucketPolicy")
    .flatMap(({ properties }) => readStatements(properties.PolicyDocument));
  return { roles: new Map(roles), buckets };
};

const list = (value: unknown): readonly string[] => {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
};

const readStatements = (document: PolicyDocument): readonly Statement[] =>
  document.Statement.map(({ Effect, Action, Resource, Condition = {} }) => ({
    effect: Effect,
    actions: list(Action),
    resources: list(Resource),
    conditions: Object.fromEntries(
      Object.entries(Condition).map(([operator, keys]) => [
        operator,
        Object.fromEntries(Object.entries(keys).map(([key, values]) => [key, list(values)])),
      ]),
    ),
  }));
