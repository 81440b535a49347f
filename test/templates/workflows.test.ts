/** The state machines, each as its own JSON, and what must hold for all of them. */
import { join } from "node:path";
import { beginOutput, packFilesOutput } from "../../lambda/backup/contract";
import { CONTAINER_NAME } from "../../lambda/database-task/contract";
import { deletionOutput } from "../../lambda/deletion/contract";
import { windowOutput } from "../../lambda/nightly-window/contract";
import { replicationCheckOutput } from "../../lambda/replication-check/contract";
import { expireOutput } from "../../lambda/retention/contract";
import { WORKFLOW_NAMES, type WorkflowName } from "../../lib/names";
import { WORKFLOWS } from "../../lib/workflows";
import { placeholdersOf, type State } from "../../lib/workflows/asl";
import { expectGolden } from "../support/golden";
import { synthesizeOnce } from "../support/synthesized";
import { plain, resourcesOf } from "./policies";

const template = synthesizeOnce().templates["Primary-Frankfurt"]!;

interface Deployed {
  readonly definition: { readonly States: Record<string, State> };
  readonly substitutions: Record<string, unknown>;
}
const deployed = (name: WorkflowName): Deployed => {
  const [, machine] = resourcesOf(template, "AWS::StepFunctions::StateMachine").find(([, { Properties }]) => plain(Properties.StateMachineName).endsWith(`eu-central-1-${name}`))!;
  return { definition: JSON.parse(machine.Properties.DefinitionString), substitutions: machine.Properties.DefinitionSubstitutions };
};

/** All states by name, those inside maps too. */
const statesOf = (states: Record<string, State>): [string, State][] =>
  Object.entries(states).flatMap(([name, state]) => {
    const inside = (state["ItemProcessor"] as { States: Record<string, State> } | undefined)?.States;
    return [[name, state] as [string, State], ...(inside === undefined ? [] : statesOf(inside))];
  });
const allStates = (name: WorkflowName): [string, State][] => statesOf(deployed(name).definition.States);

describe.each(WORKFLOW_NAMES)("workflow %s", (name) => {
  test("is as reviewed", () => {
    expectGolden(join(__dirname, "golden", "workflows", `${name}.json`), JSON.stringify(deployed(name).definition, null, 2));
  });

  test("has a substitution for every placeholder, and no other", () => {
    expect(Object.keys(deployed(name).substitutions).toSorted()).toEqual(placeholdersOf(WORKFLOWS[name]()));
  });

  test("has a limit for every task, and for itself", () => {
    expect(WORKFLOWS[name]().TimeoutSeconds).toBeGreaterThan(0);
    for (const [, state] of allStates(name)) if (state.Type === "Task") expect(state["TimeoutSeconds"]).toBeGreaterThan(0);
  });

  test("uses every state, and every transition leads to one in the same scope", () => {
    const scope = (states: Record<string, State>, startAt: string): void => {
      const targets = new Set<string>([startAt]);
      for (const state of Object.values(states)) {
        const { ItemProcessor, ...own } = state as State & { ItemProcessor?: { States: Record<string, State>; StartAt: string } };
        for (const [, target] of JSON.stringify(own).matchAll(/"(?:Next|Default)":"([^"]+)"/g)) targets.add(target!);
        if (ItemProcessor !== undefined) scope(ItemProcessor.States, ItemProcessor.StartAt);
      }
      expect([...targets].toSorted()).toEqual(Object.keys(states).toSorted());
    };
    const definition = deployed(name).definition as unknown as { States: Record<string, State>; StartAt: string };
    scope(definition.States, definition.StartAt);
  });

  test("retries everything only as the last resort, as the language demands", () => {
    for (const [, state] of allStates(name)) {
      const retriers = (state["Retry"] ?? []) as { ErrorEquals: string[] }[];
      const position = retriers.findIndex(({ ErrorEquals }) => ErrorEquals.includes("States.ALL"));
      if (position !== -1) expect(position).toBe(retriers.length - 1);
    }
  });

  test("runs the one container of the database task", () => {
    for (const [, state] of allStates(name)) {
      if (state["Resource"] !== "arn:aws:states:::ecs:runTask.sync") continue;
      const { Overrides } = state["Parameters"] as { Overrides: { ContainerOverrides: { Name: string }[] } };
      expect(Overrides.ContainerOverrides.map((container) => container.Name)).toEqual([CONTAINER_NAME]);
      const [, definition] = resourcesOf(template, "AWS::ECS::TaskDefinition")[0]!;
      expect(definition.Properties.ContainerDefinitions.map((container: { Name: string }) => container.Name)).toEqual([CONTAINER_NAME]);
    }
  });
});

/** What each choice must tell apart: the outcomes of the contract. The default may take one of them. */
const choices: readonly (readonly [WorkflowName, choice: string, outcomes: readonly string[]])[] = [
  ["nightly-window", "WindowOutcome", windowOutput.options.map(({ shape }) => shape.outcome.value)],
  ["backup", "BeginOutcome", beginOutput.options.map(({ shape }) => shape.outcome.value)],
  ["backup", "PackOutcome", packFilesOutput.shape.outcome.options],
  ["replication-check", "CheckOutcome", replicationCheckOutput.shape.outcome.options],
  ["retention", "ExpireOutcome", expireOutput.shape.outcome.options],
  ["deletion", "BeginOutcome", deletionOutput.shape.outcome.options],
  ["restore", "BeginOutcome", ["begun", "busy", "skip"]],
  ["restore", "PlanOutcome", ["go", "more", "refused"]],
  ["restore", "FilesOutcome", ["more", "done"]],
  ["restore", "RemovalOutcome", ["more", "done"]],
  ["restore", "UndoOutcome", ["more", "done", "forward"]],
];
test.each(choices)("%s, %s: every outcome leads somewhere of its own", (name, choice, outcomes) => {
  const state = deployed(name).definition.States[choice] ?? Object.fromEntries(allStates(name))[choice]!;
  const told = (state["Choices"] as { StringEquals: string; Next: string }[]).map(({ StringEquals }) => StringEquals);
  const untold = outcomes.filter((outcome) => !told.includes(outcome));
  expect(told.filter((outcome) => !outcomes.includes(outcome))).toEqual([]);
  expect(untold.length).toBeLessThanOrEqual(1);
});

test("backup: any failure up to Seal leads to Fail, and none after it", () => {
  const states = deployed("backup").definition.States;
  const leadsToFail = (name: string): boolean => ((states[name]!["Catch"] ?? []) as { Next: string }[]).some(({ Next }) => Next === "Fail");
  for (const name of ["Begin", "DumpDatabase", "PlanFiles", "PackFiles", "Seal"]) expect([name, leadsToFail(name)]).toEqual([name, true]);
  for (const name of ["StartReplicationCheck", "SealAgain", "Fail"]) expect([name, leadsToFail(name)]).toEqual([name, false]);
});

test("rule 10: a restore that fails is undone from the first change to the swap, database before files", () => {
  const states = deployed("restore").definition.States;
  const caught = (name: string): string | undefined => ((states[name]!["Catch"] ?? []) as { Next: string }[])[0]?.Next;
  expect(Object.fromEntries(["Begin", "Preflight", "Plan", "Files", "RestoreDatabase", "PlanRemoval", "Swap", "Finish"].map((name) => [name, caught(name)]))).toEqual({
    Begin: "FailRestore",
    Preflight: "FailRestore",
    Plan: "FailRestore",
    Files: "UndoFiles",
    RestoreDatabase: "Undo",
    PlanRemoval: "Undo",
    Swap: "Undo",
    Finish: undefined,
  });
  expect(states["Undo"]!["Next"]).toBe("UndoFiles");
});
