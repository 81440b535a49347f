/** The workflows' definitions with ARNs of an account that is none: a function's or workflow's name stands at the end. */
import { WORKFLOWS } from "../../lib/workflows";
import type { WorkflowName } from "../../lib/names";
import type { Definition } from "../../local/workflows/definition";

export const STATE_MACHINES = "arn:aws:states:eu-central-1:111111111111:stateMachine:";
export const EXECUTIONS = "arn:aws:states:eu-central-1:111111111111:execution:";
export const FUNCTIONS = "arn:aws:lambda:eu-central-1:111111111111:function:";

const definitions = new Map<WorkflowName, Definition>();
export const definitionOf = (workflow: WorkflowName): Definition => {
  const known = definitions.get(workflow);
  if (known !== undefined) return known;
  const text = JSON.stringify(WORKFLOWS[workflow]()).replace(/\$\{(\w+)\}/g, (_, placeholder: string) =>
    substitute(placeholder),
  );
  const definition = JSON.parse(text) as Definition;
  definitions.set(workflow, definition);
  return definition;
};
const substitute = (placeholder: string): string => {
  const kebab = (name: string): string => name.replace(/([a-z])([A-Z])/g, "$1-$2").toLowerCase();
  const ofFunction = /^(\w+)FunctionArn$/.exec(placeholder)?.[1];
  if (ofFunction !== undefined) return FUNCTIONS + kebab(ofFunction);
  const ofMachine = /^(\w+)StateMachineArn$/.exec(placeholder)?.[1];
  if (ofMachine !== undefined) return STATE_MACHINES + kebab(ofMachine);
  return placeholder;
};
