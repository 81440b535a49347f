/**
 * Step Functions: starts, describes and stops executions of the app's state machines. Executions live in memory and
 * keep their ARNs for the whole run. Starting a name twice is an error, or success while the input is the same.
 */
import { randomUUID } from "node:crypto";
import type { WaitingClock } from "../clock/simulated-clock";
import type { Definition } from "./definition";
import { start, STATE_DATA_LIMIT, type StateError, type Interpretation, type StateEvent } from "./interpreter";
import type { WorkflowServices } from "./task-resources";

export type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly input: unknown;
  readonly startedAt: Date;
  status: ExecutionStatus;
  endedAt: Date | undefined;
  output: unknown;
  error: string | undefined;
  cause: string | undefined;
}
export interface StateMachine {
  readonly arn: string;
  readonly definition: Definition;
}
export class ExecutionRefused extends Error {
  constructor(
    override readonly name:
      | "ExecutionAlreadyExists"
      | "StateMachineDoesNotExist"
      | "InvalidExecutionInput"
      | "InvalidName",
    message: string,
  ) {
    super(message);
  }
}

export interface ExecutionsOptions {
  readonly services: WorkflowServices;
  readonly clock: WaitingClock;
  /** For the jitter of retries; see the interpreter. */
  readonly random?: () => number;
  readonly onState?: (execution: Execution, event: StateEvent) => void;
  readonly onEnd?: (execution: Execution) => void;
}

export class Executions {
  private readonly machines = new Map<string, StateMachine>();
  private readonly executions = new Map<string, Execution>();
  private readonly histories = new Map<string, Interpretation["history"]>();
  private readonly running = new Map<
    string,
    { readonly interpretation: Interpretation; readonly ended: Promise<void> }
  >();

  constructor(private readonly options: ExecutionsOptions) {}

  addMachine(machine: StateMachine): void {
    this.machines.set(machine.arn, machine);
  }

  start(
    stateMachineArn: string,
    name: string = randomUUID(),
    input: unknown = {},
  ): { execution: Execution; started: boolean } {
    const machine = this.machines.get(stateMachineArn);
    if (machine === undefined)
      throw new ExecutionRefused("StateMachineDoesNotExist", `State Machine Does Not Exist: '${stateMachineArn}'`);
    if (!/^[\w-]{1,80}$/.test(name)) throw new ExecutionRefused("InvalidName", `Invalid Name: '${name}'`);
    const text = JSON.stringify(input);
    if (Buffer.byteLength(text) > STATE_DATA_LIMIT)
      throw new ExecutionRefused("InvalidExecutionInput", "The input is over 256 KB.");
    const arn = `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;
    const standing = this.executions.get(arn);
    if (standing !== undefined) {
      if (standing.status === "RUNNING" && JSON.stringify(standing.input) === text)
        return { execution: standing, started: false };
      throw new ExecutionRefused("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
    }
    const execution: Execution = {
      arn,
      name,
      stateMachineArn,
      input: JSON.parse(text),
      startedAt: this.options.clock.now(),
      status: "RUNNING",
      endedAt: undefined,
      output: undefined,
      error: undefined,
      cause: undefined,
    };
    this.executions.set(arn, execution);
    const interpretation = start(machine.definition, execution.input, {
      services: this.options.services,
      clock: this.options.clock,
      ...(this.options.random === undefined ? {} : { random: this.options.random }),
      execution: { id: arn, name, stateMachineId: stateMachineArn },
      onState: (event) => this.options.onState?.(execution, event),
    });
    this.histories.set(arn, interpretation.history);
    this.running.set(arn, { interpretation, ended: this.follow(execution, interpretation) });
    return { execution, started: true };
  }

  /** Events of its history so far. */
  eventsOf(arn: string): number | undefined {
    return this.histories.get(arn)?.events;
  }

  find(arn: string): Execution | undefined {
    return this.executions.get(arn);
  }

  all(): readonly Execution[] {
    return [...this.executions.values()];
  }

  anyRunning(): boolean {
    return this.running.size > 0;
  }

  stop(arn: string): void {
    const execution = this.executions.get(arn);
    if (execution?.status === "RUNNING") execution.status = "ABORTED";
    this.running.get(arn)?.interpretation.abort();
  }

  private async follow(execution: Execution, interpretation: Interpretation): Promise<void> {
    try {
      execution.output = await interpretation.result;
      execution.status = "SUCCEEDED";
    } catch (error) {
      const { name, message } = error as StateError;
      if (execution.status === "RUNNING") execution.status = name === "States.Timeout" ? "TIMED_OUT" : "FAILED";
      execution.error = name;
      execution.cause = message;
    }
    execution.endedAt = this.options.clock.now();
    this.running.delete(execution.arn);
    this.options.services.stopTasksWithin?.(execution.arn, "");
    this.options.onEnd?.(execution);
  }
}
