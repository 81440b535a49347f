/**
 * What Step Functions asks of a state machine's role: what its states call, how it learns of their ends, its log and its
 * traces. Read off the definition as it is deployed; a kind of state that this table does not know is an error.
 */
import { readMachines, type AppMachine } from "../../../local/workflows/machines";
import type { SynthesizedApp } from "../../../local/template/app";
import { ACCOUNT } from "../iam";
import { roleName, type Need, type ServiceRole } from "./need";

const GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg/";
/** Integrations: connect-lambda, connect-ecs, connect-stepfunctions, use-dist-map; cw-logs; concepts-xray-tracing. */
export const STEP_FUNCTIONS = `${GUIDE}service-integration-iam-templates.html`;

interface State {
  readonly Type?: string;
  readonly Resource?: string;
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly ItemProcessor?: { readonly ProcessorConfig?: { readonly Mode?: string } };
  readonly ItemReader?: { readonly Resource?: string };
  readonly ResultWriter?: unknown;
}
interface MachineProperties {
  readonly LoggingConfiguration?: { readonly Level?: string };
  readonly TracingConfiguration?: { readonly Enabled?: boolean };
}

/** States at any depth, in branches and item processors too. */
const statesOf = (value: unknown): readonly State[] => {
  if (typeof value !== "object" || value === null) return [];
  const inside = Object.values(value).flatMap(statesOf);
  return "Type" in value && typeof value.Type === "string" ? [value as State, ...inside] : inside;
};

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

const RUN_TASK = "arn:aws:states:::ecs:runTask.sync";
const START = "arn:aws:states:::states:startExecution";

const needsOfTask = (state: State, { app, machine }: { app: SynthesizedApp; machine: AppMachine }): readonly Need[] => {
  const { Resource = "", Parameters = {} } = state;
  if (Resource.startsWith("arn:aws:lambda:")) return [{ actions: ["lambda:InvokeFunction"], on: [Resource] }];
  if (Resource.startsWith("arn:aws:states:::lambda:invoke"))
    return [{ actions: ["lambda:InvokeFunction"], on: [textOf(Parameters["FunctionName"])] }];
  if (Resource === RUN_TASK) return needsOfRunTask(Parameters, app, machine);
  if (Resource.startsWith(START)) {
    const target = textOf(Parameters["StateMachineArn"]);
    const start: Need = { actions: ["states:StartExecution"], on: [target] };
    return Resource === START
      ? [start]
      : [
          start,
          { actions: ["states:DescribeExecution", "states:StopExecution"], on: [executionOf(target)] },
          ruleNeed(machine, "StepFunctionsGetEventsForStepFunctionsExecutionRule"),
        ];
  }
  throw new Error(`${machine.name}: the table of what Step Functions needs does not know ${Resource}`);
};

const executionOf = (machineArn: string): string => `${machineArn.replace(":stateMachine:", ":execution:")}:a-name`;

const ruleNeed = ({ region }: AppMachine, rule: string): Need => ({
  actions: ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
  on: [`arn:aws:events:${region}:${ACCOUNT}:rule/${rule}`],
});

/** The task's roles are passed on to ECS; its tags are propagated, which ECS asks for a permission of its own. */
const needsOfRunTask = (
  parameters: Readonly<Record<string, unknown>>,
  app: SynthesizedApp,
  machine: AppMachine,
): readonly Need[] => {
  const { region } = machine;
  const family = textOf(parameters["TaskDefinition"]);
  const cluster = textOf(parameters["Cluster"]);
  const definition = app
    .all<{ TaskRoleArn: string; ExecutionRoleArn: string }>("AWS::ECS::TaskDefinition")
    .find(({ name, region: at }) => at === region && name === family);
  if (definition === undefined) throw new Error(`${machine.name}: no task definition ${family} in ${region}`);
  const task = `arn:aws:ecs:${region}:${ACCOUNT}:task/${cluster.split("/").at(-1)}/0123456789abcdef`;
  const onCluster = { "ecs:cluster": cluster };
  return [
    {
      actions: ["ecs:RunTask"],
      on: [`arn:aws:ecs:${region}:${ACCOUNT}:task-definition/${family}:7`],
      context: onCluster,
    },
    { actions: ["ecs:DescribeTasks", "ecs:StopTask"], on: [task], context: onCluster },
    ...(parameters["PropagateTags"] === undefined
      ? []
      : [{ actions: ["ecs:TagResource"], on: [task], context: { "ecs:CreateAction": "RunTask" } }]),
    {
      actions: ["iam:PassRole"],
      on: [definition.properties.TaskRoleArn, definition.properties.ExecutionRoleArn],
      context: { "iam:PassedToService": "ecs-tasks.amazonaws.com" },
    },
    ruleNeed(machine, "StepFunctionsGetEventsForECSTaskRule"),
  ];
};

/** A distributed map runs as executions of the machine's own. */
const needsOfMap = ({ ItemProcessor, ItemReader, ResultWriter }: State, machine: AppMachine): readonly Need[] => {
  if (ItemProcessor?.ProcessorConfig?.Mode !== "DISTRIBUTED") return [];
  if (ItemReader !== undefined || ResultWriter !== undefined)
    throw new Error(`${machine.name}: the table does not know what a map's reader or writer needs`);
  return [
    { actions: ["states:StartExecution"], on: [machine.arn] },
    { actions: ["states:DescribeExecution", "states:StopExecution"], on: [executionOf(machine.arn)] },
  ];
};

const LOGS: Need = {
  actions: [
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
  ],
  on: ["*"],
};
const TRACES: Need = {
  actions: ["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"],
  on: ["*"],
};

export const stepFunctionsRoles = (app: SynthesizedApp): readonly ServiceRole[] =>
  readMachines(app).map((machine) => {
    const properties = app
      .all<MachineProperties>("AWS::StepFunctions::StateMachine")
      .find(({ ref }) => ref === machine.arn)?.properties;
    const states = statesOf(machine.definition.States);
    return {
      role: roleName(machine.roleArn),
      service: "states.amazonaws.com",
      source: STEP_FUNCTIONS,
      needs: [
        ...states.filter(({ Type }) => Type === "Task").flatMap((state) => needsOfTask(state, { app, machine })),
        ...states.filter(({ Type }) => Type === "Map").flatMap((state) => needsOfMap(state, machine)),
        ...((properties?.LoggingConfiguration?.Level ?? "OFF") === "OFF" ? [] : [LOGS]),
        ...(properties?.TracingConfiguration?.Enabled === true ? [TRACES] : []),
      ],
    };
  });
