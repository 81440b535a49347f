/** The interpreter counts events as Step Functions does, and the computed largest history is what a played one can reach. */
import type { Definition } from "../../local/workflows/definition";
import { failure, play, playWorkflow, thrown } from "./play";
import { LOOPS } from "./loops";
import { WORKFLOWS } from "../../lib/workflows";
import { largestHistory, type Machine } from "./worst-history";

const task = (next: object): object => ({
  Type: "Task",
  Resource: "arn:aws:lambda:eu-central-1:123456789012:function:Work",
  Parameters: { "item.$": "$" },
  ...next,
});
const machine = (States: object, StartAt = Object.keys(States)[0]): Definition & Machine =>
  ({ StartAt, States, TimeoutSeconds: 86_400 }) as unknown as Definition & Machine;
const NO_LIMITS = { steps: [], items: {} };

test("a task that succeeds costs five events, beside the execution's two", async () => {
  const played = await play(machine({ Work: task({ End: true }) }), {}, { call: () => ({}) });
  expect(played.events).toBe(2 + 5);
});

test("a retry costs three: failed, scheduled, started", async () => {
  const retry = [{ ErrorEquals: ["Hiccup"], IntervalSeconds: 1, MaxAttempts: 4, JitterStrategy: "FULL" }];
  let tries = 0;
  const definition = machine({ Work: task({ Retry: retry, End: true }) });
  const played = await play(
    definition,
    {},
    {
      call: () => {
        if (++tries < 5) throw failure("Hiccup");
        return {};
      },
    },
  );
  expect(played.events).toBe(2 + 5 + 4 * 3);
  expect(largestHistory(definition, NO_LIMITS)).toBe(played.events);
});

test("of two retriers both count, and the catcher's way is the longer one", async () => {
  const retry = ["One", "Two"].map((name) => ({ ErrorEquals: [name], MaxAttempts: 2, JitterStrategy: "FULL" }));
  const definition = machine({
    Work: task({ Retry: retry, Catch: [{ ErrorEquals: ["States.ALL"], Next: "Tidy" }], End: true }),
    Tidy: { Type: "Pass", Next: "Failed" },
    Failed: { Type: "Fail", Error: "Failed" },
  });
  const errors = ["One", "One", "Two", "Two", "Three"];
  const played = await play(
    definition,
    {},
    {
      call: () => {
        throw failure(errors.shift() ?? "");
      },
    },
  );
  expect(played.events).toBe(2 + 5 + 4 * 3 + 2 + 1);
  expect(largestHistory(definition, NO_LIMITS)).toBe(played.events);
});

const packing = (config: object, more: object = {}): Definition & Machine =>
  machine({
    Each: {
      Type: "Map",
      ItemProcessor: {
        ProcessorConfig: config,
        StartAt: "Work",
        States: {
          Work: task({ Next: "Outcome" }),
          Outcome: {
            Type: "Choice",
            Choices: [{ Variable: "$.done", BooleanEquals: true, Next: "Packed" }],
            Default: "Packed",
          },
          Packed: { Type: "Pass", Result: 1, End: true },
        },
      },
      ...more,
      End: true,
    },
  });
const items = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n + 1);
const done = { call: () => ({ done: true }) };

test("an inline map costs eleven a shard; 2,300 shards are more than a history holds", async () => {
  const small = await play(packing({ Mode: "INLINE" }), items(10), done);
  expect(small.error).toBeUndefined();
  expect(small.events).toBe(2 + 4 + 10 * 11);
  expect(largestHistory(packing({ Mode: "INLINE" }), { steps: [], items: { Each: 10 } })).toBe(small.events);
  const large = await play(packing({ Mode: "INLINE" }), items(2_300), done);
  expect(large.error?.message).toContain("maximum number of history events");
}, 60_000);

test("a distributed map costs six, whatever its items", async () => {
  const played = await play(packing({ Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }), items(200), done);
  expect(played.error).toBeUndefined();
  expect(played.events).toBe(2 + 6);
  expect(largestHistory(packing({ Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }), NO_LIMITS)).toBe(played.events);
});

test("the items of a distributed map know only what they are given", async () => {
  const given: unknown[] = [];
  const definition = packing(
    { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
    { ItemsPath: "$.items", MaxConcurrencyPath: "$.places", ItemSelector: { "n.$": "$$.Map.Item.Value", fixed: 1 } },
  );
  await play(
    definition,
    { items: [7], places: 1, secret: 2 },
    {
      call: (_name, payload) => {
        given.push(payload["item"]);
        return {};
      },
    },
  );
  expect(given).toEqual([{ n: 7, fixed: 1 }]);
});

test.each(["MaxConcurrencyPath", "Label"])("an inline map with %s is refused", async (field) => {
  await expect(async () => play(packing({ Mode: "INLINE" }, { [field]: "$.n" }), [1], done)).rejects.toThrow(field);
});

test("a loop without a limit is named", () => {
  const endless = machine({
    Ask: task({ Next: "Outcome" }),
    Outcome: { Type: "Choice", Choices: [{ Variable: "$.done", BooleanEquals: true, Next: "Done" }], Default: "Ask" },
    Done: { Type: "Succeed" },
  });
  expect(() => largestHistory(endless, NO_LIMITS)).toThrow(/A loop has no limit: .*Ask.*Outcome/);
  const limits = {
    steps: [{ from: "Outcome", to: "Ask", atLeastSeconds: 600, why: "it works for ten minutes" }],
    items: {},
  };
  // 144 rounds of seven events fit into a day, and the first one and the end.
  expect(largestHistory(endless, limits)).toBeGreaterThanOrEqual(2 + 145 * 7);
  expect(largestHistory(endless, limits)).toBeLessThan((2 + 146 * 7) * 1.04);
});

test("a wait without a limit in rounds is limited by time alone", () => {
  const waiting = machine({ Wait: { Type: "Wait", Seconds: 60, Next: "Wait" } });
  expect(largestHistory(waiting, NO_LIMITS)).toBeGreaterThanOrEqual(2 + 1440 * 2);
  expect(largestHistory(waiting, NO_LIMITS)).toBeLessThan((2 + 1440 * 2) * 1.04);
});

test("a deletion that is played as badly as it can go stays below what was computed, and comes near it", async () => {
  const largest = largestHistory(WORKFLOWS.deletion(), LOOPS.deletion);
  const turns = new Map<number, number>();
  let round = 0;
  const played = await playWorkflow(
    "deletion",
    { environmentId: "e", snapshotId: "s", requestedBy: "p" },
    {
      call: () => {
        const tried = turns.get(round) ?? 0;
        turns.set(round, tried + 1);
        if (tried < 3) throw thrown("StoreUnavailable", "S3 does not answer.");
        if (tried < 5) throw failure("Lambda.TooManyRequestsException", "Rate Exceeded.");
        round += 1;
        return { outcome: "busy" };
      },
    },
  );
  expect(played.events).toBeLessThanOrEqual(largest);
  expect(played.events).toBeGreaterThan(largest * 0.8);
}, 120_000);
