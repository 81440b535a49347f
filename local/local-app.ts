/**
 * The synthesized app, running on this machine: its functions, state machines, schedules, database task, buckets and
 * table, around one simulated clock and one gateway. Everything it does, it does as the templates say.
 */
import { join } from "node:path";
import { SimulatedClock } from "./clock/simulated-clock";
import { buildBootstraps } from "./functions/bootstraps";
import { FunctionFailure } from "./functions/function-process";
import { Functions } from "./functions/functions";
import { ApiServer } from "./api/api-server";
import { readRestApi } from "./api/rest-api";
import { CallRecord } from "./gateway/call-record";
import { Cors, readCorsRules } from "./gateway/cors";
import { EventBus } from "./events/event-bus";
import { Gateway } from "./gateway/gateway";
import { stsService } from "./gateway/sts-service";
import { ecsService, lambdaService, statesService } from "./gateway/local-services";
import { S3Gateway } from "./gateway/s3-gateway";
import { Servers, type OtherRegion } from "./gateway/servers";
import type { Upstream } from "./gateway/sign";
import { StoreTimes } from "./gateway/store-times";
import { UpstreamStore } from "./gateway/upstream-store";
import type { BucketRequest } from "./provision/buckets";
import { provision } from "./provision/provision";
import { Replication } from "./replication/replication";
import { follow, readSchedules, type Schedule } from "./schedules/schedules";
import { SetupFailure } from "./setup/programs";
import { DatabaseTasks } from "./tasks/database-tasks";
import { SynthesizedApp } from "./template/app";
import { ExecutionRefused, Executions, type Execution } from "./workflows/executions";
import { StateError, type StateEvent } from "./workflows/interpreter";
import { readMachines, type AppMachine } from "./workflows/machines";
import type { WorkflowServices } from "./workflows/task-resources";

export interface LocalAppOptions {
  /** What `cdk synth` wrote. */
  readonly assembly: string;
  readonly account: string;
  readonly moto: Upstream;
  /** The S3 server: moto, or any other. */
  readonly s3: Upstream;
  /** Another region's own server, for its buckets and services. @default the same servers for every region */
  readonly elsewhere?: Omit<OtherRegion, "buckets">;
  /** What the clock shows at first. @default the present */
  readonly start?: Date;
  /** The app that this one goes on for, in the same time and with the objects that are left of it. */
  readonly after?: Pick<LocalApp, "clock" | "times">;
  readonly logFolder: string;
  /** Hears of every bucket before it is made. */
  readonly onBucket?: (bucket: BucketRequest) => void;
  /** Variables that say where this machine has what the task's image would hold. */
  readonly programs: Readonly<Record<string, string>>;
  /** Of the API and the page. @default any free one */
  readonly port?: number;
  readonly onState?: (execution: Execution, event: StateEvent) => void;
  readonly onEnd?: (execution: Execution) => void;
  /** Whether schedules fire. @default true */
  readonly followSchedules?: boolean;
}

export interface LocalApp {
  readonly app: SynthesizedApp;
  readonly clock: SimulatedClock;
  readonly calls: CallRecord;
  readonly functions: Functions;
  readonly executions: Executions;
  readonly tasks: DatabaseTasks;
  readonly replication: Replication;
  readonly store: UpstreamStore;
  readonly times: StoreTimes;
  readonly gateway: Gateway;
  readonly events: EventBus;
  readonly endpoint: URL;
  /** Serves the API and the page. Throws where the app has neither, as a recovery. */
  readonly api: ApiServer;
  readonly machines: readonly AppMachine[];
  readonly schedules: readonly Schedule[];
  readonly buckets: readonly string[];
  /** Names of schedules that do not fire for now. */
  readonly pausedSchedules: Set<string>;
  /** Throws when a schedule could not be fired. */
  assertSchedulesWork(): void;
  /** Its region is gone: nothing answers, and no schedule fires again. Time goes on. */
  lose(): void;
  stop(): void;
}

export const startLocalApp = async (options: LocalAppOptions): Promise<LocalApp> => {
  const { moto, s3, account, logFolder } = options;
  const app = new SynthesizedApp(options.assembly, account);
  const region = primaryRegion(app);
  refuseLastingLocks(app, s3 !== moto);
  const clock = options.after?.clock ?? new SimulatedClock(options.start);
  const calls = new CallRecord();
  const servers = serversFor(options, app);
  const { buckets, replicationRules } = await provision(app, servers, options.onBucket ?? (() => undefined));
  const store = new UpstreamStore(servers.s3Of, region);
  const times = new StoreTimes(clock, store, options.after?.times);
  const replication = new Replication(replicationRules, store, times, clock);
  const machines = readMachines(app);
  const schedules = readSchedules(app);
  const bootstraps = buildBootstraps(join(logFolder, ".."));

  const events = new EventBus(logFolder);

  // Functions need the gateway's address, and the gateway needs the functions: it asks for them when called.
  const gateway: Gateway = new Gateway({
    account,
    clock,
    calls,
    s3: new S3Gateway(servers.s3Of, times, calls, replication),
    cors: new Cors(readCorsRules(app), (origin) => api?.onAws(origin) ?? origin),
    servicesOf: servers.servicesOf,
    local: {
      states: (request, role) => statesService(executions)(request, role),
      ecs: (request, role) => ecsService(tasks)(request, role),
      lambda: (request, role) => lambdaService(functions)(request, role),
      events: events.service,
      sts: stsService(app, clock),
    },
    unsigned: (path) => tasks.metadata(path),
  });
  const endpoint = await gateway.listen();
  const running = { endpoint: endpoint.origin, clock, logFolder };
  const functions = new Functions(app, { ...running, bootstrap: bootstraps.functions });
  const api = hasApi(app) ? new ApiServer({ api: readRestApi(app), functions, clock, logFolder }) : undefined;
  await api?.listen(options.port ?? 0);
  /** Items of a distributed map run as their state machine does: `…:stateMachine:<name>/<label>`. */
  const roleOf = (machineArn: string): string =>
    roleName(machines.find(({ arn }) => arn === machineArn.split("/")[0])?.roleArn ?? "");
  const tasks: DatabaseTasks = new DatabaseTasks(app, {
    ...running,
    bootstrap: bootstraps.task,
    programs: options.programs,
    onRun: ({ ref, properties }, parameters, { execution }) => {
      const role = roleOf(execution.stateMachineId);
      calls.add(role, [{ action: "ecs:RunTask", resource: ref }], { "ecs:cluster": parameters.Cluster });
      /** Taking over the definition's tags is a permission of its own. */
      const task = `${parameters.Cluster.replace(":cluster/", ":task/")}/new`;
      if (parameters["PropagateTags"] !== undefined)
        calls.note(role, [{ action: "ecs:TagResource", resource: task }], { "ecs:CreateAction": "RunTask" });
      const passed = { "iam:PassedToService": "ecs-tasks.amazonaws.com" };
      for (const resource of [properties.TaskRoleArn, properties.ExecutionRoleArn])
        calls.note(role, [{ action: "iam:PassRole", resource }], passed);
      const rule = `arn:aws:events:${region}:${account}:rule/StepFunctionsGetEventsForECSTaskRule`;
      calls.note(
        role,
        ["events:PutTargets", "events:PutRule", "events:DescribeRule"].map((action) => ({ action, resource: rule })),
      );
    },
  });
  const services: WorkflowServices = {
    invokeLambda: (functionArn, payload, { execution }) => {
      calls.add(roleOf(execution.stateMachineId), [{ action: "lambda:InvokeFunction", resource: functionArn }]);
      return functions.invoke(functionArn, payload);
    },
    runTask: (parameters, caller) => tasks.run(parameters, caller),
    startExecution: async ({ StateMachineArn, Name, Input }, { execution }) => {
      calls.add(roleOf(execution.stateMachineId), [{ action: "states:StartExecution", resource: StateMachineArn }]);
      return startNested(executions, StateMachineArn, Name, Input);
    },
    itemStarted: ({ execution }) => {
      const machine = execution.stateMachineId;
      calls.add(roleOf(machine), [{ action: "states:StartExecution", resource: machine }]);
      const watched = ["states:DescribeExecution", "states:StopExecution"];
      calls.note(
        roleOf(machine),
        watched.map((action) => ({ action, resource: execution.id })),
      );
    },
    stopTasksWithin: (executionId, state) => tasks.stopAll(executionId, state),
  };
  const executions: Executions = new Executions({
    services,
    clock,
    ...(options.onState === undefined ? {} : { onState: options.onState }),
    ...(options.onEnd === undefined ? {} : { onEnd: options.onEnd }),
  });
  for (const machine of machines) executions.addMachine(machine);

  const scheduleFailures: string[] = [];
  const pausedSchedules = new Set<string>();
  if (options.followSchedules !== false) {
    for (const schedule of schedules) {
      void follow(schedule, clock, async ({ name, targetArn, roleArn }, input) => {
        if (pausedSchedules.has(name)) return;
        calls.add(roleName(roleArn), [
          {
            action: targetArn.includes(":lambda:") ? "lambda:InvokeFunction" : "states:StartExecution",
            resource: targetArn,
          },
        ]);
        await fireSchedule(executions, functions, targetArn, input);
      }).catch((error: Error) => scheduleFailures.push(`${schedule.name}: ${error.message}`));
    }
  }
  return {
    app,
    clock,
    calls,
    functions,
    executions,
    tasks,
    replication,
    store,
    times,
    gateway,
    events,
    endpoint,
    get api(): ApiServer {
      if (api === undefined) throw new Error("The synthesized app has no API.");
      return api;
    },
    machines,
    schedules,
    buckets,
    pausedSchedules,
    assertSchedulesWork: () => {
      if (scheduleFailures.length > 0)
        throw new Error(`A schedule could not be followed: ${scheduleFailures.join("; ")}`);
    },
    lose: () => {
      for (const { name } of schedules) pausedSchedules.add(name);
      api?.close();
      gateway.close();
    },
    stop: () => {
      clock.stop();
      api?.close();
      gateway.close();
    },
  };
};

const hasApi = (app: SynthesizedApp): boolean => app.all("AWS::ApiGateway::RestApi").length > 0;

export const roleName = (roleArn: string): string => roleArn.split("/").at(-1) ?? roleArn;

const serversFor = ({ s3, moto, elsewhere }: LocalAppOptions, app: SynthesizedApp): Servers => {
  if (elsewhere === undefined) return new Servers(s3, moto);
  const there = app.all("AWS::S3::Bucket").filter(({ region }) => region === elsewhere.region);
  return new Servers(s3, moto, { ...elsewhere, buckets: new Set(there.map(({ name }) => name)) });
};

/** A server that lasts would keep this run's objects for a year, and no clock of ours could show their expiry. */
const refuseLastingLocks = (app: SynthesizedApp, lasting: boolean): void => {
  const inCompliance = app
    .all<{ Environment?: { Variables?: Record<string, string> } }>("AWS::Lambda::Function")
    .some(({ properties }) => properties.Environment?.Variables?.["LOCK_MODE"] === "COMPLIANCE");
  if (lasting && inCompliance)
    throw new SetupFailure(
      "This stage locks in compliance mode, and the S3 server would keep this run's objects until they expire: choose a stage in governance mode, or leave AWS_ENDPOINT_URL_S3 out.",
    );
};

/** The region with the table; the other one holds replicas. */
const primaryRegion = (app: SynthesizedApp): string => {
  const table = app.all("AWS::DynamoDB::Table")[0];
  if (table === undefined) throw new Error("The synthesized app has no table.");
  return table.region;
};

const startNested = (executions: Executions, machineArn: string, name: string | undefined, input: unknown): unknown => {
  try {
    const { execution } = executions.start(machineArn, name, input);
    return { ExecutionArn: execution.arn, StartDate: execution.startedAt.toISOString() };
  } catch (error) {
    if (error instanceof ExecutionRefused) throw new StateError(`StepFunctions.${error.name}Exception`, error.message);
    throw error;
  }
};

const fireSchedule = async (
  executions: Executions,
  functions: Functions,
  targetArn: string,
  input: unknown,
): Promise<void> => {
  if (targetArn.includes(":stateMachine:")) {
    executions.start(targetArn, undefined, input);
  } else if (targetArn.includes(":lambda:")) {
    // Asynchronous invocation: a failure shows in the function's metrics, and the schedule goes on.
    await functions.invoke(targetArn, input).catch((error: unknown) => {
      if (!(error instanceof FunctionFailure)) throw error;
    });
  } else {
    throw new Error(`The local run has nothing behind the schedule target ${targetArn}.`);
  }
};
