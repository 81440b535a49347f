/**
 * What `ecs:runTask.sync` needs, written by hand because nothing complains when it is missing: running, tagging,
 * watching and stopping the task, passing its roles, and the EventBridge rule by which Step Functions learns of its end.
 */
import type { DatabaseTask } from "../database-task";
import { allow, type Grantee } from "../permissions/allow";
import type { ServiceRegion } from "../service-region";

/** The rule's name is Step Functions' own. */
const RULE = "StepFunctionsGetEventsForECSTaskRule";

export const grantRunTask = (grantee: Grantee, { account, names, row }: ServiceRegion, task: DatabaseTask): void => {
  const onCluster = { ArnEquals: { "ecs:cluster": names.clusterArn() } };
  allow(grantee, {
    actions: ["ecs:RunTask"],
    resources: [names.taskDefinitionArns()],
    conditions: onCluster,
    wildcard: "The task is started by its family, whatever its latest revision is.",
  });
  allow(grantee, {
    actions: ["ecs:DescribeTasks", "ecs:StopTask"],
    resources: [names.taskArns()],
    conditions: onCluster,
    wildcard: "Tasks get their ids when they are started.",
  });
  /** The task takes the definition's tags (`PropagateTags`), and ECS refuses to start it for whoever may not tag it. */
  allow(grantee, {
    actions: ["ecs:TagResource"],
    resources: [names.taskArns()],
    conditions: { StringEquals: { "ecs:CreateAction": "RunTask" } },
    wildcard: "Tasks get their ids when they are started.",
  });
  allow(grantee, {
    actions: ["iam:PassRole"],
    resources: [task.role.roleArn, task.executionRole.roleArn],
    conditions: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
  });
  allow(grantee, {
    actions: ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
    resources: [`arn:aws:events:${row.region}:${account}:rule/${RULE}`],
  });
};
