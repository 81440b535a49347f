/** Permissions on workflows and tasks for functions. Everything is known by name, so that nothing goes in circles. */
import { RECOVERY_WORKFLOWS, WORKFLOW_NAMES, type WorkflowName } from "../names";
import type { ServiceRegion } from "../service-region";
import { allow, type Grantee } from "./allow";

export class WorkflowAccess {
  constructor(private readonly region: ServiceRegion) {}

  grantStart(grantee: Grantee, ...workflows: readonly WorkflowName[]): void {
    allow(grantee, {
      actions: ["states:StartExecution"],
      resources: workflows.map((name) => this.region.names.stateMachineArn(name)),
    });
  }
  /** Whether executions of these have ended. */
  grantDescribe(grantee: Grantee, ...workflows: readonly WorkflowName[]): void {
    allow(grantee, {
      actions: ["states:DescribeExecution"],
      resources: workflows.map((name) => this.region.names.executionArns(name)),
      wildcard: "Executions get their names when they are started.",
    });
  }
  /** Taking over a lease or a pin takes proof that the holder's execution and task have ended. */
  grantProveEnded(grantee: Grantee): void {
    const { names, recovered } = this.region;
    const workflows = recovered === undefined ? WORKFLOW_NAMES : RECOVERY_WORKFLOWS;
    allow(grantee, {
      actions: ["states:DescribeExecution"],
      resources: workflows.map((name) => names.executionArns(name)),
      wildcard: "A lease may be held by any execution of the service's own workflows.",
    });
    allow(grantee, {
      actions: ["ecs:DescribeTasks"],
      resources: [names.taskArns()],
      conditions: { ArnEquals: { "ecs:cluster": names.clusterArn() } },
      wildcard: "A lease may be held by any task of the service's own cluster.",
    });
  }
}
