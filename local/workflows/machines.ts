/** The state machines of the app, with their definitions as the templates would deploy them. */
import { readFileSync } from "node:fs";
import type { AppResource, SynthesizedApp } from "../template/app";
import { TemplateNotSupported } from "../template/resolver";
import type { Definition } from "./definition";

interface MachineProperties {
  readonly DefinitionString?: string;
  readonly DefinitionS3Location?: { readonly Key: string };
  readonly DefinitionSubstitutions?: Readonly<Record<string, string>>;
  readonly RoleArn: string;
  readonly StateMachineType?: string;
}
export interface AppMachine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  readonly region: string;
  readonly definition: Definition;
}

export const readMachines = (app: SynthesizedApp): readonly AppMachine[] =>
  app.all<MachineProperties>("AWS::StepFunctions::StateMachine").map((machine) => ({
    arn: machine.ref,
    name: machine.name,
    roleArn: machine.properties.RoleArn,
    region: machine.region,
    definition: readMachine(machine),
  }));

const readMachine = (machine: AppResource<MachineProperties>): Definition => {
  const { properties, stack, logicalId } = machine;
  if ((properties.StateMachineType ?? "STANDARD") !== "STANDARD")
    throw new TemplateNotSupported(stack.name, logicalId, "express workflows are not supported by the local run");
  const values = properties.DefinitionSubstitutions ?? {};
  const text = definitionText(machine).replace(/\$\{(\w+)\}/g, (placeholder, name: string) => {
    const value = values[name];
    if (value === undefined)
      throw new TemplateNotSupported(stack.name, logicalId, `${placeholder} has no substitution`);
    return JSON.stringify(value).slice(1, -1);
  });
  return JSON.parse(text) as Definition;
};

const definitionText = ({ properties, stack, logicalId }: AppResource<MachineProperties>): string => {
  if (properties.DefinitionString !== undefined) return properties.DefinitionString;
  const path = stack.files.get(properties.DefinitionS3Location?.Key ?? "");
  if (path === undefined)
    throw new TemplateNotSupported(stack.name, logicalId, "its definition is no asset of this assembly");
  return readFileSync(path, "utf8");
};
