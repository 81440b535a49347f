/** The synthesized app as the local run sees it: every resource with its resolved properties, by type. */
import { readAssembly, type StackArtifact } from "./assembly";
import { RESOURCE_KINDS } from "./resource-kinds";
import { Resolver, TemplateNotSupported } from "./resolver";

export interface AppResource<Properties = Readonly<Record<string, unknown>>> {
  readonly logicalId: string;
  readonly type: string;
  readonly stack: StackArtifact;
  readonly region: string;
  readonly name: string;
  /** What Ref gives. */
  readonly ref: string;
  readonly properties: Properties;
  readonly attribute: (name: string) => string;
}

export class SynthesizedApp {
  readonly resources: readonly AppResource[];
  readonly stacks: readonly StackArtifact[];

  /** Throws TemplateNotSupported for what it cannot resolve or does not know. */
  constructor(
    folder: string,
    readonly account: string,
  ) {
    this.stacks = readAssembly(folder);
    this.resources = this.stacks.flatMap((stack) => readResources(stack, account));
  }

  all<Properties = Readonly<Record<string, unknown>>>(type: string): readonly AppResource<Properties>[] {
    return this.resources.filter((resource) => resource.type === type) as unknown as readonly AppResource<Properties>[];
  }

  outputs(): readonly {
    readonly stack: string;
    readonly name: string;
    readonly value: string;
    readonly description: string;
  }[] {
    return this.stacks.flatMap((stack) => {
      const resolver = new Resolver(stack, this.account);
      return Object.entries(stack.template.Outputs ?? {}).map(([name, { Value, Description }]) => ({
        stack: stack.name,
        name,
        value: String(resolver.resolve(Value, name)),
        description: Description ?? "",
      }));
    });
  }
}

const readResources = (stack: StackArtifact, account: string): readonly AppResource[] => {
  const resolver = new Resolver(stack, account);
  return Object.entries(stack.template.Resources)
    .filter(([, { Type }]) => Type !== "AWS::CDK::Metadata")
    .map(([logicalId, { Type, Properties = {}, Condition }]) => {
      if (RESOURCE_KINDS[Type] === undefined) {
        throw new TemplateNotSupported(stack.name, logicalId, `the type ${Type} is not known to the local run`);
      }
      if (Condition !== undefined)
        throw new TemplateNotSupported(stack.name, logicalId, "conditions are not supported by the local run");
      return {
        logicalId,
        type: Type,
        stack,
        region: stack.region,
        name: resolver.nameOf(logicalId),
        ref: resolver.refOf(logicalId),
        properties: resolver.resolve(Properties, logicalId) as Record<string, unknown>,
        attribute: (name: string) => resolver.attributeOf(logicalId, name, logicalId),
      };
    });
};
