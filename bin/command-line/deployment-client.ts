/**
 * The deployed service of one stage and region, found by its names alone: functions and workflows are named after
 * prefix, account and region. Calls are authorised by the caller's own IAM identity.
 */
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { ConfigurationError } from "../../lib/config/configuration-error";
import { loadStage, rowOf, type Stage } from "../../lib/config/load-configuration";
import { Names } from "../../lib/names";
import type { NightlyRow } from "../../lib/regions/nightly-table";
import { oneLine } from "./plain-text";
import { CommandFailure, type Deployment, type DeploymentAddress } from "./surroundings";
import { NoAwsIdentity } from "./ways-in";

/** Retention's dry run lists and reads for up to a Lambda function's 15 minutes; what we ask for may be repeated. */
const LIMITS = { maxAttempts: 3, requestHandler: { connectionTimeout: 5_000, requestTimeout: 16 * 60_000 } };

export async function connectDeployment(given: DeploymentAddress): Promise<Deployment> {
  const address = placed(given);
  const lambda = new LambdaClient({ ...LIMITS, ...(address.region === undefined ? {} : { region: address.region }) });
  const { names, region } = await locateDeployment(address, lambda);
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

/** Any client of the SDK tells region and credentials as the SDK finds them. */
interface Configured {
  readonly config: {
    readonly region: () => Promise<string>;
    readonly credentials: () => Promise<{ readonly accountId?: string }>;
  };
}

/** A recovery stands in the lost region's replication region, whatever region is given. Throws CommandFailure. */
export function placed(address: DeploymentAddress): DeploymentAddress {
  if (address.recovery === undefined) return address;
  return { ...address, region: lostRow(stageOf(address), address.recovery).replication.region };
}

const lostRow = (stage: Stage, region: string): NightlyRow => orFailure(() => rowOf(stage, region));

export interface LocatedDeployment {
  readonly names: Names;
  /** Of the region that is served, or that is lost. */
  readonly row: NightlyRow;
  /** Where it stands. */
  readonly region: string;
}

/** The names of a stage's deployment in one region, and the region's row of the nightly table. Throws CommandFailure. */
export async function locateDeployment(address: DeploymentAddress, { config }: Configured): Promise<LocatedDeployment> {
  const stage = stageOf(address);
  if (address.recovery !== undefined) {
    const row = lostRow(stage, address.recovery);
    const { region } = row.replication;
    const account = address.account ?? stage.account ?? (await accountOfCredentials({ config }));
    const names = new Names({ prefix: stage.prefix, account, region: row.region, recoveryRegion: region });
    return { names, row, region };
  }
  const region = await config.region().catch((cause: unknown) => {
    throw new NoAwsIdentity("The AWS region is not known; give --region, such as --region eu-central-1.", { cause });
  });
  const row = stage.rows.find((served) => served.region === region);
  if (row === undefined) {
    const served = stage.rows.map((one) => one.region).join(", ");
    throw new CommandFailure(2, [
      `Stage ${stage.stage} is not deployed in ${region}; give --region as one of ${served}.`,
    ]);
  }
  const account = address.account ?? stage.account ?? (await accountOfCredentials({ config }));
  return { names: new Names({ prefix: stage.prefix, account, region }), row, region };
}

const stageOf = ({ stage }: DeploymentAddress): Stage => orFailure(() => loadStage(stage));

function orFailure<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigurationError) throw new CommandFailure(2, [error.message], { cause: error });
    throw error;
  }
}

/** Some ways of signing in tell the account along with the credentials. */
async function accountOfCredentials({ config }: Configured): Promise<string> {
  const credentials = await config.credentials().catch((cause: unknown) => {
    throw noCredentials(cause);
  });
  if (credentials.accountId !== undefined) return credentials.accountId;
  throw new CommandFailure(2, [
    'The AWS account is not known from your credentials; give --account, or set "account" in the stage\'s configuration.',
  ]);
}

async function saying<T>(sentence: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof Error && cause.name === "CredentialsProviderError") throw noCredentials(cause);
    throw new CommandFailure(1, [`${sentence}: ${messageOf(cause)}`], { cause });
  }
}

const noCredentials = (cause: unknown): NoAwsIdentity =>
  new NoAwsIdentity(`There are no AWS credentials; sign in first, or set AWS_PROFILE: ${oneLine(messageOf(cause))}`, {
    cause,
  });
const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
