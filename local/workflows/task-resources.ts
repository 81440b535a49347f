/** Which of our services stands behind a task's Resource. A resource that is not listed here is an error. */
export interface WorkflowServices {
  /** Gives the function's result; rejects with an Error that has the name Step Functions would see. */
  invokeLambda(functionArn: string, payload: unknown, caller: TaskCaller): Promise<unknown>;
  /** ecs:runTask.sync: gives the stopped task; rejects with States.TaskFailed when a container failed. */
  runTask(parameters: RunTaskParameters, caller: TaskCaller): Promise<unknown>;
  /** states:startExecution: starts and does not wait. */
  startExecution(parameters: StartExecutionParameters, caller: TaskCaller): Promise<unknown>;
  /** sns:publish. */
  publish?(parameters: Readonly<Record<string, unknown>>, caller: TaskCaller): Promise<unknown>;
  /** A distributed map has started an item's execution, in the parent's name. */
  itemStarted?(caller: TaskCaller): void;
  /** Stops tasks that an aborted Map or Parallel state left running, as Step Functions does. */
  stopTasksWithin?(executionId: string, state: string): void;
}
export interface TaskCaller {
  readonly execution: { readonly id: string; readonly name: string; readonly stateMachineId: string };
  /** The Map or Parallel state around the task. */
  readonly within: string | null;
}
export interface RunTaskParameters {
  readonly Cluster: string;
  readonly TaskDefinition: string;
  readonly LaunchType?: string;
  readonly NetworkConfiguration?: unknown;
  readonly Overrides?: {
    readonly ContainerOverrides?: readonly {
      readonly Name: string;
      readonly Command?: readonly string[];
      readonly Environment?: readonly { readonly Name: string; readonly Value: string }[];
    }[];
  };
  readonly [field: string]: unknown;
}
export interface StartExecutionParameters {
  readonly StateMachineArn: string;
  readonly Name?: string;
  readonly Input?: unknown;
}

export const callTask = async (
  resource: string,
  input: unknown,
  services: WorkflowServices,
  caller: TaskCaller,
): Promise<unknown> => {
  if (/^arn:[^:]+:lambda:/.test(resource)) return services.invokeLambda(resource, input, caller);
  const service = /^arn:[^:]+:states:::(.+)$/.exec(resource)?.[1];
  switch (service) {
    case "lambda:invoke": {
      const { FunctionName, Payload } = input as { FunctionName: string; Payload?: unknown };
      const payload = await services.invokeLambda(FunctionName, Payload ?? {}, caller);
      return { ExecutedVersion: "$LATEST", Payload: payload, StatusCode: 200 };
    }
    case "ecs:runTask.sync":
      return services.runTask(input as RunTaskParameters, caller);
    case "states:startExecution":
      return services.startExecution(input as StartExecutionParameters, caller);
    case "sns:publish":
      if (services.publish !== undefined) return services.publish(input as Record<string, unknown>, caller);
  }
  throw Object.assign(new Error(`The local run has nothing behind the resource ${resource}.`), {
    name: "States.Runtime",
  });
};
