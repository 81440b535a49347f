/**
 * Resolves the intrinsic functions of a template: Ref, GetAtt, Join, Sub, Select, Split and the pseudo parameters.
 * Anything else is an error that names the resource it stands in.
 */
import type { StackArtifact } from "./assembly";
import { RESOURCE_KINDS, type Place } from "./resource-kinds";

export class TemplateNotSupported extends Error {
  override name = "TemplateNotSupported";
  constructor(stack: string, logicalId: string, problem: string) {
    super(`${stack}, ${logicalId}: ${problem}.`);
  }
}

type Json = Record<string, unknown>;

export class Resolver {
  private readonly place: Place;

  constructor(
    private readonly stack: StackArtifact,
    private readonly account: string,
  ) {
    this.place = { account, region: stack.region };
  }

  /** `value` with every intrinsic replaced; `logicalId` is where it stands. */
  resolve(value: unknown, logicalId: string): unknown {
    if (Array.isArray(value))
      return value.map((item) => this.resolve(item, logicalId)).filter((item) => item !== undefined);
    if (value === null || typeof value !== "object") return value;
    const entries = Object.entries(value as Json);
    const [name, argument] = entries[0] ?? [];
    if (entries.length === 1 && name !== undefined && (name === "Ref" || name.startsWith("Fn::"))) {
      return this.intrinsic(name, argument, logicalId);
    }
    return Object.fromEntries(
      entries
        .map(([field, inner]) => [field, this.resolve(inner, logicalId)])
        .filter(([, inner]) => inner !== undefined),
    );
  }

  /** The resource's physical name: the one the template gives it, or one made of stack and logical id. */
  nameOf(logicalId: string): string {
    const resource = this.stack.template.Resources[logicalId];
    const kind = RESOURCE_KINDS[resource?.Type ?? ""];
    if (resource === undefined || kind === undefined)
      return this.refuse(logicalId, `the type ${resource?.Type} is not known to the local run`);
    const given = kind.nameProperty === undefined ? undefined : resource.Properties?.[kind.nameProperty];
    return given === undefined ? `${this.stack.name}-${logicalId}` : String(this.resolve(given, logicalId));
  }

  refOf(logicalId: string): string {
    const name = this.nameOf(logicalId);
    return this.kindOf(logicalId).ref(name, this.place);
  }

  attributeOf(logicalId: string, attribute: string, where: string): string {
    const value = this.kindOf(logicalId).attributes(this.nameOf(logicalId), this.place)[attribute];
    return value ?? this.refuse(where, `GetAtt ${logicalId}.${attribute} is not known to the local run`);
  }

  private kindOf(logicalId: string) {
    const kind = RESOURCE_KINDS[this.stack.template.Resources[logicalId]?.Type ?? ""];
    return kind ?? this.refuse(logicalId, "there is no such resource, or its type is not known to the local run");
  }

  private intrinsic(name: string, argument: unknown, where: string): unknown {
    const inner = (value: unknown): unknown => this.resolve(value, where);
    switch (name) {
      case "Ref":
        return this.reference(String(argument), where);
      case "Fn::GetAtt": {
        const [logicalId, ...attribute] = (
          Array.isArray(argument) ? argument : String(argument).split(".")
        ) as string[];
        return this.attributeOf(logicalId ?? "", attribute.join("."), where);
      }
      case "Fn::Join": {
        const [separator, parts] = argument as [string, unknown];
        return (inner(parts) as unknown[]).map(String).join(separator);
      }
      case "Fn::Sub": {
        const [text, values] = (Array.isArray(argument) ? argument : [argument, {}]) as [string, Json];
        return this.substitute(text, values, where);
      }
      case "Fn::Select": {
        const [index, list] = argument as [number | string, unknown];
        return (inner(list) as unknown[])[Number(index)] ?? this.refuse(where, `Select ${index} finds nothing`);
      }
      case "Fn::Split": {
        const [separator, text] = argument as [string, unknown];
        return String(inner(text)).split(separator);
      }
      default:
        return this.refuse(where, `the local run does not resolve ${name}`);
    }
  }

  private substitute(text: string, values: Json, where: string): string {
    return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal === "!") return `\${${name}}`;
      if (name in values) return String(this.resolve(values[name], where));
      const [logicalId = "", ...attribute] = name.split(".");
      return attribute.length === 0
        ? String(this.reference(name, where))
        : this.attributeOf(logicalId, attribute.join("."), where);
    });
  }

  private reference(name: string, where: string): unknown {
    switch (name) {
      case "AWS::AccountId":
        return this.account;
      case "AWS::Region":
        return this.stack.region;
      case "AWS::Partition":
        return "aws";
      case "AWS::URLSuffix":
        return "amazonaws.com";
      case "AWS::StackName":
        return this.stack.name;
      case "AWS::StackId":
        return `arn:aws:cloudformation:${this.stack.region}:${this.account}:stack/${this.stack.name}/local`;
      case "AWS::NoValue":
        return undefined;
    }
    const parameter = this.stack.template.Parameters?.[name];
    if (parameter !== undefined) {
      return parameter.Default ?? this.refuse(where, `the parameter ${name} has no default`);
    }
    if (this.stack.template.Resources[name] === undefined)
      return this.refuse(where, `Ref ${name} names nothing in this template`);
    return this.refOf(name);
  }

  private refuse(logicalId: string, problem: string): never {
    throw new TemplateNotSupported(this.stack.name, logicalId, problem);
  }
}
