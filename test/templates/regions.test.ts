/** What differs in each of the 17 regions from the pair that is reviewed in full, as one line a region. */
import { join } from "node:path";
import { stackLabel } from "../../lib/names";
import { NIGHTLY_TABLE, type NightlyRow } from "../../lib/regions/nightly-table";
import { golden } from "../support/golden";
import { synthesizeOnce, type Template } from "../support/synthesized";
import { resourcesOf } from "./policies";
import { must } from "../support/must";

const { templates } = synthesizeOnce();
const primary = (row: NightlyRow): Template => must(templates[`Primary-${stackLabel(row.name)}`]);
const replica = (row: NightlyRow): Template => must(templates[`Replica-${stackLabel(row.name)}`]);
const frankfurt = must(NIGHTLY_TABLE.find(({ name }) => name === "Frankfurt"));

const schedule = (row: NightlyRow) =>
  resourcesOf(primary(row), "AWS::Scheduler::Schedule")
    .map(([, { Properties }]) => Properties)
    .find(({ Name }) => JSON.stringify(Name).includes("nightly-window"));

/** CDK makes these logical ids of the stack's name and of a hash that the region is part of. */
const DEPLOYMENT = /\b(ApiDeployment[0-9A-F]{8})[0-9a-f]{32}\b/g;
const PERMISSION = /\b(Api\w*ApiPermission)Primary[A-Za-z]+Api[0-9A-F]{8}(\w*?)[0-9A-F]{8}\b/g;
/** The API knows all regions, its own and the others; another test reads what it is told. */
const ALL_REGIONS = /"API":"(?:\\.|[^"\\])*"/g;

/** The row's own values made nameless; what is left must be the same everywhere. */
const nameless = (template: Template, { region, name, replication, startUtc, durationMinutes }: NightlyRow): string => {
  const [hour, minute] = startUtc.split(":").map(Number);
  const values: readonly (readonly [string, string])[] = [
    [`"cron(${minute} ${hour} * * ? *)"`, '"<cron>"'],
    [`"MaximumEventAgeInSeconds":${durationMinutes * 60}`, '"MaximumEventAgeInSeconds":"<window>"'],
    [`\\"startUtc\\":\\"${startUtc}\\",\\"durationMinutes\\":${durationMinutes}`, "<window>"],
    [`${startUtc} UTC, ${durationMinutes} minutes`, "<window>"],
    [`${startUtc} UTC`, "<start>"],
    [region, "<region>"],
    [replication.region, "<replication region>"],
  ];
  const text = values.reduce(
    (found, [value, placeholder]) => found.replaceAll(value, placeholder),
    JSON.stringify(template)
      .replaceAll(DEPLOYMENT, "$1")
      .replaceAll(PERMISSION, "$1$2")
      .replaceAll(ALL_REGIONS, '"API":"<nightly table>"'),
  );
  return text
    .replaceAll(new RegExp(`(of|in) ${replication.name.replaceAll(".", "\\.")}`, "g"), "$1 <replication name>")
    .replaceAll(new RegExp(`(of|in) ${name.replaceAll(".", "\\.")}`, "g"), "$1 <name>");
};

const line = (row: NightlyRow): string => {
  const { ScheduleExpression, ScheduleExpressionTimezone, Target } = schedule(row);
  const equal =
    nameless(primary(row), row) === nameless(primary(frankfurt), frankfurt) &&
    nameless(replica(row), row) === nameless(replica(frankfurt), frankfurt);
  return [
    row.name.padEnd(12),
    row.region.padEnd(14),
    `→ ${row.replication.region.padEnd(14)}`,
    `${ScheduleExpression} ${ScheduleExpressionTimezone}`.padEnd(25),
    `event age ${Target.RetryPolicy.MaximumEventAgeInSeconds} s`.padEnd(18),
    equal ? "otherwise as Frankfurt" : "OTHERWISE NOT AS FRANKFURT",
  ].join("  ");
};

test("each region differs from Frankfurt in its row of the nightly table only", () => {
  const text = `${NIGHTLY_TABLE.map(line).join("\n")}\n`;
  expect(text).toBe(golden(join(__dirname, "golden", "regions.txt"), text));
  expect(text).not.toContain("OTHERWISE NOT");
});

test("Rule 1: every schedule is the nightly table's, in UTC, and drops events older than its window", () => {
  for (const row of NIGHTLY_TABLE) {
    const { ScheduleExpression, ScheduleExpressionTimezone, FlexibleTimeWindow, Target } = schedule(row);
    const [, minute, hour] = must(/^cron\((\d+) (\d+) \* \* \? \*\)$/.exec(ScheduleExpression));
    expect(`${must(hour).padStart(2, "0")}:${must(minute).padStart(2, "0")}`).toBe(row.startUtc);
    expect(ScheduleExpressionTimezone).toBe("UTC");
    expect(FlexibleTimeWindow).toEqual({ Mode: "OFF" });
    expect(Target.RetryPolicy.MaximumEventAgeInSeconds).toBe(row.durationMinutes * 60);
    expect(JSON.parse(Target.Input)).toEqual({ scheduledTime: "<aws.scheduler.scheduled-time>" });
    expect(Target.DeadLetterConfig.Arn).toBeDefined();
  }
});

test("two stacks a region, and no others", () => {
  const expected = NIGHTLY_TABLE.flatMap(({ name }) => [`Primary-${stackLabel(name)}`, `Replica-${stackLabel(name)}`]);
  expect(Object.keys(templates).toSorted()).toEqual(expected.toSorted());
});
