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
  return { roles: new Map(roles), buckets: readBucketPolicies(app).flatMap(({ statements }) => statements) };
};

/** A resource and what its own policy says; there `*` as a resource means itself and what is in it. */
export interface ResourcePolicy {
  readonly type: string;
  readonly arn: string;
  readonly stack: string;
  readonly region: string;
  readonly statements: readonly Statement[];
}

/** Of everything that holds data or opens it: buckets, keys, tables and vaults. One without a policy has no statements. */
export const readResourcePolicies = (app: SynthesizedApp): readonly ResourcePolicy[] => [
  ...readBucketPolicies(app),
  ...OWN_POLICIES.flatMap(({ type, arn, document }) =>
    app.all(type).map((resource) => {
      const found = document.reduce<unknown>((inside, key) => (inside as Properties)?.[key], resource.properties);
      return {
        type,
        arn: resource.attribute(arn),
        stack: resource.stack.name,
        region: resource.region,
        statements: found === undefined ? [] : readStatements(found as PolicyDocument),
      };
    }),
  ),
];

type Properties = Readonly<Record<string, unknown>> | undefined;
const OWN_POLICIES = [
  { type: "AWS::KMS::Key", arn: "Arn", document: ["KeyPolicy"] },
  { type: "AWS::DynamoDB::Table", arn: "Arn", document: ["ResourcePolicy", "PolicyDocument"] },
  { type: "AWS::Backup::BackupVault", arn: "BackupVaultArn", document: ["AccessPolicy"] },
] as const;

const readBucketPolicies = (app: SynthesizedApp): readonly ResourcePolicy[] => {
  const policies = app.all<PolicyProperties & { readonly Bucket: string }>("AWS::S3::BucketPolicy");
  return app.all("AWS::S3::Bucket").map(({ type, name, stack, region, attribute }) => ({
    type,
    arn: attribute("Arn"),
    stack: stack.name,
    region,
    statements: policies
      .filter(({ properties }) => properties.Bucket === name)
      .flatMap(({ properties }) => readStatements(properties.PolicyDocument)),
  }));
};

const list = (value: unknown): readonly string[] => {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
};

export const readStatements = (document: PolicyDocument): readonly Statement[] =>
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
