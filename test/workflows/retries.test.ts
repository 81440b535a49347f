/** How long each retrier waits at least and at most, as its docstring says it. */
import { delayOf } from "../../local/workflows/retry";
import { ATTEMPT_LOCK_HOURS, RENEW_BELOW_HOURS } from "../../lambda/rules/attempt-lock";
import { WORKFLOW_NAMES } from "../../lib/names";
import { WORKFLOWS } from "../../lib/workflows";
import type { State } from "../../lib/workflows/asl";
import { PERSISTENT, SERVICE_HICCUPS, THROTTLED, UNTIL_TOMORROW, type Retrier } from "../../lib/workflows/retries";

const HOUR = 3600;
const sumOf = (retrier: Retrier): number =>
  Array.from({ length: retrier.MaxAttempts }, (_, tried) => delayOf(retrier, tried)).reduce((sum, one) => sum + one, 0);

/** Full jitter draws from nothing to the delay: half of it is expected, and nothing is certain. */
test.each([
  ["SERVICE_HICCUPS", SERVICE_HICCUPS, 60, 120],
  ["THROTTLED", THROTTLED, 11.5 * HOUR, 12.5 * HOUR],
  ["PERSISTENT", PERSISTENT, 45 * 60, 55 * 60],
  ["UNTIL_TOMORROW", UNTIL_TOMORROW, 22 * HOUR, 24 * HOUR],
])("%s waits as long as it says", (_, retrier, least, most) => {
  expect(sumOf(retrier)).toBeGreaterThanOrEqual(least);
  expect(sumOf(retrier)).toBeLessThanOrEqual(most);
});

test("what has to last for hours is not drawn by lot", () => {
  for (const retrier of [THROTTLED, PERSISTENT, UNTIL_TOMORROW]) expect(retrier.JitterStrategy).toBe("NONE");
});

test("no single step's patience outlasts the locks under which an attempt writes", () => {
  expect(sumOf(THROTTLED)).toBeLessThan(RENEW_BELOW_HOURS * HOUR);
  expect(ATTEMPT_LOCK_HOURS).toBeGreaterThanOrEqual(2 * RENEW_BELOW_HOURS);
});

const tasksOf = (states: Readonly<Record<string, State>>): [string, State][] =>
  Object.entries(states).flatMap(([name, state]) => {
    const inner = (state["ItemProcessor"] as { States: Record<string, State> } | undefined)?.States;
    return [...(state.Type === "Task" ? [[name, state] as [string, State]] : []), ...(inner ? tasksOf(inner) : [])];
  });
const firstFor = (state: State, error: string): Retrier | undefined =>
  (state["Retry"] as Retrier[]).find(({ ErrorEquals }) => ErrorEquals.includes(error));

test.each(WORKFLOW_NAMES)(
  "%s: throttling of functions is waited out, what tasks fail with is counted outside",
  (name) => {
    for (const [, state] of tasksOf(WORKFLOWS[name]().States)) {
      const resource = state["Resource"] as string;
      if (resource.includes("FunctionArn")) {
        expect(firstFor(state, "Lambda.TooManyRequestsException")).toEqual(THROTTLED);
        expect(firstFor(state, "Lambda.ServiceException")).toEqual(SERVICE_HICCUPS);
      }
      // A state that is entered again begins its retries anew.
      if (resource.endsWith(":ecs:runTask.sync")) expect(state).not.toHaveProperty("Retry");
    }
  },
);
