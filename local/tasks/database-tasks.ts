/**
 * ECS: runs the database task as a process of its own, with the task definition's environment, the command of the
 * override, and its role's credentials. What an image would hold is taken from the image asset's folder and from
 * this machine's PostgreSQL programs. Stopped tasks stay known for the whole run.
 */
import { randomBytes } from "node:crypto";
import { createWriteStream, existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { ChildProcess } from "node:child_process";
import type { SimulatedClock } from "../clock/simulated-clock";
import { roleVariables } from "../functions/functions";
import { readBase } from "../../lib/task-image/dockerfile";
import { endProcess, startProcess } from "../servers/child-processes";
import type { AppResource, SynthesizedApp } from "../template/app";
import { TemplateNotSupported } from "../template/resolver";
import { StateError } from "../workflows/interpreter";
import type { RunTaskParameters, TaskCaller } from "../workflows/task-resources";

interface TaskDefinitionProperties {
  readonly TaskRoleArn: string;
  readonly ExecutionRoleArn: string;
  readonly ContainerDefinitions: readonly {
    readonly Name: string;
    readonly Image: string;
    readonly Environment?: readonly { readonly Name: string; readonly Value: string }[];
  }[];
}
export interface DatabaseTask {
  readonly arn: string;
  readonly clusterArn: string;
  readonly startedBy: string;
  readonly within: string | null;
  readonly command: readonly string[];
  status: "RUNNING" | "STOPPED";
  exitCode: number | undefined;
  stoppedReason: string;
}
export interface DatabaseTasksOptions {
  readonly bootstrap: string;
  readonly endpoint: string;
  readonly clock: SimulatedClock;
  readonly logFolder: string;
  /** Where this machine's PostgreSQL programs are; they stand for those of the image. */
  readonly programs: Readonly<Record<string, string>>;
  /** A task is about to start with these resources. */
  readonly onRun: (
    definition: AppResource<TaskDefinitionProperties>,
    parameters: RunTaskParameters,
    caller: TaskCaller,
  ) => void;
}

export class DatabaseTasks {
  private readonly definitions: readonly AppResource<TaskDefinitionProperties>[];
  private readonly tasks = new Map<string, { readonly task: DatabaseTask; readonly child: ChildProcess }>();

  constructor(
    app: SynthesizedApp,
    private readonly options: DatabaseTasksOptions,
  ) {
    this.definitions = app.all<TaskDefinitionProperties>("AWS::ECS::TaskDefinition");
  }

  find(arn: string): DatabaseTask | undefined {
    return this.tasks.get(arn)?.task;
  }

  running(): readonly DatabaseTask[] {
    return [...this.tasks.values()].map(({ task }) => task).filter(({ status }) => status === "RUNNING");
  }

  /** ecs:runTask.sync: the stopped task's description, or States.TaskFailed. */
  async run(parameters: RunTaskParameters, caller: TaskCaller): Promise<unknown> {
    const definition = this.definitions.find(
      ({ name, ref }) => ref === parameters.TaskDefinition || name === parameters.TaskDefinition.split(":")[0],
    );
    if (definition === undefined)
      throw new StateError("ECS.ClientException", `TaskDefinition not found: ${parameters.TaskDefinition}`);
    assertNetwork(parameters);
    return this.options.clock.during(async () => {
      this.options.onRun(definition, parameters, caller);
      const task = await this.start(definition, parameters, caller);
      const description = describeTask(task);
      if (task.exitCode !== 0) throw new StateError("States.TaskFailed", JSON.stringify(description));
      return description;
    });
  }

  async stop(arn: string, reason: string): Promise<void> {
    const found = this.tasks.get(arn);
    if (found === undefined || found.task.status === "STOPPED") return;
    found.task.stoppedReason = reason;
    await endProcess(found.child);
  }

  /** What Step Functions does to the tasks of an execution (or of one of its Map states) that has ended. */
  stopAll(executionId: string, within: string): void {
    for (const { task } of this.tasks.values()) {
      if (task.startedBy === executionId && (within === "" || task.within === within))
        void this.stop(task.arn, "Stopped by Step Functions");
    }
  }

  /** What a task reads about itself at ECS_CONTAINER_METADATA_URI_V4. */
  metadata(path: string): unknown {
    const [, id] = /^\/metadata\/([^/]+)\/task$/.exec(path) ?? [];
    const found = [...this.tasks.values()].find(({ task }) => task.arn.endsWith(`/${id}`));
    return found === undefined
      ? undefined
      : { Cluster: found.task.clusterArn, TaskARN: found.task.arn, LaunchType: "FARGATE" };
  }

  private async start(
    definition: AppResource<TaskDefinitionProperties>,
    parameters: RunTaskParameters,
    caller: TaskCaller,
  ): Promise<DatabaseTask> {
    const id = randomBytes(16).toString("hex");
    const clusterName = parameters.Cluster.split("/").at(-1) ?? "";
    const place = `arn:aws:ecs:${definition.region}:${definition.attribute("TaskDefinitionArn").split(":")[4]}`;
    const override = parameters.Overrides?.ContainerOverrides?.[0];
    const container = definition.properties.ContainerDefinitions.find(({ Name }) => Name === (override?.Name ?? Name));
    if (container === undefined)
      throw new StateError(
        "ECS.InvalidParameterException",
        `Override for container named ${override?.Name} is not a container in the TaskDefinition.`,
      );
    const environment = [...(container.Environment ?? []), ...(override?.Environment ?? [])];
    const command = override?.Command ?? [];
    const task: DatabaseTask = {
      arn: `${place}:task/${clusterName}/${id}`,
      clusterArn: `${place}:cluster/${clusterName}`,
      startedBy: caller.execution.id,
      within: caller.within,
      command,
      status: "RUNNING",
      exitCode: undefined,
      stoppedReason: "Essential container in task exited",
    };
    const image = builtImage(definition, container.Image);
    const child = startProcess(process.execPath, ["--require", this.options.bootstrap, ...image.program, ...command], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env["PATH"],
        NODE_NO_WARNINGS: "1",
        ...Object.fromEntries(environment.map(({ Name, Value }) => [Name, Value])),
        ...this.options.programs,
        ...roleVariables(definition.properties.TaskRoleArn, definition.region, this.options.endpoint),
        ECS_CONTAINER_METADATA_URI_V4: `${this.options.endpoint}/metadata/${id}`.replace("//metadata", "/metadata"),
        IMAGE_REFRESHED: image.refreshed,
        LOCAL_CLOCK_OFFSET_MS: String(this.options.clock.offsetMs),
      },
    });
    const log = createWriteStream(join(this.options.logFolder, "database-task.log"), { flags: "a" });
    log.write(`--- ${command.join(" ")}\n`);
    child.stdout?.pipe(log);
    child.stderr?.pipe(log);
    this.tasks.set(task.arn, { task, child });
    task.exitCode = await new Promise<number>((resolve) => {
      child.once("error", () => resolve(1));
      child.once("exit", (code) => resolve(code ?? 137));
    });
    task.status = "STOPPED";
    return task;
  }
}

/** Fargate refuses a task without a network. */
const assertNetwork = ({ NetworkConfiguration, LaunchType }: RunTaskParameters): void => {
  const network = (NetworkConfiguration as { AwsvpcConfiguration?: { Subnets?: unknown[] } } | undefined)
    ?.AwsvpcConfiguration;
  if (LaunchType !== "FARGATE" || (network?.Subnets ?? []).length === 0) {
    throw new StateError(
      "ECS.InvalidParameterException",
      "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    );
  }
};

/**
 * What the image's ENTRYPOINT would run, from the image's folder (`["node", …options, "<path of the program>"]`), and the
 * day that it leaves in IMAGE_REFRESHED.
 */
const builtImage = (
  { stack, logicalId }: Pick<AppResource, "stack" | "logicalId">,
  image: string,
): { readonly program: readonly string[]; readonly refreshed: string } => {
  const folder = [...stack.images].find(([hash]) => image.includes(hash))?.[1];
  if (folder === undefined)
    throw new TemplateNotSupported(stack.name, logicalId, `its image ${image} is no asset of this assembly`);
  const dockerfile = readFileSync(join(folder, "Dockerfile"), "utf8");
  const entryPoint = /^ENTRYPOINT\s+(\[.*\])\s*$/m.exec(dockerfile)?.[1];
  const [node, ...rest] = JSON.parse(entryPoint ?? "[]") as string[];
  const file = join(folder, basename(rest.at(-1) ?? ""));
  if (node !== "node" || !existsSync(file))
    throw new TemplateNotSupported(
      stack.name,
      logicalId,
      'its Dockerfile\'s ENTRYPOINT is not ["node", …, <program in its folder>]',
    );
  return { program: [...rest.slice(0, -1), file], refreshed: readBase(dockerfile).refreshed };
};

const describeTask = (task: DatabaseTask): unknown => ({
  TaskArn: task.arn,
  ClusterArn: task.clusterArn,
  LastStatus: task.status,
  StopCode: "EssentialContainerExited",
  StoppedReason: task.stoppedReason,
  Containers: [{ ExitCode: task.exitCode, LastStatus: task.status }],
});
