/** No execution can fill its history: Step Functions fails it at 25,000 events, and no state catches that. */
import { WORKFLOW_NAMES, type WorkflowName } from "../../lib/names";
import { WORKFLOWS } from "../../lib/workflows";
import type { State } from "../../lib/workflows/asl";
import { must } from "../support/must";
import { LOOPS } from "./loops";
import { nextsOf } from "./transitions";
import { isDistributedMap, largestHistory, type Limits, type Machine } from "./worst-history";

const MOST = 20_000;

/** A workflow, and each of its distributed maps' items, which may take as long as the execution around them. */
const machinesOf = (name: WorkflowName): (readonly [string, Machine])[] => {
  const machine: Machine = WORKFLOWS[name]();
  const maps = Object.entries(machine.States).filter(([, state]) => isDistributedMap(state));
  const items = maps.map(([map, state]) => {
    const processor = state["ItemProcessor"] as Machine;
    return [`${name}, ${map}`, { ...processor, TimeoutSeconds: must(machine.TimeoutSeconds) }] as const;
  });
  return [[name, machine], ...items];
};
const machines = WORKFLOW_NAMES.flatMap(machinesOf);
const limitsOf = (name: string): Limits => must(LOOPS[name as keyof typeof LOOPS]);

test.each(machines)("%s: the largest history stays under 20,000 events", (name, machine) => {
  const largest = largestHistory(machine, limitsOf(name));
  expect(largest).toBeGreaterThan(10);
  expect(largest).toBeLessThan(MOST);
});

test("every limit is of a step that exists, and says why", () => {
  expect(Object.keys(LOOPS).toSorted()).toEqual(machines.map(([name]) => name).toSorted());
  for (const [name, machine] of machines) {
    const states = Object.assign({}, machine.States, ...insideMaps(machine)) as Record<string, State>;
    for (const { from, to, why } of limitsOf(name).steps) {
      expect([name, from, nextsOf(must(states[from])).includes(to)]).toEqual([name, from, true]);
      expect(why).not.toBe("");
    }
  }
});
const insideMaps = ({ States }: Machine): Machine["States"][] =>
  Object.values(States)
    .filter((state) => state.Type === "Map" && !isDistributedMap(state))
    .map((state) => (state["ItemProcessor"] as Machine).States);
