/** Step Functions: starting an execution twice is harmless, and an execution that is gone has ended. */
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { smallRequests, unavailable, type AwsOptions } from "./aws-options";
import type { Clock, Workflows } from "./collaborators";
import { isGone } from "./gone";
import { isError } from "./is-error";

/** Everything but these states has ended for good. */
const NOT_ENDED = new Set(["RUNNING", "PENDING_REDRIVE"]);

export class StepFunctionsWorkflows implements Workflows {
  private readonly client: SFNClient;
  constructor(
    private readonly clock: Clock,
    options: AwsOptions,
  ) {
    this.client = new SFNClient(smallRequests(options));
  }

  async start(stateMachineArn: string, name: string, input: unknown): Promise<{ readonly started: boolean }> {
    try {
      await this.client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
      return { started: true };
    } catch (error) {
      if (isNamed(error, "ExecutionAlreadyExists")) return { started: false };
      throw unavailable(`Starting the execution ${name}`, error);
    }
  }

  async hasEnded(executionArn: string, knownSince: string): Promise<boolean> {
    try {
      const { status } = await this.client.send(new DescribeExecutionCommand({ executionArn }));
      return status !== undefined && !NOT_ENDED.has(status);
    } catch (error) {
      if (isNamed(error, "ExecutionDoesNotExist")) return isGone(knownSince, this.clock.now());
      throw unavailable(`Looking at the execution ${executionArn}`, error);
    }
  }
}

const isNamed = (error: unknown, name: string): boolean => isError(error) && error.name === name;
