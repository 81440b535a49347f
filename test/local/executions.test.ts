import { SimulatedClock } from "../../local/clock/simulated-clock";
import type { Definition } from "../../local/workflows/definition";
import { Executions } from "../../local/workflows/executions";
import type { WorkflowServices } from "../../local/workflows/task-resources";

const MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:wait";
const none = () => Promise.reject(new Error("not in this test"));
const services: WorkflowServices = { invokeLambda: none, runTask: none, startExecution: none };
const definition = {
  StartAt: "Pause",
  States: {
    Pause: { Type: "Wait", Seconds: 60, Next: "End" },
    End: { Type: "Pass", Parameters: { "name.$": "$$.Execution.Name" }, End: true },
  },
} as unknown as Definition;

let clock: SimulatedClock;
let executions: Executions;
beforeEach(() => {
  clock = new SimulatedClock();
  executions = new Executions({ services, clock });
  executions.addMachine({ arn: MACHINE, definition });
});
const minutesLater = (minutes: number): Promise<void> =>
  clock.advanceTo(new Date(clock.now().getTime() + minutes * 60_000));

test("an execution has an ARN, runs on the simulated clock, and stays known", async () => {
  const { execution } = executions.start(MACHINE, "first", { a: 1 });
  expect(execution).toMatchObject({
    arn: MACHINE.replace("stateMachine", "execution").concat(":first"),
    status: "RUNNING",
  });
  await minutesLater(2);
  expect(executions.find(execution.arn)).toMatchObject({ status: "SUCCEEDED", output: { name: "first" } });
  expect((execution.endedAt?.getTime() ?? 0) - execution.startedAt.getTime()).toBeGreaterThanOrEqual(60_000);
});

test("starting a name twice is success with the same input while it runs, and an error otherwise", async () => {
  expect(executions.start(MACHINE, "twice", { a: 1 }).started).toBe(true);
  expect(executions.start(MACHINE, "twice", { a: 1 }).started).toBe(false);
  expect(() => executions.start(MACHINE, "twice", { a: 2 })).toThrow("Execution Already Exists");
  await minutesLater(2);
  expect(() => executions.start(MACHINE, "twice", { a: 1 })).toThrow("Execution Already Exists");
});

test("a stopped execution is aborted and does not go on", async () => {
  const { execution } = executions.start(MACHINE, "stopped");
  executions.stop(execution.arn);
  await minutesLater(2);
  expect(execution.status).toBe("ABORTED");
  expect(executions.anyRunning()).toBe(false);
});

test.each([
  ["an unknown state machine", () => executions.start("arn:nothing", "x"), "StateMachineDoesNotExist"],
  ["a name with other characters", () => executions.start(MACHINE, "a b"), "InvalidName"],
  ["a name over 80 characters", () => executions.start(MACHINE, "x".repeat(81)), "InvalidName"],
  ["an input over 256 KB", () => executions.start(MACHINE, "x", "x".repeat(300_000)), "InvalidExecutionInput"],
])("%s is refused", (_, start, name) => {
  expect(start).toThrow(expect.objectContaining({ name }));
});
