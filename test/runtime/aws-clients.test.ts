/** The small clients against moto: what they make of answers. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CreateStateMachineCommand, SFNClient, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { ServiceUnavailable } from "../../lambda/runtime/aws-options";
import { plainSubject, SnsNotifier } from "../../lambda/runtime/notifier-client";
import { SecretsManagerSecrets } from "../../lambda/runtime/secrets-client";
import { EcsTasks } from "../../lambda/runtime/tasks-client";
import { StepFunctionsWorkflows } from "../../lambda/runtime/workflows-client";
import { motoCredentials, startMoto, type Moto } from "../support/moto";

let moto: Moto;
const options = () => ({ region: "eu-central-1", endpoint: moto.endpoint, credentials: motoCredentials });
/** Three hours after what is asked about began, unless a test says otherwise. */
const SINCE = "2026-12-05T00:00:00Z";
const later = (seconds = 3 * 3600) => ({ now: () => new Date(Date.parse(SINCE) + seconds * 1000) });
const nowhere = { region: "eu-central-1", endpoint: "http://127.0.0.1:9", credentials: motoCredentials };
beforeAll(async () => {
  moto = await startMoto();
});
afterAll(() => moto.stop());

describe("Step Functions", () => {
  test("starting twice is harmless; running, stopped and unknown executions", async () => {
    const client = new SFNClient(options());
    const { stateMachineArn = "" } = await client.send(
      new CreateStateMachineCommand({
        name: "m",
        roleArn: "arn:aws:iam::123456789012:role/r",
        definition: '{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}',
      }),
    );
    const workflows = new StepFunctionsWorkflows(later(), options());
    expect(await workflows.start(stateMachineArn, "one", { a: 1 })).toEqual({ started: true });
    expect(await workflows.start(stateMachineArn, "one", { a: 2 })).toEqual({ started: false });
    const executionArn = `${stateMachineArn.replace(":stateMachine:", ":execution:")}:one`;
    expect(await workflows.hasEnded(executionArn, SINCE)).toBe(false);
    await client.send(new StopExecutionCommand({ executionArn }));
    expect(await workflows.hasEnded(executionArn, SINCE)).toBe(true);
    expect(await workflows.hasEnded(`${executionArn}-unknown`, SINCE)).toBe(true);
    // DescribeExecution is eventually consistent: a young one may run.
    const young = new StepFunctionsWorkflows(later(599), options());
    expect(await young.hasEnded(`${executionArn}-unknown`, SINCE)).toBe(false);
    expect(await young.hasEnded(executionArn, SINCE)).toBe(true);
  });
  test("no answer is no end", async () => {
    const workflows = new StepFunctionsWorkflows(later(), nowhere);
    await expect(
      workflows.hasEnded("arn:aws:states:eu-central-1:123456789012:execution:m:one", SINCE),
    ).rejects.toBeInstanceOf(ServiceUnavailable);
  });
});

describe("ECS", () => {
  const clusterArn = "arn:aws:ecs:eu-central-1:123456789012:cluster/database";
  const task = "arn:aws:ecs:eu-central-1:123456789012:task/database/11111111111111111111111111111111";
  const answering = async (
    answer: object,
    ask: (tasks: EcsTasks) => Promise<void>,
    seconds?: number,
  ): Promise<void> => {
    const server = createServer(
      (_request, response) =>
        void response.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(answer)),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await ask(new EcsTasks(clusterArn, later(seconds), { ...nowhere, endpoint })).finally(() => {
      server.closeAllConnections();
      server.close();
    });
  };
  test.each([
    [
      "a running task has not stopped",
      { tasks: [{ taskArn: task, lastStatus: "RUNNING", desiredStatus: "STOPPED" }] },
      false,
    ],
    ["a task on its way down has not stopped", { tasks: [{ taskArn: task, lastStatus: "DEPROVISIONING" }] }, false],
    ["a stopped task has", { tasks: [{ taskArn: task, lastStatus: "STOPPED" }] }, true],
    ["a task no longer known has", { tasks: [], failures: [{ arn: task, reason: "MISSING" }] }, true],
  ])("%s", async (_name, answer, expected) => {
    await answering(answer, async (tasks) => expect(await tasks.hasStopped(task, SINCE)).toBe(expected));
  });
  test("a young task that ECS does not find yet has not stopped", async () => {
    const missing = { tasks: [], failures: [{ arn: task, reason: "MISSING" }] };
    for (const [seconds, expected] of [
      [0, false],
      [300, false],
      [599, false],
      [600, true],
    ] as const)
      await answering(missing, async (tasks) => expect(await tasks.hasStopped(task, SINCE)).toBe(expected), seconds);
  });
  test("any other failure, an unknown cluster or no answer is an error", async () => {
    await answering({ failures: [{ arn: task, reason: "ACCESS" }] }, (tasks) =>
      expect(tasks.hasStopped(task, SINCE)).rejects.toBeInstanceOf(ServiceUnavailable),
    );
    await expect(new EcsTasks(clusterArn, later(), options()).hasStopped(task, SINCE)).rejects.toThrow(/Cluster/);
    await expect(new EcsTasks(clusterArn, later(), nowhere).hasStopped(task, SINCE)).rejects.toBeInstanceOf(
      ServiceUnavailable,
    );
  });
});

describe("SNS", () => {
  test("publishes, whatever the subject holds", async () => {
    const { TopicArn = "" } = await new SNSClient(options()).send(new CreateTopicCommand({ Name: "alarm" }));
    await new SnsNotifier(TopicArn, options()).tell(
      "Sicherung für „Größe“ ist\nfehlgeschlagen".repeat(5),
      "x".repeat(100_000),
    );
    await expect(new SnsNotifier(`${TopicArn}-none`, options()).tell("s", "m")).rejects.toBeInstanceOf(
      ServiceUnavailable,
    );
  });
  test.each([
    ["plain", "plain"],
    ["  São Paulo:\n failed\t", "Sao Paulo: failed"],
    ["東京", "Backup service"],
    ["x".repeat(120), "x".repeat(100)],
  ])("the subject %j becomes %j", (subject, expected) => {
    expect(plainSubject(subject)).toBe(expected);
  });
});

describe("Secrets Manager", () => {
  test("credentials, and one sentence for each thing that can be wrong", async () => {
    const client = new SecretsManagerClient(options());
    await client.send(
      new CreateSecretCommand({ Name: "good", SecretString: '{"username":"u","password":"p","engine":"postgres"}' }),
    );
    await client.send(new CreateSecretCommand({ Name: "no-password", SecretString: '{"username":"u"}' }));
    await client.send(new CreateSecretCommand({ Name: "no-json", SecretString: "hunter2" }));
    const secrets = new SecretsManagerSecrets(options());
    expect(await secrets.databaseCredentials("good")).toEqual({ username: "u", password: "p" });
    await expect(secrets.databaseCredentials("none")).rejects.toMatchObject({
      code: "SecretMissing",
      retryable: false,
    });
    await expect(secrets.databaseCredentials("no-password")).rejects.toMatchObject({ code: "SecretMalformed" });
    const error: unknown = await secrets.databaseCredentials("no-json").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "SecretMalformed" });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("hunter2");
    await expect(new SecretsManagerSecrets(nowhere).databaseCredentials("good")).rejects.toMatchObject({
      code: "SecretUnavailable",
      retryable: true,
    });
  });
});
