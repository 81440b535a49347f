/** Step Functions, ECS and Lambda as functions, tasks and the command line reach them: through the gateway. */
import type { Functions } from "../functions/functions";
import { FunctionFailure } from "../functions/function-process";
import type { DatabaseTasks } from "../tasks/database-tasks";
import { ExecutionRefused, type Execution, type Executions } from "../workflows/executions";
import { ServiceError, type LocalService } from "./gateway";
import { functionArn } from "./service-actions";

const seconds = (time: Date): number => time.getTime() / 1000;
const operationOf = (target: string | undefined): string => target?.split(".").at(-1) ?? "";

export const statesService =
  (executions: Executions): LocalService =>
  async ({ target, body }) => {
    const input = JSON.parse(body) as Record<string, string>;
    const known = (): Execution => {
      const execution = executions.find(input["executionArn"] ?? "");
      if (execution === undefined)
        throw new ServiceError("ExecutionDoesNotExist", `Execution Does Not Exist: '${input["executionArn"]}'`);
      return execution;
    };
    switch (operationOf(target)) {
      case "StartExecution":
        try {
          const { execution } = executions.start(
            input["stateMachineArn"] ?? "",
            input["name"],
            JSON.parse(input["input"] ?? "{}"),
          );
          return { body: { executionArn: execution.arn, startDate: seconds(execution.startedAt) } };
        } catch (error) {
          if (error instanceof ExecutionRefused) throw new ServiceError(error.name, error.message);
          throw error;
        }
      case "DescribeExecution":
        return { body: describe(known()) };
      case "StopExecution":
        executions.stop(known().arn);
        return { body: { stopDate: Date.now() / 1000 } };
      case "ListExecutions":
        return {
          body: {
            executions: executions
              .all()
              .filter(({ stateMachineArn }) => stateMachineArn === input["stateMachineArn"])
              .map(describe),
          },
        };
      default:
        throw new ServiceError("UnknownOperationException", `The local run does not serve ${target}.`);
    }
  };

const describe = (execution: Execution): Record<string, unknown> => ({
  executionArn: execution.arn,
  stateMachineArn: execution.stateMachineArn,
  name: execution.name,
  status: execution.status,
  startDate: seconds(execution.startedAt),
  ...(execution.endedAt === undefined ? {} : { stopDate: seconds(execution.endedAt) }),
  input: JSON.stringify(execution.input),
  ...(execution.status === "SUCCEEDED" ? { output: JSON.stringify(execution.output) } : {}),
  ...(execution.error === undefined ? {} : { error: execution.error, cause: execution.cause }),
});

export const ecsService =
  (tasks: DatabaseTasks): LocalService =>
  async ({ target, body }) => {
    const input = JSON.parse(body) as { tasks?: string[]; task?: string; reason?: string };
    switch (operationOf(target)) {
      case "DescribeTasks": {
        const found = (input.tasks ?? []).map((arn) => ({ arn, task: tasks.find(arn) }));
        return {
          body: {
            tasks: found.flatMap(({ task }) =>
              task === undefined
                ? []
                : [{ taskArn: task.arn, lastStatus: task.status, stoppedReason: task.stoppedReason }],
            ),
            failures: found.flatMap(({ arn, task }) => (task === undefined ? [{ arn, reason: "MISSING" }] : [])),
          },
        };
      }
      case "ListTasks":
        return { body: { taskArns: tasks.running().map(({ arn }) => arn) } };
      case "StopTask":
        await tasks.stop(input.task ?? "", input.reason ?? "");
        return { body: { task: { taskArn: input.task, lastStatus: "STOPPED" } } };
      default:
        throw new ServiceError("InvalidAction", `The local run does not serve ${target}.`);
    }
  };

export const lambdaService =
  (functions: Functions): LocalService =>
  async (request) => {
    try {
      const result = await functions.invoke(
        functionArn(request),
        JSON.parse(request.body === "" ? "{}" : request.body),
      );
      return { body: JSON.stringify(result), headers: { "x-amz-executed-version": "$LATEST" } };
    } catch (error) {
      if (!(error instanceof FunctionFailure)) throw error;
      if (error.name === "Lambda.ResourceNotFoundException")
        throw new ServiceError("ResourceNotFoundException", error.detail.errorMessage);
      return { body: JSON.stringify(error.detail), headers: { "x-amz-function-error": "Unhandled" } };
    }
  };
