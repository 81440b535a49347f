/** What a stage's settings change in the templates, on one region pair. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { emptyBundle } from "../../lib/assets/bundle";
import { loadStage, type Stage } from "../../lib/config/load-configuration";
import { serviceApp } from "../../lib/service-app";
import type { Template } from "../support/synthesized";
import { allows, plain, resourcesOf, rolesOf } from "./policies";
import { must } from "../support/must";

const { context } = JSON.parse(readFileSync(join(__dirname, "..", "..", "cdk.json"), "utf8")) as {
  context: Record<string, unknown>;
};
const folder = mkdtempSync(join(tmpdir(), "stages-"));
const validation = process.env["CDK_VALIDATION"];
beforeAll(() => {
  process.env["CDK_VALIDATION"] = "false";
});
afterAll(() => {
  if (validation === undefined) delete process.env["CDK_VALIDATION"];
  else process.env["CDK_VALIDATION"] = validation;
  rmSync(folder, { recursive: true });
});

const defaults = loadStage("default");
const dublin = defaults.rows.filter(({ name }) => name === "Dublin");

const synthesize = (changes: Partial<Stage>): { primary: Template; replica: Template } => {
  const outdir = mkdtempSync(join(folder, "out-"));
  serviceApp(
    { ...defaults, rows: dublin, ...changes },
    emptyBundle(join(folder, "bundle")),
    new App({ outdir, context }),
  ).synth();
  expect(violations(outdir)).toEqual([]);
  const read = (stack: string): Template =>
    JSON.parse(readFileSync(join(outdir, `${stack}.template.json`), "utf8")) as Template;
  return { primary: read("Primary-Dublin"), replica: read("Replica-Dublin") };
};
/** What the checks found and nobody acknowledged; CDK itself would only set the exit code. */
const violations = (outdir: string): unknown[] => {
  expect(process.exitCode ?? 0).toBe(0);
  const report = join(outdir, "validation-report.json");
  if (!existsSync(report)) return [];
  return (
    JSON.parse(readFileSync(report, "utf8")) as { pluginReports: { violations: unknown[] }[] }
  ).pluginReports.flatMap((plugin) => plugin.violations);
};
const variables = (template: Template) =>
  must(resourcesOf(template, "AWS::Lambda::Function")[0])[1].Properties.Environment.Variables;

test.each([
  ["governance", "GOVERNANCE"],
  ["compliance", "COMPLIANCE"],
] as const)("lock mode %s reaches every function and the task", (lockMode, expected) => {
  const { primary } = synthesize({ lockMode });
  for (const [, { Properties }] of resourcesOf(primary, "AWS::Lambda::Function"))
    expect(Properties.Environment.Variables.LOCK_MODE).toBe(expected);
  const [, task] = must(resourcesOf(primary, "AWS::ECS::TaskDefinition")[0]);
  expect(task.Properties.ContainerDefinitions[0].Environment).toContainEqual({ Name: "LOCK_MODE", Value: expected });
});

test("a known account stands in names and ARNs, and the checks still pass", () => {
  const { primary } = synthesize({ account: "123456789012" });
  expect(variables(primary).PRIMARY_BUCKET).toBe("backups-123456789012-eu-west-1-primary");
  expect(variables(primary).BACKUP_STATE_MACHINE_ARN).toBe(
    "arn:aws:states:eu-west-1:123456789012:stateMachine:backups-123456789012-eu-west-1-backup",
  );
  expect(JSON.stringify(primary)).not.toContain("AWS::AccountId");
});

test("a permissions boundary bounds every role", () => {
  const permissionsBoundary = "arn:aws:iam::123456789012:policy/boundary";
  const { primary } = synthesize({ permissionsBoundary });
  const roles = resourcesOf(primary, "AWS::IAM::Role");
  expect(roles.length).toBeGreaterThan(20);
  for (const [, { Properties }] of roles) expect(Properties.PermissionsBoundary).toBe(permissionsBoundary);
});

test("a ready-made image is run as it is, and pulled from its own repository only", () => {
  const image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/backups:1";
  const { primary } = synthesize({ databaseTask: { ...defaults.databaseTask, image } });
  const [, task] = must(resourcesOf(primary, "AWS::ECS::TaskDefinition")[0]);
  expect(task.Properties.ContainerDefinitions[0].Image).toBe(image);
  const { statements } = must(rolesOf(primary).find(({ name }) => name.endsWith("-start-task")));
  expect(allows(statements, "ecr:BatchGetImage", "arn:aws:ecr:eu-central-1:123456789012:repository/backups")).toBe(
    true,
  );
  expect(allows(statements, "ecr:BatchGetImage", "arn:aws:ecr:eu-central-1:123456789012:repository/other")).toBe(false);
});

test("addresses are subscribed, tags are set, keys and secrets are chosen by the stage's tag", () => {
  const { primary, replica } = synthesize({
    notify: ["ops@example.com"],
    tags: { team: "platform" },
    resourceTag: { key: "backup", value: "yes" },
  });
  expect(
    resourcesOf(primary, "AWS::SNS::Subscription").map(([, { Properties }]) => [
      Properties.Protocol,
      Properties.Endpoint,
    ]),
  ).toEqual([["email", "ops@example.com"]]);
  for (const template of [primary, replica]) {
    for (const [, { Properties }] of resourcesOf(template, "AWS::S3::Bucket"))
      expect(Properties.Tags).toContainEqual({ Key: "team", Value: "platform" });
  }
  const { statements } = must(
    rolesOf(primary).find(({ name }) => name.endsWith("-database-task") && !name.includes("run-")),
  );
  const reading = must(statements.find(({ actions }) => actions.includes("secretsmanager:GetSecretValue")));
  expect(reading.conditions).toEqual({ StringEquals: { "aws:ResourceTag/backup": "yes" } });
});

const NAMES =
  /^(BucketName|TableName|\w*FunctionName|RoleName|StateMachineName|AliasName|ClusterName|Family|TopicName|QueueName|LogGroupName|AlarmName|DashboardName)$/;
const namesOf = (prefix: string): string[] =>
  Object.values(synthesize({ prefix }).primary.Resources).flatMap(({ Properties = {} }) =>
    Object.entries(Properties)
      .filter(([property]) => NAMES.test(property))
      .map(([, name]) => plain(name)),
  );

test("two stages in one account share no name", () => {
  const blue = new Set(namesOf("blue"));
  expect(blue.size).toBeGreaterThan(50);
  expect(namesOf("green").filter((name) => blue.has(name))).toEqual([]);
});
