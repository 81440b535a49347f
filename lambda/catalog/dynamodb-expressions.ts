/** Conditions and changes of `catalog-table.ts` as DynamoDB expressions. Every name and value is a placeholder. */
import type { Change, Condition } from "./catalog-table";

export interface Expressions {
  readonly ConditionExpression?: string;
  readonly UpdateExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
}

export const expressions = (parts: {
  readonly condition?: Condition | undefined;
  readonly change?: Change;
}): Expressions => {
  const placeholders = new Placeholders();
  const condition = parts.condition === undefined ? "" : conditionExpression(parts.condition, placeholders);
  const update = parts.change === undefined ? "" : updateExpression(parts.change, placeholders);
  return {
    ...(condition === "" ? {} : { ConditionExpression: condition }),
    ...(update === "" ? {} : { UpdateExpression: update }),
    ...placeholders.attributes(),
  };
};

class Placeholders {
  private readonly names = new Map<string, string>();
  private readonly values: unknown[] = [];

  name(attribute: string): string {
    const known = this.names.get(attribute) ?? `#n${this.names.size}`;
    this.names.set(attribute, known);
    return known;
  }
  value(value: unknown): string {
    this.values.push(value);
    return `:v${this.values.length - 1}`;
  }
  /** DynamoDB refuses empty maps. */
  attributes(): Pick<Expressions, "ExpressionAttributeNames" | "ExpressionAttributeValues"> {
    const names = [...this.names].map(([attribute, name]) => [name, attribute] as const);
    const values = this.values.map((value, index) => [`:v${index}`, value] as const);
    return {
      ...(names.length === 0 ? {} : { ExpressionAttributeNames: Object.fromEntries(names) }),
      ...(values.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(values) }),
    };
  }
}

const conditionExpression = (condition: Condition, placeholders: Placeholders): string => {
  const parts: string[] = [];
  if (condition.absent === true) parts.push(`attribute_not_exists(${placeholders.name("pk")})`);
  if (condition.exists === true) parts.push(`attribute_exists(${placeholders.name("pk")})`);
  for (const [attribute, value] of Object.entries(condition.equals ?? {})) {
    const name = placeholders.name(attribute);
    const equal = `${name} = ${placeholders.value(value)}`;
    parts.push(value === null ? `(attribute_not_exists(${name}) OR ${equal})` : equal);
  }
  for (const [attribute, values] of Object.entries(condition.oneOf ?? {})) {
    const name = placeholders.name(attribute);
    // An empty list holds for nothing; DynamoDB refuses an empty IN.
    parts.push(
      values.length === 0
        ? `(attribute_exists(${name}) AND attribute_not_exists(${name}))`
        : `${name} IN (${values.map((value) => placeholders.value(value)).join(", ")})`,
    );
  }
  return parts.join(" AND ");
};

const updateExpression = (change: Change, placeholders: Placeholders): string => {
  const set = Object.entries(change.set ?? {}).filter(([, value]) => value !== undefined);
  const remove = change.remove ?? [];
  const parts: string[] = [];
  if (set.length > 0) {
    parts.push(
      `SET ${set.map(([name, value]) => `${placeholders.name(name)} = ${placeholders.value(value)}`).join(", ")}`,
    );
  }
  if (remove.length > 0) parts.push(`REMOVE ${remove.map((name) => placeholders.name(name)).join(", ")}`);
  return parts.join(" ");
};
