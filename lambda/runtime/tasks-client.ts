/** ECS: whether a database task has stopped. */
import { DescribeTasksCommand, ECSClient } from "@aws-sdk/client-ecs";
import { smallRequests, unavailable, type AwsOptions } from "./aws-options";
import type { Clock, Tasks } from "./collaborators";
import { isGone } from "./gone";

export class EcsTasks implements Tasks {
  private readonly client: ECSClient;
  constructor(
    private readonly clusterArn: string,
    private readonly clock: Clock,
    options: AwsOptions,
  ) {
    this.client = new ECSClient(smallRequests(options));
  }

  /** A task that ECS answers about and no longer knows stopped an hour ago or more. Any other doubt is an error. */
  async hasStopped(taskArn: string, knownSince: string): Promise<boolean> {
    const action = `Looking at the task ${taskArn}`;
    const answer = await this.client
      .send(new DescribeTasksCommand({ cluster: this.clusterArn, tasks: [taskArn] }))
      .catch((error: unknown) => Promise.reject(unavailable(action, error)));
    const task = answer.tasks?.[0];
    if (task !== undefined) return task.lastStatus === "STOPPED";
    const reason = answer.failures?.[0]?.reason ?? "MISSING";
    if (reason === "MISSING") return isGone(knownSince, this.clock.now());
    throw unavailable(action, new Error(reason));
  }
}
