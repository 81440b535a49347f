/**
 * Counts the events that Step Functions would write into an execution's history, of which it allows 25,000: a state is
 * entered and left, a task is scheduled, started and ends, also each time it is tried again, and an item of a Map
 * starts and ends. Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
import type { Execution } from "../../local/workflows/executions";
import { readDefinition, type Definition, type KnownState } from "../../local/workflows/definition";
import type { StateEvent } from "../../local/workflows/interpreter";

/** Scheduled, started and ended; a task that runs on is submitted besides. */
const TRIED = 3;
const SUBMITTED = 1;

export class HistoryCounts {
  private readonly counts = new Map<string, number>();
  private readonly states = new Map<string, ReadonlyMap<string, KnownState>>();

  addMachine(arn: string, definition: Definition): void {
    this.states.set(arn, new Map(readDefinition(definition).map((known) => [known.name, known])));
  }

  count({ arn, stateMachineArn }: Execution, { kind, state }: StateEvent): void {
    const known = this.states.get(stateMachineArn)?.get(state);
    if (known === undefined) throw new Error(`No state ${state} in ${stateMachineArn}.`);
    this.counts.set(arn, (this.counts.get(arn) ?? 0) + eventsOf(kind, known));
  }

  /** Of the longest history. */
  get most(): number {
    return Math.max(0, ...this.counts.values());
  }
}

const eventsOf = (kind: StateEvent["kind"], { state, within }: KnownState): number => {
  const isTask = state.Type === "Task";
  const runsOn = isTask && String(state["Resource"]).endsWith(".sync");
  if (kind === "failed") return isTask ? TRIED : 1;
  if (kind === "entered") return state.Type === "Map" || state.Type === "Parallel" ? 2 : 1;
  const item = within !== null && state["End"] === true ? 2 : 0;
  return 1 + item + (isTask ? TRIED : 0) + (runsOn ? SUBMITTED : 0);
};
