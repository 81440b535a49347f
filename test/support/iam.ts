/**
 * What IAM says, by the synthesized policies of the default stage: to AWS's doubles, and to the table of what AWS's
 * services need of the roles that they are handed.
 */
import { matches, refusedCalls } from "../../local/permissions/evaluate";
import { readPolicies, type AppPolicies } from "../../local/permissions/statements";
import { SynthesizedApp } from "../../local/template/app";
import { synthesizeOnce } from "./synthesized";

export const ACCOUNT = "111111111111";
/** Of a function in Frankfurt. */
export const functionRoleName = (name: string): string => `backups-${ACCOUNT}-eu-central-1-${name}`;

export interface Asked {
  /** Its name. */
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  /** Condition keys of the request. */
  readonly context?: Readonly<Record<string, string>>;
  /** Of the resource. */
  readonly tags?: Readonly<Record<string, string>>;
}
interface Trust {
  readonly Statement: readonly {
    readonly Effect: string;
    readonly Action: string;
    readonly Principal: {
      readonly Service?: string | readonly string[];
      readonly AWS?: string | readonly string[];
    };
    readonly Condition?: { readonly StringEquals?: Readonly<Record<string, unknown>> };
  }[];
}

export class Iam {
  private policies: AppPolicies;
  private readonly trusts: ReadonlyMap<string, Trust>;

  constructor(readonly app: SynthesizedApp) {
    this.policies = readPolicies(app);
    this.trusts = new Map(
      app
        .all<{ AssumeRolePolicyDocument: Trust }>("AWS::IAM::Role")
        .map(({ name, properties }) => [name, properties.AssumeRolePolicyDocument]),
    );
  }

  get roles(): readonly string[] {
    return [...this.trusts.keys()];
  }

  /** AWS's sentence, or undefined where it is allowed. */
  refusal({ role, action, resource, context = {}, tags = {} }: Asked): string | undefined {
    const call = { role, action, resource, context };
    const isKnown = this.policies.roles.has(role);
    if (isKnown && refusedCalls([call], this.policies, { account: ACCOUNT, tagsOf: () => tags }).length === 0)
      return undefined;
    return `User: arn:aws:sts::${ACCOUNT}:assumed-role/${role}/session is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
  }

  /** As if no role had been granted the action: what a test of the table takes away. */
  without(action: string): Iam {
    const copy = Object.assign(Object.create(Iam.prototype) as Iam, this);
    const roles = [...this.policies.roles].map(
      ([role, statements]) =>
        [
          role,
          statements.map((one) => ({ ...one, actions: one.actions.filter((granted) => granted !== action) })),
        ] as const,
    );
    copy.policies = { ...this.policies, roles: new Map(roles) };
    return copy;
  }

  /** Every way in which one statement of a role could lack one action, in words. */
  lackingOne(role: string): readonly (readonly [what: string, iam: Iam])[] {
    const statements = this.policies.roles.get(role) ?? [];
    return statements.flatMap((statement, position) =>
      statement.effect === "Deny"
        ? []
        : statement.actions.map((action) => {
            const copy = Object.assign(Object.create(Iam.prototype) as Iam, this);
            const less = { ...statement, actions: statement.actions.filter((granted) => granted !== action) };
            const roles = new Map(this.policies.roles).set(role, statements.with(position, less));
            copy.policies = { ...this.policies, roles };
            return [`${action} on ${statement.resources.join(", ")}`, copy] as const;
          }),
    );
  }

  /** Whether any statement allows the action, on whatever. */
  holds(role: string, action: string): boolean {
    return (this.policies.roles.get(role) ?? []).some(
      ({ effect, actions }) => effect === "Allow" && actions.some((pattern) => matches(pattern, action)),
    );
  }

  /** Whether a service may assume the role on behalf of this account. */
  admits(role: string, service: string): boolean {
    return (this.trusts.get(role)?.Statement ?? []).some(
      ({ Effect, Action, Principal, Condition }) =>
        Effect === "Allow" &&
        Action === "sts:AssumeRole" &&
        [Principal.Service ?? [], Principal.AWS ?? []].flat(2).includes(service) &&
        [undefined, ACCOUNT].includes(Condition?.StringEquals?.["aws:SourceAccount"] as string | undefined),
    );
  }
}

let known: Iam | undefined;
/** Synthesizes where nobody has yet, which takes a while: whoever has little time asks before its tests begin. */
export const iamOfDefaultStage = (): Iam =>
  (known ??= new Iam(new SynthesizedApp(synthesizeOnce().assemblyDir, ACCOUNT)));
