import { EmfMetrics } from "../../lambda/observability/emf-metrics";
import { FakeClock, FakeLogger } from "../support/collaborators";

const world = (print?: (line: string) => void) => {
  const lines: string[] = [];
  const log = new FakeLogger();
  const metrics = new EmfMetrics({
    prefix: "shop",
    region: "eu-central-1",
    clock: new FakeClock(new Date("2026-12-05T00:00:01Z")),
    log,
    print: print ?? ((line) => lines.push(line)),
  });
  return { metrics, log, written: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
};

test("writes the embedded metric format: namespace, unit, the region as only dimension, the correlation id beside", () => {
  const { metrics, written } = world();
  metrics.correlate("night-1");
  metrics.add("NightlySucceeded", 1);
  metrics.add("NightlySucceeded", 1);
  metrics.add("ReplicationLag", 12.5);
  expect(written()).toEqual([]);
  metrics.flush();
  metrics.flush();
  expect(written()).toEqual([
    {
      _aws: {
        Timestamp: Date.parse("2026-12-05T00:00:01Z"),
        CloudWatchMetrics: [
          {
            Namespace: "NightlyBackups/shop",
            Dimensions: [["region"]],
            Metrics: [
              { Name: "NightlySucceeded", Unit: "Count" },
              { Name: "ReplicationLag", Unit: "Seconds" },
            ],
          },
        ],
      },
      region: "eu-central-1",
      correlationId: "night-1",
      NightlySucceeded: [1, 1],
      ReplicationLag: 12.5,
    },
  ]);
});

test("many values go in several lines, none is lost", () => {
  const { metrics, written } = world();
  for (let value = 0; value < 1_000; value++) metrics.add("ReplicationLag", value);
  metrics.flush();
  const values = written().flatMap(({ ReplicationLag }) => ReplicationLag as number[]);
  expect(values).toEqual(Array.from({ length: 1_000 }, (_, value) => value));
  for (const line of written()) expect((line["ReplicationLag"] as number[]).length).toBeLessThanOrEqual(100);
});

test("nothing throws: no number is no metric, and a writer that fails is a line of the log", () => {
  const { metrics, log } = world(() => {
    throw new Error("EPIPE");
  });
  metrics.add("ReplicationLag", Number.NaN);
  metrics.add("ReplicationLag", 1);
  metrics.flush();
  expect(log.lines.map(({ level, message }) => [level, message])).toEqual([
    ["error", "A metric has no value."],
    ["error", "Metrics can't be written."],
  ]);
});
