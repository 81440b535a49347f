/**
 * Whether IAM would allow a call, by the synthesized policies: an Allow of the role and no Deny, of role or bucket.
 * Only the condition operators that our policies use are known; another one is an error.
 */
import type { RecordedCall } from "../gateway/call-record";
import type { AppPolicies, Statement } from "./statements";

export interface PermissionContext {
  readonly account: string;
  /** Tags of resources outside the templates, such as a database's secret. */
  readonly tagsOf: (resource: string) => Readonly<Record<string, string>>;
}

/** What none of the policies allows, one sentence each. Calls of roles outside the templates are not judged. */
export const refusedCalls = (
  calls: readonly RecordedCall[],
  policies: AppPolicies,
  context: PermissionContext,
): readonly string[] =>
  calls.flatMap((call) => {
    const statements = policies.roles.get(call.role);
    if (statements === undefined) return [];
    const verdict = judge(call, [...statements, ...policies.buckets], contextOf(call, context));
    return verdict === "allowed" ? [] : [`${call.role} is ${verdict} ${call.action} on ${call.resource}`];
  });

/** What statements say of an action on a resource, asked with these condition keys. A Deny wins. */
export const judge = (
  { action, resource }: Pick<RecordedCall, "action" | "resource">,
  statements: readonly Statement[],
  keys: Readonly<Record<string, string>>,
): "allowed" | "denied" | "not allowed" => {
  const says = (wanted: Statement["effect"]): boolean =>
    statements.some(
      ({ effect, actions, resources, conditions }) =>
        effect === wanted &&
        actions.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
        resources.some((pattern) => matches(pattern, resource)) &&
        holds(conditions, keys),
    );
  if (says("Deny")) return "denied";
  return says("Allow") ? "allowed" : "not allowed";
};

/** IAM's wildcards: `*` for any characters, `?` for one. */
export const matches = (pattern: string, value: string): boolean => {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(value);
};

/** AWS clients speak TLS 1.2 and newer; what runs here stays on loopback. */
const contextOf = (
  { role, resource, context }: RecordedCall,
  { account, tagsOf }: PermissionContext,
): Readonly<Record<string, string>> => ({
  "aws:SecureTransport": "true",
  "s3:TlsVersion": "1.3",
  "aws:ResourceAccount": account,
  "aws:PrincipalArn": `arn:aws:iam::${account}:role/${role}`,
  ...Object.fromEntries(Object.entries(tagsOf(resource)).map(([tag, value]) => [`aws:ResourceTag/${tag}`, value])),
  ...context,
});

type Operator = (value: string | undefined, wanted: readonly string[]) => boolean;
const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: (value, wanted) => value !== undefined && wanted.includes(value),
  "ForAnyValue:StringEquals": (value, wanted) => value !== undefined && wanted.includes(value),
  StringNotEquals: (value, wanted) => value === undefined || !wanted.includes(value),
  StringLike: (value, wanted) => value !== undefined && wanted.some((pattern) => matches(pattern, value)),
  // A request without the key meets a condition for all of its values.
  "ForAllValues:StringEquals": (value, wanted) =>
    value === undefined || value.split("\n").every((one) => wanted.includes(one)),
  "ForAllValues:StringLike": (value, wanted) =>
    value === undefined || value.split("\n").every((one) => wanted.some((pattern) => matches(pattern, one))),
  "ForAllValues:StringNotLike": (value, wanted) =>
    value === undefined || value.split("\n").every((one) => !wanted.some((pattern) => matches(pattern, one))),
  ArnEquals: (value, wanted) => value !== undefined && wanted.some((pattern) => matches(pattern, value)),
  ArnLike: (value, wanted) => value !== undefined && wanted.some((pattern) => matches(pattern, value)),
  // Of a key with several values one suffices; they stand a line each.
  "ForAnyValue:StringLike": (value, wanted) =>
    value?.split("\n").some((one) => wanted.some((pattern) => matches(pattern, one))) === true,
  ArnNotLike: (value, wanted) => value === undefined || !wanted.some((pattern) => matches(pattern, value)),
  ArnNotEquals: (value, wanted) => value === undefined || !wanted.some((pattern) => matches(pattern, value)),
  Bool: (value, wanted) => value !== undefined && wanted.includes(value),
  NumericLessThan: (value, wanted) => value !== undefined && wanted.some((limit) => Number(value) < Number(limit)),
};

const holds = (conditions: Statement["conditions"], keys: Readonly<Record<string, string>>): boolean =>
  Object.entries(conditions).every(([name, wanted]) => {
    const operator = OPERATORS[name];
    if (operator === undefined) throw new Error(`The local run does not know the condition operator ${name}.`);
    return Object.entries(wanted).every(([key, values]) => operator(keys[key], values));
  });

/** Grants that no recorded call needed, as `<role> <action>`, sorted. */
export const unusedGrants = (calls: readonly RecordedCall[], policies: AppPolicies): readonly string[] => {
  const used = new Set(calls.map(({ role, action }) => `${role} ${action}`));
  const granted = [...policies.roles].flatMap(([role, statements]) =>
    statements
      .filter(({ effect }) => effect === "Allow")
      .flatMap(({ actions }) => actions.map((action) => `${role} ${action}`)),
  );
  return [...new Set(granted)].filter((grant) => !used.has(grant)).toSorted();
};
