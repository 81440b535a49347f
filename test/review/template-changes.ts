/** Real synthesized stacks, changed by hand: what a reviewer would find in a pull request. */
import { currentRules } from "../../lib/review/current-rules";
import type { Deployment, ReviewedRules } from "../../lib/review/deployment";
import { stacksOfAssembly, toStacks, type FoundStack } from "../../lib/review/read-assembly";
import { must } from "../support/must";
import { synthesizeOnce, type Json } from "../support/synthesized";

/** Three regions stand for all: sentences about every region name these. */
const REGIONS = /-(Frankfurt|Osaka|Tokyo)$/;

export const found: readonly FoundStack[] = stacksOfAssembly(synthesizeOnce().assemblyDir).filter(({ id }) =>
  REGIONS.test(id),
);
export const rules = currentRules();
export const unchanged: Deployment = { stacks: toStacks(found), rules };

/** The stacks, deep copies that may be changed. */
export class Changed {
  stacks: Json[] = structuredClone(found) as Json[];
  rules: Json = structuredClone(rules);
  /** What was reviewed, where that isn't what the default stage has now. */
  before: (earlier: Changed) => void = () => undefined;

  stack(id: string): Json {
    return must(this.stacks.find((stack: Json) => stack.id === id));
  }
  /** A resource of a stack by type and by what its name ends with, or by a part of its logical id. */
  resource(id: string, type: string, name = ""): Json {
    return must(this.stack(id).template.Resources[this.logicalId(id, type, name)]);
  }
  logicalId(id: string, type: string, name = ""): string {
    const resources = Object.entries(this.stack(id).template.Resources) as [string, Json][];
    const [logicalId] = must(
      resources.find(
        ([key, resource]) =>
          resource.Type === type &&
          (name === "" || key.startsWith(name) || new RegExp(`-${name}"`).test(JSON.stringify(resource.Properties))),
      ),
      `${type} ${name} in ${id}`,
    );
    return logicalId;
  }
  properties(id: string, type: string, name = ""): Json {
    return this.resource(id, type, name).Properties;
  }
  /** In every primary stack. */
  everyPrimary(change: (id: string) => void): void {
    for (const { id } of found) if (id.startsWith("Primary")) change(id);
  }
  /** The statements that a role's own policy holds. */
  statements(id: string, role: string): Json[] {
    const logicalId = this.logicalId(id, "AWS::IAM::Role", role);
    const policy = must(
      Object.values<Json>(this.stack(id).template.Resources).find(
        ({ Type, Properties }) =>
          Type === "AWS::IAM::Policy" && JSON.stringify(Properties.Roles).includes(`"${logicalId}"`),
      ),
    );
    return policy.Properties.PolicyDocument.Statement as Json[];
  }
  /** Both stacks of a region follow a new row of the nightly table. */
  moveReplicas(label: string, from: readonly [name: string, region: string], to: readonly [string, string]): void {
    for (const id of [`Primary-${label}`, `Replica-${label}`]) {
      const stack = this.stack(id);
      stack.template = JSON.parse(
        JSON.stringify(stack.template).replaceAll(from[1], to[1]).replaceAll(`in ${from[0]}`, `in ${to[0]}`),
      );
    }
    this.stack(`Replica-${label}`).region = to[1];
  }
  reviewed(): Deployment {
    const earlier = new Changed();
    this.before(earlier);
    return earlier.deployment();
  }
  deployment(): Deployment {
    return { stacks: toStacks(this.stacks as FoundStack[]), rules: this.rules as ReviewedRules };
  }
}
