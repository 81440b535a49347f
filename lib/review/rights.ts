/** Rights and refusals in words, whole: actions, resources and conditions, each of them named. Pure. */
import { andList } from "./finding";
import { withoutHashes } from "./plain-values";
import type { Statement } from "./statements";

/** How a condition's operator is said; others by their own names. */
const OPERATORS: Readonly<Record<string, string>> = {
  StringEquals: "is",
  StringLike: "is like",
  StringNotEquals: "isn't",
  StringNotLike: "isn't like",
  ArnEquals: "is",
  ArnLike: "is like",
  ArnNotEquals: "isn't",
  ArnNotLike: "isn't like",
  Bool: "is",
  NumericLessThan: "is less than",
  IpAddress: "is in",
  NotIpAddress: "isn't in",
  "ForAnyValue:StringEquals": "has",
  "ForAnyValue:StringLike": "has one like",
  "ForAllValues:StringEquals": "has only",
  "ForAllValues:StringLike": "has only ones like",
  "ForAllValues:StringNotLike": "has none like",
};
type Conditions = Statement["conditions"];

const NOT_PRINCIPAL = /^(?:Arn|String)Not(?:Equals|Like) aws:PrincipalArn$/;

/** A pattern that every value meets but an empty one. */
const ANYTHING = "?*";

/** `where aws:RequestedRegion is <region>`; empty for none. */
export const where = (conditions: Conditions): string => {
  const parts = Object.entries(conditions).map(([name, values]) => {
    const [operator = "", key = ""] = name.split(" ");
    if (operator === "StringLike" && values.length === 1 && values[0] === ANYTHING) return `${key} isn't empty`;
    return `${key} ${OPERATORS[operator] ?? operator} ${andList(values, "or")}`;
  });
  return parts.length === 0 ? "" : ` where ${andList(parts)}`;
};
/** One of several: ` where A, or where B`; empty where none has conditions. */
export const whereOneOf = (all: readonly Conditions[]): string =>
  all
    .map(where)
    .filter((text) => text !== "")
    .join(", or");

export const person = (principal: string): string =>
  principal === "*"
    ? "anyone"
    : principal.replace(/^(AWS|Service|Federated):/, "").replace(/^arn:aws:iam::<account>:role\//, "the role ");

/** `the roles a and b`. */
export const people = (principals: readonly string[]): string => {
  const all = principals.map(person);
  const roles = all.filter((one) => one.startsWith("the role ")).map((one) => one.slice("the role ".length));
  const others = all.filter((one) => !one.startsWith("the role "));
  return andList([
    ...(roles.length === 0 ? [] : [`the role${roles.length > 1 ? "s" : ""} ${andList(roles)}`]),
    ...others,
  ]);
};

/** `s3:PutObject on R where C`. */
export const right = ({
  actions,
  resources,
  conditions,
}: Pick<Statement, "actions" | "resources" | "conditions">): string =>
  `${andList(actions)} on ${andList(resources.map((one) => (one === "*" ? "everything" : one)))}${where(conditions)}`;

/** Whom a refusal leaves out; undefined where it isn't by principal. */
export const leftOut = (conditions: Conditions): readonly string[] | undefined =>
  Object.entries(conditions).find(([name]) => NOT_PRINCIPAL.test(name))?.[1];

/** ` to everyone but R`, ` where C`; what a Deny says of whom and when. */
export const toWhom = (conditions: Conditions): string => {
  const roles = leftOut(conditions);
  const rest = Object.fromEntries(Object.entries(conditions).filter(([name]) => !NOT_PRINCIPAL.test(name)));
  const whom = roles === undefined ? " to everyone" : ` to everyone but ${people(roles)}`;
  return `${whom}${where(rest)}`;
};

/** What rights have in common, whichever of a region's two places they are in. */
export const purpose = ({ actions, resources }: Pick<Statement, "actions" | "resources">): string =>
  `${actions.join(" ")} ${resources.map((one) => withoutHashes(one).replace(/<(replication )?region>/g, "<region>")).join(" ")}`;
