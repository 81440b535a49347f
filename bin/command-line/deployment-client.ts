/**
 * The deployed service of one stage and region, found by its names alone: functions and workflows are named after
 * prefix, account and region. Calls are authorised by the caller's own IAM identity.
 */
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { ConfigurationError } from "../../lib/config/configuration-error";
import { loadStage } from "../../lib/config/load-configuration";
import { Names } from "../../lib/names";
import { CommandFailure, type Deployment, type DeploymentAddress } from "./surroundings";

/** Retention's dry run lists and reads for up to a Lambda function's 15 minutes; what we ask for may be repeated. */
const LIMITS = { maxAttempts: 3, requestHandler: { connectionTimeout: 5_000, requestTimeout: 16 * 60_000 } };

export async function connectDeployment(address: DeploymentAddress): Promise<Deployment> {
  const stage = stageOf(address);
  const lambda = new LambdaClient({ ...LIMITS, ...(address.region === undefined ? {} : { region: address.region }) });
  const region = await saying(
    "The AWS region is not known; give --region, such as --region eu-central-1.",
    () => lambda.config.region(),
    2,
  );
  const served = stage.rows.map((row) => row.region);
  if (!served.includes(region)) {
    throw new CommandFailure(2, [
      `Stage ${stage.stage} is not deployed in ${region}; give --region as one of ${served.join(", ")}.`,
    ]);
  }
  const account = address.account ?? stage.account ?? (await accountOfCredentials(lambda));
  const names = new Names({ prefix: stage.prefix, account, region });
  const workflows = new SFNClient({ ...LIMITS, region });
  return {
    region,
    invoke: async (name, input) => {
      const functionName = names.function(name);
      const answer = await saying(
        `The function ${functionName} in ${region} could not be called; check --stage, --region, and that your AWS identity may invoke it`,
        () =>
          lambda.send(new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(input)) })),
      );
      const output: unknown = JSON.parse(Buffer.from(answer.Payload ?? []).toString("utf8") || "null");
      if (answer.FunctionError === undefined) return output;
      throw new CommandFailure(1, [
        (output as { errorMessage?: string } | null)?.errorMessage ?? `The function ${functionName} failed.`,
      ]);
    },
    start: async (workflow, name, input) => {
      const stateMachineArn = names.stateMachineArn(workflow);
      const answer = await saying(`The workflow ${stateMachineArn} could not be started`, () =>
        workflows.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) })),
      );
      return answer.executionArn ?? "";
    },
    outcomeOf: async (executionArn) => {
      const answer = await saying(`The execution ${executionArn} could not be looked at`, () =>
        workflows.send(new DescribeExecutionCommand({ executionArn })),
      );
      if (answer.status === "RUNNING") return null;
      return {
        succeeded: answer.status === "SUCCEEDED",
        message: answer.cause ?? answer.output ?? String(answer.status),
      };
    },
  };
}

function stageOf({ stage }: DeploymentAddress) {
  try {
    return loadStage(stage);
  } catch (error) {
    if (error instanceof ConfigurationError) throw new CommandFailure(2, [error.message], { cause: error });
    throw error;
  }
}

/** Some ways of signing in tell the account along with the credentials. */
async function accountOfCredentials(lambda: LambdaClient): Promise<string> {
  const credentials = await saying("There are no AWS credentials; sign in first, or set AWS_PROFILE", () =>
    lambda.config.credentials(),
  );
  if (credentials.accountId !== undefined) return credentials.accountId;
  throw new CommandFailure(2, [
    'The AWS account is not known from your credentials; give --account, or set "account" in the stage\'s configuration.',
  ]);
}

async function saying<T>(sentence: string, call: () => Promise<T>, exitCode: 1 | 2 = 1): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailure(exitCode, [sentence.endsWith(".") ? sentence : `${sentence}: ${reason}`], { cause });
  }
}
