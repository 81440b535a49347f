/** Which permissions of one policy are not in another. Pure, and careful: what it can't judge counts as wider. */
import { isObject, listOf, same, type Json, type JsonObject } from "./deployment";

export interface Statement {
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly principals: readonly string[];
  /** By operator and key. */
  readonly conditions: Readonly<Record<string, readonly string[]>>;
  /** NotAction, NotResource and NotPrincipal: never judged, only compared. */
  readonly inverted: Json;
}
/** One action on one resource by one principal, with its conditions. */
interface Right extends Omit<Statement, "actions" | "resources" | "principals"> {
  readonly action: string;
  readonly resource: string;
  readonly principal: string;
}

const texts = (value: Json | undefined): readonly string[] =>
  listOf(value)
    .map((part) => (typeof part === "string" ? part : JSON.stringify(part)))
    .toSorted();

export const statementOf = (json: Json): Statement => {
  const statement: JsonObject = isObject(json) ? json : {};
  const { Principal, NotAction, NotResource, NotPrincipal } = statement;
  const conditions: Record<string, readonly string[]> = {};
  for (const [operator, keys] of Object.entries((statement["Condition"] ?? {}) as Record<string, JsonObject>))
    for (const [key, values] of Object.entries(keys)) conditions[`${operator} ${key}`] = texts(values);
  return {
    effect: statement["Effect"] === "Deny" ? "Deny" : "Allow",
    actions: texts(statement["Action"]),
    resources: statement["Resource"] === undefined ? ["*"] : texts(statement["Resource"]),
    principals: isObject(Principal)
      ? Object.entries(Principal).flatMap(([kind, names]) =>
          texts(names).map((name) => (name === "*" ? "*" : `${kind}:${name}`)),
        )
      : Principal === undefined
        ? [""]
        : texts(Principal),
    conditions,
    inverted: [NotAction ?? "", NotResource ?? "", NotPrincipal ?? ""],
  };
};

const INVERTED_NOTHING: Json = ["", "", ""];

/** IAM's patterns: `*` and `?`. A pattern inside `narrow` is met by the same or a wider one only. */
export const matches = (wide: string, narrow: string): boolean =>
  new RegExp(
    `^${wide
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replace(/\*/g, ".*")
      .replace(/\?/g, "[^*]")}$`,
    "i",
  ).test(narrow);

/** Operators that refuse more the more values they hold. */
const isNegative = (operator: string): boolean => /Not/.test(operator) && !operator.startsWith("Null");
const isPattern = (operator: string): boolean => /Like/.test(operator);

/** Whether whatever meets `narrow` also meets `wide`. */
const narrower = (narrow: Right["conditions"], wide: Right["conditions"]): boolean =>
  Object.entries(wide).every(([operatorAndKey, values]) => {
    const own = narrow[operatorAndKey];
    if (own === undefined) return false;
    const inside = (some: readonly string[], all: readonly string[]): boolean =>
      some.every((one) => all.some((other) => (isPattern(operatorAndKey) ? matches(other, one) : other === one)));
    return isNegative(operatorAndKey) ? inside(values, own) : inside(own, values);
  });

const rightsOf = ({ actions, resources, principals, ...rest }: Statement): readonly Right[] =>
  actions.flatMap((action) =>
    resources.flatMap((resource) => principals.map((principal) => ({ ...rest, action, resource, principal }))),
  );

const covers = (statement: Statement, right: Right, ignoring?: "conditions" | "resources" | "principals"): boolean =>
  statement.effect === right.effect &&
  same(statement.inverted, INVERTED_NOTHING) &&
  statement.actions.some((action) => matches(action, right.action)) &&
  (ignoring === "resources" || statement.resources.some((resource) => matches(resource, right.resource))) &&
  (ignoring === "principals" || statement.principals.some((one) => one === "*" || one === right.principal)) &&
  (ignoring !== undefined || narrower(right.conditions, statement.conditions));

export interface Excess {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly principals: readonly string[];
  /** What makes it more than was there. */
  readonly why: "action" | "resource" | "principal" | "condition" | "inverted";
  readonly statement: Statement;
  /** With `condition`: those that cover it but for their conditions. */
  readonly like: readonly Statement[];
}

/** What statements of an effect in `of` are not covered by those in `by`. */
export const excess = (
  effect: Statement["effect"],
  of: readonly Statement[],
  by: readonly Statement[],
): readonly Excess[] =>
  of
    .filter((statement) => statement.effect === effect)
    .flatMap((statement) => {
      if (!same(statement.inverted, INVERTED_NOTHING))
        return by.some((other) => same(other, statement))
          ? []
          : [{ ...statement, why: "inverted" as const, statement, like: [] }];
      const rest = rightsOf(statement).filter((right) => !by.some((other) => covers(other, right)));
      const reasons = new Map<Excess["why"], Right[]>();
      for (const right of rest) {
        const why = reasonOf(right, by);
        reasons.set(why, [...(reasons.get(why) ?? []), right]);
      }
      return [...reasons].map(([why, rights]) => ({
        why,
        statement,
        actions: unique(rights.map(({ action }) => action)),
        resources: unique(rights.map(({ resource }) => resource)),
        principals: unique(rights.map(({ principal }) => principal)),
        like:
          why === "condition" ? by.filter((other) => rights.some((right) => covers(other, right, "conditions"))) : [],
      }));
    });

const reasonOf = (right: Right, by: readonly Statement[]): Excess["why"] => {
  if (by.some((other) => covers(other, right, "conditions"))) return "condition";
  if (by.some((other) => covers(other, right, "principals"))) return "principal";
  if (by.some((other) => covers(other, right, "resources"))) return "resource";
  return "action";
};

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)];
