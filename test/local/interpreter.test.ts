import { SimulatedClock } from "../../local/clock/simulated-clock";
import { run, start, type InterpreterOptions } from "../../local/workflows/interpreter";
import type { Definition } from "../../local/workflows/definition";
import type { WorkflowServices } from "../../local/workflows/task-resources";

const FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:work";
const lambdaTask = (next: object, payload: object = { "item.$": "$" }): object => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Parameters: { FunctionName: FUNCTION, Payload: payload },
  OutputPath: "$.Payload",
  ...next,
});

const none = () => Promise.reject(new Error("not in this test"));

const interpret = (invokeLambda: WorkflowServices["invokeLambda"]) => {
  const clock = new SimulatedClock();
  const options: InterpreterOptions = {
    clock,
    services: {
      invokeLambda: (...call) => clock.during(() => invokeLambda(...call)),
      runTask: none,
      startExecution: none,
    },
    execution: { id: "arn:execution", name: "execution", stateMachineId: "arn:machine" },
  };
  return { clock, options };
};
const soon = (clock: SimulatedClock): Date => new Date(clock.now().getTime() + 86_400_000);
const failure = (name: string): Error => Object.assign(new Error(`{"errorType":"${name}"}`), { name });

test("waits and retry delays pass on the simulated clock", async () => {
  let calls = 0;
  const { clock, options } = interpret(async () => {
    if (++calls < 3) throw failure("Throttled");
    return "done";
  });
  const begin = clock.now().getTime();
  const definition = {
    StartAt: "Pause",
    States: {
      Pause: { Type: "Wait", SecondsPath: "$.seconds", Next: "Work" },
      Work: lambdaTask({
        End: true,
        Retry: [{ ErrorEquals: ["Throttled"], IntervalSeconds: 10, BackoffRate: 2, MaxAttempts: 2 }],
      }),
    },
  } as unknown as Definition;
  const result = run(definition, { seconds: 3600 }, options);
  await clock.advanceTo(soon(clock), () => calls === 3);
  expect(await result).toBe("done");
  const passed = clock.now().getTime() - begin;
  expect(passed).toBeGreaterThanOrEqual(3_630_000);
  expect(passed).toBeLessThan(3_640_000);
});

test("a map's failure is caught with the function's error name", async () => {
  const { options } = interpret(async (_arn, payload) => {
    if ((payload as { item: number }).item === 2) throw failure("Broken");
    return "fine";
  });
  const definition = {
    StartAt: "Each",
    States: {
      Each: {
        Type: "Map",
        ItemsPath: "$.items",
        ItemProcessor: { StartAt: "Work", States: { Work: lambdaTask({ End: true }) } },
        Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "Clean" }],
        End: true,
      },
      Clean: { Type: "Pass", OutputPath: "$.error.Error", End: true },
    },
  } as unknown as Definition;
  expect(await run(definition, { items: [1, 2, 3] }, options)).toBe("Broken");
});

test("a result over 256 KB ends the execution and no wildcard catches it", async () => {
  const { options } = interpret(async () => "x".repeat(256 * 1024));
  const definition = {
    StartAt: "Work",
    States: {
      Work: lambdaTask({ End: true, Catch: [{ ErrorEquals: ["States.ALL"], Next: "Never" }] }),
      Never: { Type: "Succeed" },
    },
  } as unknown as Definition;
  await expect(run(definition, {}, options)).rejects.toMatchObject({ name: "States.DataLimitExceeded" });
});

test("many small results whose sum is over 256 KB end the execution too", async () => {
  const { options } = interpret(async () => "x".repeat(100 * 1024));
  const definition = {
    StartAt: "Each",
    States: {
      Each: { Type: "Map", ItemProcessor: { StartAt: "Work", States: { Work: lambdaTask({ End: true }) } }, End: true },
    },
  } as unknown as Definition;
  await expect(run(definition, [1, 2, 3], options)).rejects.toMatchObject({ name: "States.DataLimitExceeded" });
});

test.each([
  ["Assign", { Type: "Pass", Assign: { a: 1 }, End: true }],
  ["QueryLanguage", { Type: "Pass", QueryLanguage: "JSONata", End: true }],
  ["HeartbeatSeconds", lambdaTask({ HeartbeatSeconds: 5, End: true })],
  ["$$.State.EnteredTime", lambdaTask({ End: true }, { "at.$": "$$.State.EnteredTime" })],
])("what the interpreter would silently ignore is refused: %s", (what, state) => {
  const { options } = interpret(async () => null);
  const definition = { StartAt: "A", States: { A: state } } as unknown as Definition;
  expect(() => start(definition, {}, options)).toThrow(what);
});

test("a resource without a service behind it is an error, not a call to AWS", async () => {
  const { options } = interpret(async () => null);
  const definition = {
    StartAt: "A",
    States: { A: { Type: "Task", Resource: "arn:aws:states:::glue:startJobRun", End: true } },
  } as unknown as Definition;
  await expect(run(definition, {}, options)).rejects.toMatchObject({ name: "States.Runtime" });
});

test("the execution's own time limit passes on the simulated clock", async () => {
  const { clock, options } = interpret(async () => null);
  const definition = {
    StartAt: "Long",
    TimeoutSeconds: 60,
    States: { Long: { Type: "Wait", Seconds: 3600, End: true } },
  } as unknown as Definition;
  const result = run(definition, {}, options);
  const ended = result.catch((error: Error) => error.name);
  await clock.advanceTo(new Date(clock.now().getTime() + 120_000));
  expect(await ended).toBe("States.Timeout");
});
