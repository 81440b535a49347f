/** The state machines, each as its own JSON, and what must hold for all of them. */
import { join } from "node:path";
import { beginOutput, packFilesOutput, planFilesOutput } from "../../lambda/backup/contract";
import { CONTAINER_NAME } from "../../lambda/database-task/contract";
import { deletionOutput } from "../../lambda/deletion/contract";
import { windowOutput } from "../../lambda/nightly-window/contract";
import { replicationCheckOutput } from "../../lambda/replication-check/contract";
import { expireOutput } from "../../lambda/retention/contract";
import { WORKFLOW_NAMES, type WorkflowName } from "../../lib/names";
import { WORKFLOWS } from "../../lib/workflows";
import { placeholdersOf, type State, type Workflow } from "../../lib/workflows/asl";
import { golden } from "../support/golden";
import { synthesizeOnce } from "../support/synthesized";
import { plain, resourcesOf } from "./policies";
import { must } from "../support/must";

const template = must(synthesizeOnce().templates["Primary-Frankfurt"]);

interface Deployed {
  readonly definition: { readonly States: Record<string, State> };
  readonly substitutions: Record<string, unknown>;
}
const deployed = (name: WorkflowName): Deployed => {
  const [, machine] = must(
    resourcesOf(template, "AWS::StepFunctions::StateMachine").find(([, { Properties }]) =>
      plain(Properties.StateMachineName).endsWith(`eu-central-1-${name}`),
    ),
  );
  return {
    definition: JSON.parse(machine.Properties.DefinitionString),
    substitutions: machine.Properties.DefinitionSubstitutions,
  };
};

/** All states by name, those inside maps too. */
const statesOf = (states: Record<string, State>): [string, State][] =>
  Object.entries(states).flatMap(([name, state]) => {
    const inside = (state["ItemProcessor"] as { States: Record<string, State> } | undefined)?.States;
    return [[name, state] as [string, State], ...(inside === undefined ? [] : statesOf(inside))];
  });
const allStates = (name: WorkflowName): [string, State][] => statesOf(deployed(name).definition.States);
const tasksOf = (name: WorkflowName): State[] =>
  allStates(name)
    .map(([, state]) => state)
    .filter(({ Type }) => Type === "Task");

/** Where a scope's transitions lead, its start included; what lies inside a map is a scope of its own. */
const targetsIn = (states: Record<string, State>, startAt: string): string[] => {
  const own = Object.values(states).map((state) => ({ ...state, ItemProcessor: undefined }));
  const found = [...JSON.stringify(own).matchAll(/"(?:Next|Default)":"([^"]+)"/g)].map(([, target]) => must(target));
  return [...new Set([startAt, ...found])].toSorted();
};

describe.each(WORKFLOW_NAMES)("workflow %s", (name) => {
  test("is as reviewed", () => {
    const text = `${JSON.stringify(deployed(name).definition, null, 2)}\n`;
    expect(text).toBe(golden(join(__dirname, "golden", "workflows", `${name}.json`), text));
  });

  test("has a substitution for every placeholder, and no other", () => {
    expect(Object.keys(deployed(name).substitutions).toSorted()).toEqual(placeholdersOf(WORKFLOWS[name]()));
  });

  test("has a limit for every task, and for itself", () => {
    expect(WORKFLOWS[name]().TimeoutSeconds).toBeGreaterThan(0);
    for (const state of tasksOf(name)) expect(state["TimeoutSeconds"]).toBeGreaterThan(0);
  });

  test("uses every state, and every transition leads to one in the same scope", () => {
    const whole = WORKFLOWS[name]();
    const inner = Object.values(whole.States).flatMap(({ ItemProcessor }) =>
      ItemProcessor === undefined ? [] : [ItemProcessor as Pick<Workflow, "States" | "StartAt">],
    );
    for (const { States, StartAt } of [whole, ...inner])
      expect(targetsIn(States, StartAt)).toEqual(Object.keys(States).toSorted());
  });

  test("retries everything only as the last resort, as the language demands", () => {
    for (const state of tasksOf(name)) {
      const retriers = (state["Retry"] ?? []) as { ErrorEquals: string[] }[];
      const early = retriers.slice(0, -1).filter(({ ErrorEquals }) => ErrorEquals.includes("States.ALL"));
      expect(early).toEqual([]);
    }
  });

  test("runs the one container of the database task", () => {
    const [, definition] = must(resourcesOf(template, "AWS::ECS::TaskDefinition")[0]);
    const containers = definition.Properties.ContainerDefinitions.map(({ Name }: { Name: string }) => Name);
    expect(containers).toEqual([CONTAINER_NAME]);
    for (const state of tasksOf(name).filter(({ Resource }) => Resource === "arn:aws:states:::ecs:runTask.sync")) {
      const { Overrides } = state["Parameters"] as { Overrides: { ContainerOverrides: { Name: string }[] } };
      expect(Overrides.ContainerOverrides.map(({ Name }) => Name)).toEqual(containers);
    }
  });
});

/** Where a failure leads in the end: for a database task also that of one that never started. */
const caughtIn =
  (states: Record<string, State>) =>
  (name: string): string | undefined => {
    const catchers = (must(states[name])["Catch"] ?? []) as { ErrorEquals: string[]; Next: string }[];
    const all = catchers.find(({ ErrorEquals }) => ErrorEquals.includes("States.ALL"))?.Next;
    if (!catchers.some(({ Next }) => Next === `${name}Started`)) return all;
    const failed = must(states[`${name}Failed`])["Next"] as string | undefined;
    expect([failed, `${name}Started`]).toContain(all ?? failed);
    return failed;
  };

/** What each choice must tell apart: the outcomes of the contract. The default may take one of them. */
const choices: readonly (readonly [WorkflowName, choice: string, outcomes: readonly string[]])[] = [
  ["nightly-window", "WindowOutcome", windowOutput.options.map(({ shape }) => shape.outcome.value)],
  ["backup", "BeginOutcome", beginOutput.options.map(({ shape }) => shape.outcome.value)],
  ["backup", "PlanOutcome", planFilesOutput.options.map(({ shape }) => shape.outcome.value)],
  /** `failed` answers a shard's failure, and goes nowhere. */
  ["backup", "PackOutcome", packFilesOutput.shape.outcome.options.filter((outcome) => outcome !== "failed")],
  ["replication-check", "CheckOutcome", replicationCheckOutput.shape.outcome.options],
  ["retention", "ExpireOutcome", expireOutput.shape.outcome.options],
  ["deletion", "BeginOutcome", deletionOutput.shape.outcome.options],
  ["upload", "BeginOutcome", beginOutput.options.map(({ shape }) => shape.outcome.value)],
  ["archive", "BeginOutcome", ["begun", "skip"]],
  ["archive", "BuildOutcome", ["more", "task", "done"]],
  ["restore", "BeginOutcome", ["begun", "busy", "skip", "drop-old"]],
  ["restore", "PlanOutcome", ["go", "planned", "more", "refused"]],
  ["restore", "FilesOutcome", ["more", "done"]],
  ["restore", "RemovalOutcome", ["more", "done"]],
  ["drill", "BeginOutcome", ["begun", "busy", "clear", "none"]],
  ["drill", "FilesOutcome", ["more", "done"]],
  ["drill", "ClearOutcome", ["more", "done"]],
  ["drill", "FinishOutcome", ["passed", "failed", "not-drilled", "none"]],
  ["restore", "UndoOutcome", ["more", "done", "forward"]],
];
test.each(choices)("%s, %s: every outcome leads somewhere of its own", (name, choice, outcomes) => {
  const state = deployed(name).definition.States[choice] ?? must(Object.fromEntries(allStates(name))[choice]);
  const told = (state["Choices"] as { StringEquals: string; Next: string }[]).map(({ StringEquals }) => StringEquals);
  const untold = outcomes.filter((outcome) => !told.includes(outcome));
  expect(told.filter((outcome) => !outcomes.includes(outcome))).toEqual([]);
  expect(untold.length).toBeLessThanOrEqual(1);
});

test("backup: any failure up to Seal leads to Fail, and none after it", () => {
  const states = deployed("backup").definition.States;
  const leadsToFail = (name: string): boolean => caughtIn(states)(name) === "Fail";
  for (const name of ["Begin", "DumpDatabase", "PlanFiles", "PackFiles", "Seal"])
    expect([name, leadsToFail(name)]).toEqual([name, true]);
  for (const name of ["StartReplicationCheck", "SealAgain", "Fail"])
    expect([name, leadsToFail(name)]).toEqual([name, false]);
});

test("upload: any failure up to Seal leads to Fail, and none after it", () => {
  const states = deployed("upload").definition.States;
  const leadsToFail = (name: string): boolean => caughtIn(states)(name) === "Fail";
  for (const name of ["Begin", "Unpack", "Seal"]) expect([name, leadsToFail(name)]).toEqual([name, true]);
  for (const name of ["StartReplicationCheck", "SealAgain", "Fail"])
    expect([name, leadsToFail(name)]).toEqual([name, false]);
});

test("archive: whatever fails, its snapshot is let go of", () => {
  const states = deployed("archive").definition.States;
  for (const name of ["Begin", "Build", "BuildByTask"])
    expect([name, caughtIn(states)(name)]).toEqual([name, "FailArchive"]);
  expect(must(states["FailArchive"])["Next"]).toBe("ArchiveFailed");
});

test("drill: whatever fails after its beginning, database and files are removed before it ends", () => {
  const states = deployed("drill").definition.States;
  const caught = caughtIn(states);
  const names = ["Begin", "RestoreDatabase", "CheckFiles", "ClearDatabase", "ClearFiles"];
  expect(Object.fromEntries(names.map((name) => [name, caught(name)]))).toEqual({
    Begin: "FinishFailed",
    RestoreDatabase: "ClearDatabase",
    CheckFiles: "ClearDatabase",
    ClearDatabase: "ClearFiles",
    ClearFiles: "HasFailed",
  });
});

test("Rule 10: a restore that fails is undone from the first change to the swap, database before files", () => {
  const states = deployed("restore").definition.States;
  const caught = caughtIn(states);
  expect(
    Object.fromEntries(
      ["Begin", "Preflight", "Plan", "Files", "RestoreDatabase", "PlanRemoval", "Swap", "Finish"].map((name) => [
        name,
        caught(name),
      ]),
    ),
  ).toEqual({
    Begin: "FailRestore",
    Preflight: "WasResumed",
    Plan: "WasResumed",
    Files: "FilesWereResumed",
    RestoreDatabase: "Undo",
    PlanRemoval: "WhichUndo",
    Swap: "Undo",
    Finish: undefined,
  });
  // A restore that an earlier execution has taken as far as the database is undone from there, whatever fails now.
  expect(states["WasResumed"]).toMatchObject({
    Choices: [{ Variable: "$.begun.resumed", Next: "WhichUndo" }],
    Default: "FailRestore",
  });
  expect(states["FilesWereResumed"]).toMatchObject({
    Choices: [{ Variable: "$.begun.resumed", Next: "WhichUndo" }],
    Default: "UndoFiles",
  });
  expect(states["WhichUndo"]).toMatchObject({
    Choices: [{ Variable: "$.begun.recoveryPoint", Next: "UndoInstance" }],
    Default: "Undo",
  });
  expect(must(states["Undo"])["Next"]).toBe("UndoFiles");
});
