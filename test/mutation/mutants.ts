/**
 * What could go wrong in a source file without the compiler noticing, one small change each: conditions that always or
 * never hold, comparisons and constants shifted, one side of `&&`, `||` and `??` alone, statements, filters and
 * sorting left out. What is said to people, types and logs stay as they are. Pure.
 */
import { parseSync } from "@swc/core";

export interface Mutant {
  /** Half-open, in bytes of the file. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** From 1. */
  readonly line: number;
  /** The change in words, such as `a < b → a <= b`. */
  readonly what: string;
}

interface SyntaxNode {
  readonly type: string;
  readonly span: { readonly start: number; readonly end: number };
  readonly [field: string]: unknown;
}
interface Found {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** Spans count from the first token of everything parsed so far: this one stands at a known place. */
const ANCHOR = "0;";

export function mutantsOf(source: string): readonly Mutant[] {
  const bytes = Buffer.from(source);
  const program = parseSync(ANCHOR + source, { syntax: "typescript", target: "es2023" }) as unknown as SyntaxNode;
  const [anchor, ...body] = program["body"] as SyntaxNode[];
  const offset = (anchor?.span.start ?? 0) + ANCHOR.length;
  const place = ({ span }: SyntaxNode) => ({ start: span.start - offset, end: span.end - offset });
  const text = (node: SyntaxNode): string => bytes.toString("utf8", place(node).start, place(node).end);
  const found: Found[] = [];
  const conditions = new Set<SyntaxNode>();
  const change = (node: SyntaxNode, replacement: string): void => void found.push({ ...place(node), replacement });
  for (const statement of body) visit(statement, { text, change, conditions });
  const seen = new Set<string>();
  return found.flatMap(({ start, end, replacement }) => {
    const id = `${start}-${end} ${replacement}`;
    const was = bytes.toString("utf8", start, end);
    if (seen.has(id) || was === replacement) return [];
    seen.add(id);
    const line = bytes.toString("utf8", 0, start).split("\n").length;
    return [{ start, end, replacement, line, what: `${short(was)} → ${short(replacement) || "(left out)"}` }];
  });
}

export const mutated = (source: string, { start, end, replacement }: Found): string => {
  const bytes = Buffer.from(source);
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(replacement), bytes.subarray(end)]).toString();
};

interface Context {
  /** As it stands in the file. */
  readonly text: (node: SyntaxNode) => string;
  readonly change: (node: SyntaxNode, replacement: string) => void;
  /** Nodes that are made true and false as a whole: the opposite would only be easier to notice. */
  readonly conditions: Set<SyntaxNode>;
}

const SHIFTED = new Map([
  ["<", "<="],
  ["<=", "<"],
  [">", ">="],
  [">=", ">"],
  ["===", "!=="],
  ["!==", "==="],
  ["-", "+"],
  ["*", "/"],
  ["/", "*"],
  ["%", "*"],
]);
/** Calls that leave something out or put it in order: the list they are made on is given instead. */
const LEAVE_OUT = new Set(["filter", "toSorted", "toReversed", "slice"]);
const SWAPPED = new Map([
  ["some", "every"],
  ["every", "some"],
  ["min", "max"],
  ["max", "min"],
]);

function visit(node: SyntaxNode, context: Context): void {
  if (isIgnored(node, context)) return;
  mutate(node, context);
  for (const [field, value] of Object.entries(node)) {
    if (field === "span" || /^type|Type$|Parameters$/.test(field)) continue;
    for (const child of [value].flat()) {
      const inner = nodeIn(child);
      if (inner !== undefined) visit(inner, context);
    }
  }
}

function mutate(node: SyntaxNode, context: Context): void {
  const { text, change } = context;
  const part = (field: string): SyntaxNode => node[field] as SyntaxNode;
  switch (node.type) {
    case "IfStatement":
    case "ConditionalExpression":
      return mutateCondition(part("test"), context);
    case "WhileStatement":
      return change(part("test"), "false");
    case "SwitchCase":
      if (node["test"]) change(part("test"), '"\\0"');
      return;
    case "BinaryExpression":
      return mutateBinary(node, context);
    case "UnaryExpression":
      if (node["operator"] === "!") change(node, text(part("argument")));
      return;
    case "ExpressionStatement":
      return change(node, ";");
    case "BooleanLiteral":
      return change(node, String(node["value"] !== true));
    case "NumericLiteral":
      return change(node, String((node["value"] as number) + 1));
    case "CallExpression":
      return mutateCall(part("callee"), node, context);
    default:
  }
}

/** Where one side alone is tried too, the other outcome is only easier to notice. */
function mutateCondition(test: SyntaxNode, { change, conditions }: Context): void {
  conditions.add(test);
  if (test["operator"] !== "&&") change(test, "true");
  if (test["operator"] !== "||") change(test, "false");
}

function mutateBinary(node: SyntaxNode, { text, change, conditions }: Context): void {
  const [left, right] = [node["left"] as SyntaxNode, node["right"] as SyntaxNode];
  const operator = node["operator"] as string;
  if (operator === "&&" || operator === "||" || operator === "??") {
    conditions.add(left).add(right);
    change(node, text(left));
    return change(node, text(right));
  }
  if (conditions.has(node) && /^[!=]==$/.test(operator)) return;
  const isText = [left, right].some(({ type }) => type === "StringLiteral" || type === "TemplateLiteral");
  const other = operator === "+" && !isText ? "-" : SHIFTED.get(operator);
  if (other !== undefined) change(node, `${text(left)} ${other} ${text(right)}`);
}

function mutateCall(callee: SyntaxNode, call: SyntaxNode, { text, change }: Context): void {
  if (callee.type !== "MemberExpression") return;
  const [object, property] = [callee["object"] as SyntaxNode, callee["property"] as SyntaxNode];
  const name = text(property);
  if (LEAVE_OUT.has(name)) change(call, text(object));
  const other = SWAPPED.get(name);
  if (other !== undefined) change(property, other);
}

const isIgnored = (node: SyntaxNode, { text }: Context): boolean =>
  /^Ts(?!As|Satisfies|NonNull)/.test(node.type) ||
  /^(Import|ExportAll)/.test(node.type) ||
  (node.type === "ExpressionStatement" && /^(await )?(this\.|collaborators\.)?(log|metrics)\./.test(text(node)));
/** Properties of objects have no span of their own, and none that is asked for. */
const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
/** Arguments and elements of lists come wrapped. */
const nodeIn = (value: unknown): SyntaxNode | undefined => {
  if (isNode(value)) return value;
  const wrapped = (value as { readonly expression?: unknown } | null | undefined)?.expression;
  return isNode(wrapped) ? wrapped : undefined;
};

const SHORT = 70;
const short = (code: string): string => {
  const line = code.replace(/\s+/g, " ");
  return line.length > SHORT ? `${line.slice(0, SHORT)}…` : line;
};
