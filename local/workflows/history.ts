/**
 * The history of an execution, as Step Functions counts it: so many events of each kind, and no more than 25,000 in
 * all, or the execution fails. Kinds: docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html; the
 * limit: docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html.
 */
export const MOST_EVENTS = 25_000;

/** ExecutionStarted, and how it ended. */
export const EXECUTION_EVENTS = 2;
/** `…StateEntered`; the end of a Fail state is the execution's. */
export const ENTERED = 1;
export const EXITED = 1;

/** Of Map and Parallel, beside entering and leaving: begun (with its map run), and ended. */
export const insideOf = (type: string, isDistributed: boolean): { readonly begun: number; readonly ended: number } => {
  if (type === "Parallel") return { begun: 1, ended: 1 };
  if (type !== "Map") return { begun: 0, ended: 0 };
  return isDistributed ? { begun: 2, ended: 2 } : { begun: 1, ended: 1 };
};
/** MapIterationStarted, and how it ended. */
export const ITERATION_EVENTS = 2;

/**
 * Of one try of a task: scheduled, started, ended; a task that is waited for (`.sync`) is also submitted, unless
 * launching failed. A retry is another try.
 */
export const tryEvents = (resource: string, submitted: boolean): number =>
  resource.endsWith(".sync") && submitted ? 4 : 3;

/** `ECS.…` and `AmazonECS.…` are the launch's own failures. */
export const wasSubmitted = (errorName: string | undefined): boolean => !/^(Amazon)?ECS\./.test(errorName ?? "");

export class History {
  events = EXECUTION_EVENTS;

  get isFull(): boolean {
    return this.events > MOST_EVENTS;
  }
  add(events: number): void {
    this.events += events;
  }
}
