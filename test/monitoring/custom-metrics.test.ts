/**
 * What watching over a region costs, counted in the templates and in the metrics that the real code writes, and that
 * none of it grows with the number of environments.
 */
import { monitoringCost, METRICS_A_REPLICATION_RULE, REGION_MONITORING } from "../../lambda/cost/monitoring";
import { concludeDrill } from "../../lambda/drill/conclude";
import { newDrill } from "../../lambda/drill/new-drill";
import { measureRegion } from "../../lambda/gauges/measure-region";
import { METRICS } from "../../lambda/observability/metric-names";
import { selectEnvironments } from "../../lambda/retention/select";
import { environmentItem, snapshotItem } from "../catalog/catalog-fixtures";
import { fakeCollaborators } from "../support/collaborators";
import { allAlarms, app } from "./alarms";
import { datapointsOf, type Datapoint } from "./datapoints";

const ROW = { region: "eu-central-1", startUtc: "00:00", durationMinutes: 180 };
const LIMITS = { window: ROW, slowSeconds: 1, slowFactor: 3, leastSamples: 3 };

/** Every metric that a day of so many environments writes: name with its dimensions, each paid for. */
const metricsOf = async (environments: number): Promise<ReadonlySet<string>> => {
  const fakes = fakeCollaborators({ now: new Date("2026-12-06T12:00:00Z") });
  for (let index = 0; index < environments; index++) {
    const id = `app-${index}`;
    await fakes.catalog.createEnvironment(environmentItem(id, { firstStartedAt: "2026-11-06T08:00:00Z" }));
    await fakes.catalog.createSnapshot(
      snapshotItem(id, `s-${index}`, { state: "completed", finishedAt: "2026-12-05T01:00:00Z" }),
    );
    const drill = newDrill(
      { environmentId: id, drillId: `d-${index}`, snapshotId: null, requestedBy: "schedule" },
      fakes.clock.now(),
    );
    await fakes.catalog.createDrill(drill);
    const seconds = { ...drill.seconds, total: 100 };
    await concludeDrill(fakes, { ...drill, seconds }, { outcome: "passed", message: "" }, LIMITS);
  }
  await selectEnvironments(fakes);
  await measureRegion(ROW, fakes);
  return new Set(
    fakes.metrics
      .lines()
      .flatMap(datapointsOf)
      .map(({ namespace, name, dimensions }: Datapoint) => JSON.stringify([namespace, name, dimensions])),
  );
};

test("a hundred environments write the metrics that one writes, and each of them is known", async () => {
  const [none, one, hundred] = [await metricsOf(0), await metricsOf(1), await metricsOf(100)];
  expect([...hundred].toSorted()).toEqual([...one].toSorted());
  expect(none.size).toBeLessThanOrEqual(one.size);
  expect(one.size).toBeLessThanOrEqual(Object.keys(METRICS).length);
  expect(one.size).toBeGreaterThan(8);
  for (const metric of one) expect((JSON.parse(metric) as unknown[])[2]).toEqual({ region: "eu-central-1" });
});

const inFrankfurt = <P>(type: string): readonly P[] =>
  app()
    .all<P>(type)
    .filter(({ region }) => region === "eu-central-1")
    .map(({ properties }) => properties);

interface Bucket {
  readonly BucketName: string;
  readonly ReplicationConfiguration?: { readonly Rules: readonly unknown[] };
  readonly MetricsConfigurations?: readonly unknown[];
}

test("what is paid for is what the templates hold", () => {
  const rules = inFrankfurt<Bucket>("AWS::S3::Bucket").flatMap(
    ({ ReplicationConfiguration }) => ReplicationConfiguration?.Rules ?? [],
  );
  const stats = allAlarms().map(
    ({ Metrics }) => Metrics?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1,
  );
  expect(REGION_MONITORING).toEqual({
    customMetrics: Object.keys(METRICS).length + rules.length * METRICS_A_REPLICATION_RULE,
    alarmMetrics: stats.reduce((sum, count) => sum + count, 0),
    dashboards: inFrankfurt("AWS::CloudWatch::Dashboard").length,
  });
});

test("alarms are of standard resolution, and look at no dimension that grows", () => {
  const BOUNDED = new Set(["region", "StateMachineArn", "QueueName", "ApiName", "Stage", "FunctionName"]);
  for (const { AlarmName, Dimensions = [], Period, Metrics = [] } of allAlarms()) {
    const stats = Metrics.flatMap(({ MetricStat }) => MetricStat ?? []);
    for (const { Name } of [...Dimensions, ...stats.flatMap(({ Metric }) => Metric.Dimensions ?? [])])
      expect([AlarmName, BOUNDED.has(Name)]).toEqual([AlarmName, true]);
    for (const seconds of [...(Period === undefined ? [] : [Period]), ...stats.map((stat) => stat.Period)])
      expect([AlarmName, seconds % 60]).toEqual([AlarmName, 0]);
  }
});

/** What else CloudWatch bills like custom metrics, and what a line of a log could make of itself. */
test("nothing else writes custom metrics", () => {
  for (const { region, properties } of app().all<{ ClusterSettings?: readonly { Name: string; Value: string }[] }>(
    "AWS::ECS::Cluster",
  ))
    expect([region, properties.ClusterSettings]).toEqual([region, [{ Name: "containerInsights", Value: "disabled" }]]);
  expect(app().all("AWS::Logs::MetricFilter")).toEqual([]);
  for (const { properties } of app().all<{ MethodSettings?: readonly { MetricsEnabled?: boolean }[] }>(
    "AWS::ApiGateway::Stage",
  ))
    expect((properties.MethodSettings ?? []).filter(({ MetricsEnabled }) => MetricsEnabled === true)).toEqual([]);
  for (const { properties } of app().all<Bucket>("AWS::S3::Bucket"))
    expect([properties.BucketName, properties.MetricsConfigurations]).toEqual([properties.BucketName, undefined]);
});

test("the dashboard looks for nothing by environment", () => {
  const bodies = inFrankfurt<{ DashboardBody: unknown }>("AWS::CloudWatch::Dashboard").map(({ DashboardBody }) =>
    JSON.stringify(DashboardBody),
  );
  expect(bodies.join("")).not.toContain("SEARCH(");
});

test("a month of a region", () => {
  expect(monitoringCost("us-east-1")).toEqual([
    { item: "custom metrics", quantity: REGION_MONITORING.customMetrics, usd: REGION_MONITORING.customMetrics * 0.3 },
    { item: "metrics of alarms", quantity: REGION_MONITORING.alarmMetrics, usd: REGION_MONITORING.alarmMetrics * 0.1 },
    { item: "dashboard", quantity: 1, usd: 3 },
  ]);
  expect(monitoringCost("us-east-1").reduce((sum, { usd }) => sum + usd, 0)).toBeLessThan(20);
});
