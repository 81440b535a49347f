/**
 * A state machine of the service, from a definition that knows nothing of CDK. What its role may do follows from the
 * definition's placeholders: call these functions, run the task, start that workflow, and nothing else.
 */
import { RemovalPolicy } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { DefinitionBody, LogLevel, StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import type { DatabaseTask } from "../database-task";
import type { ServiceFunctions } from "../functions/service-functions";
import { FUNCTION_NAMES, WORKFLOW_NAMES, type FunctionName, type WorkflowName } from "../names";
import { allow, explainWildcard, type Grantee } from "../permissions/allow";
import type { ServiceRegion } from "../service-region";
import { placeholdersOf, type Workflow } from "../workflows/asl";
import { grantRunTask } from "./run-task";

export interface ServiceWorkflowProps {
  readonly region: ServiceRegion;
  readonly name: WorkflowName;
  readonly definition: Workflow;
  /** Those that the definition calls are among them. */
  readonly functions: Partial<ServiceFunctions>;
  readonly task: DatabaseTask;
}

export class ServiceWorkflow extends Construct implements Grantee {
  readonly name: WorkflowName;
  readonly role: Role;
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, props: ServiceWorkflowProps) {
    super(scope, id);
    const { region, name, definition } = props;
    this.name = name;
    const stateMachineName = region.names.stateMachine(name);
    this.role = new Role(this, "Role", {
      roleName: region.names.workflowRole(name),
      assumedBy: new ServicePrincipal("states.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": region.account } },
      }),
    });
    const logGroup = new LogGroup(this, "Logs", {
      /** This prefix spares the account's limited log resource policy. */
      logGroupName: `/aws/vendedlogs/states/${stateMachineName}`,
      retention: region.stage.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.stateMachine = new StateMachine(this, "StateMachine", {
      stateMachineName,
      definitionBody: DefinitionBody.fromString(JSON.stringify(definition)),
      definitionSubstitutions: Object.fromEntries(
        placeholdersOf(definition).map((placeholder) => [placeholder, this.substitute(placeholder, props)]),
      ),
      role: this.role,
      /** States carry ids, sentences and a network; never data or secrets. */
      logs: { destination: logGroup, level: LogLevel.ALL, includeExecutionData: true },
      tracingEnabled: true,
    });
    if (hasDistributedMap(definition)) this.grantMapRuns(region);
    explainWildcard(this.role, "*", "Log delivery and X-Ray know no resources.");
  }

  /**
   * A Distributed Map's items are executions of the same state machine, started and stopped by its own role
   * (docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html).
   */
  private grantMapRuns({ names }: ServiceRegion): void {
    allow(this, { actions: ["states:StartExecution"], resources: [names.stateMachineArn(this.name)] });
    allow(this, {
      actions: ["states:DescribeExecution", "states:StopExecution"],
      resources: [names.executionArns(this.name)],
      wildcard: "The executions of a map's items get their names when they are started.",
    });
  }

  /** The ARN or name behind a placeholder, with the permission to use it. */
  private substitute(placeholder: string, { region, functions, task }: ServiceWorkflowProps): string {
    const functionName = FUNCTION_NAMES.find((name) => placeholder === `${pascalCase(name)}FunctionArn`);
    const called = functionName === undefined ? undefined : functions[functionName];
    if (called !== undefined) {
      const { functionArn } = called.function;
      allow(this, { actions: ["lambda:InvokeFunction"], resources: [functionArn] });
      return functionArn;
    }
    const workflowName = WORKFLOW_NAMES.find((name) => placeholder === `${pascalCase(name)}StateMachineArn`);
    if (workflowName !== undefined) {
      const stateMachineArn = region.names.stateMachineArn(workflowName);
      allow(this, { actions: ["states:StartExecution"], resources: [stateMachineArn] });
      return stateMachineArn;
    }
    if (placeholder === "ClusterArn") {
      grantRunTask(this, region, task);
      return region.names.clusterArn();
    }
    if (placeholder === "TaskFamily") return region.names.taskFamily();
    throw new Error(`${this.node.path}: the definition's placeholder ${placeholder} stands for nothing`);
  }
}

const hasDistributedMap = ({ States }: Workflow): boolean =>
  Object.values(States).some(
    ({ ItemProcessor }) =>
      (ItemProcessor as { ProcessorConfig?: { Mode?: string } } | undefined)?.ProcessorConfig?.Mode === "DISTRIBUTED",
  );

/** The functions that a definition calls. */
export const functionsCalledBy = (definition: Workflow): readonly FunctionName[] => {
  const placeholders = placeholdersOf(definition);
  return FUNCTION_NAMES.filter((name) => placeholders.includes(`${pascalCase(name)}FunctionArn`));
};

const pascalCase = (name: string): string =>
  name.replace(/(^|-)(\w)/g, (_, _hyphen, letter: string) => letter.toUpperCase());
