/** What recovers a lost region, as a reviewer reads it, and what it must not do. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { emptyBundle } from "../../lib/assets/bundle";
import { loadStage, rowOf } from "../../lib/config/load-configuration";
import { isRetained } from "../../lib/review/deployment";
import { recoveryApp } from "../../lib/service-app";
import { golden } from "../support/golden";
import { must } from "../support/must";
import { synthesizeOnce, type Template } from "../support/synthesized";
import { allows, plain, resourcesOf, roleLines, rolesOf } from "./policies";
import { projectContext } from "../../lib/config/project-context";

const LOST = "eu-central-1";
const HERE = "eu-west-1";
const folder = mkdtempSync(join(tmpdir(), "recovery-"));
let template: Template;
let violations: readonly unknown[] = [];
let manifest: {
  readonly artifacts: Readonly<Record<string, { type: string; environment: string; dependencies?: string[] }>>;
};

beforeAll(() => {
  const context = projectContext();
  const stage = loadStage("default");
  const outdir = join(folder, "out");
  recoveryApp(stage, rowOf(stage, LOST), emptyBundle(join(folder, "bundle")), new App({ outdir, context })).synth();
  const read = (file: string): unknown => JSON.parse(readFileSync(join(outdir, file), "utf8"));
  template = read("Recovery-Frankfurt.template.json") as Template;
  manifest = read("manifest.json") as typeof manifest;
  const report = join(outdir, "validation-report.json");
  if (!existsSync(report)) return;
  const { pluginReports } = read("validation-report.json") as { pluginReports: { violations: unknown[] }[] };
  violations = pluginReports.flatMap((plugin) => plugin.violations);
});
afterAll(() => rmSync(folder, { recursive: true }));

test("the stack is as reviewed, and the checks find nothing in it", () => {
  expect(violations).toEqual([]);

  const text = `${JSON.stringify(template, null, 1).replace(/\b[0-9a-f]{64}\b/g, "<asset hash>")}\n`;
  expect(text).toBe(golden(join(__dirname, "golden", "Recovery-Frankfurt.json"), text));
});

test("its roles may do exactly this", () => {
  const text = roleLines(template);
  expect(text).toBe(golden(join(__dirname, "golden", "recovery-roles.txt"), text));
});

test("it is an app of its own, in the replication region, and waits for no other stack", () => {
  const stacks = Object.entries(manifest.artifacts).filter(([, { type }]) => type === "aws:cloudformation:stack");
  expect(stacks.map(([name, { environment }]) => [name, environment])).toEqual([
    ["Recovery-Frankfurt", `aws://unknown-account/${HERE}`],
  ]);
  expect(must(stacks[0])[1].dependencies).toEqual(["Recovery-Frankfurt.assets"]);
});

test("the lost region stands in names alone: nothing is looked up, imported or addressed there", () => {
  const text = JSON.stringify(template);
  expect(text).not.toMatch(/Fn::ImportValue|Fn::GetStackOutput|Custom::|AWS::SSM::Parameter::Value<(?!String>)/);
  const rest = text
    .replace(/-eu-central-1-(recover-|replica)/g, "")
    .replaceAll('"RECOVERED_REGION":"eu-central-1"', "")
    .replaceAll('{"Name":"RECOVERED_REGION","Value":"eu-central-1"}', "")
    .replaceAll("backups-eu-central-1-primary", "");
  expect(rest).not.toContain("eu-central-1");
});

test("no name is one of a region's own", () => {
  const NAMES =
    /^(BucketName|TableName|FunctionName|RoleName|StateMachineName|AliasName|ClusterName|Family|TopicName|LogGroupName|AlarmName)$/;
  const namesOf = ({ Resources }: Template): readonly string[] =>
    Object.values(Resources).flatMap(({ Properties = {} }) =>
      Object.entries(Properties)
        .filter(([property]) => NAMES.test(property))
        .map(([, name]) => plain(name)),
    );
  const taken = new Set(Object.values(synthesizeOnce().templates).flatMap(namesOf));
  const own = namesOf(template);
  expect(own.length).toBeGreaterThan(20);
  expect(own.filter((name) => taken.has(name))).toEqual([]);
});

test("no role of it writes, locks or deletes anything in the replica bucket, or bypasses a lock anywhere", () => {
  const replica = "arn:aws:s3:::backups-<account>-eu-central-1-replica";
  const roles = rolesOf(template);
  const readers = roles.filter(({ statements }) => allows(statements, "s3:GetObjectVersion", `${replica}/a`));
  expect(readers.map(({ name }) => name.replace(/^.*recover-/, "")).toSorted()).toEqual(["database-task", "restore"]);
  for (const { name, statements } of roles) {
    const actions = statements
      .filter(({ resources }) => resources.some((resource) => resource === "*" || resource.startsWith(replica)))
      .flatMap((statement) => statement.actions);
    expect([name, actions.filter((action) => /^s3:(?!Get|List)/.test(action))]).toEqual([name, []]);
    expect(statements.flatMap((statement) => statement.actions)).not.toContain("s3:BypassGovernanceRetention");
  }
});

test("what it holds goes with it, so that nothing is in the next recovery's way", () => {
  const kept = Object.entries(template.Resources).filter(([, { DeletionPolicy }]) => isRetained(DeletionPolicy));
  expect(kept.map(([name]) => name)).toEqual([]);
});

test("an image that lies in the lost region is refused in one sentence", () => {
  const stage = loadStage("default");
  const image = `123456789012.dkr.ecr.${LOST}.amazonaws.com/backups:1@sha256:${"0".repeat(64)}`;
  const given = { ...stage, databaseTask: { ...stage.databaseTask, image } };
  const bundle = emptyBundle(join(folder, "bundle"));
  expect(() => recoveryApp(given, rowOf(stage, LOST), bundle)).toThrow(
    /databaseTask.image.* lies in eu-central-1, which is lost; write \{region\} instead/s,
  );
});

test("every function is told what it recovers, and that records are its own", () => {
  const functions = resourcesOf(template, "AWS::Lambda::Function");
  expect(functions.length).toBeGreaterThanOrEqual(3);
  for (const [, { Properties }] of functions) {
    const { RECOVERED_REGION, REGION, REPLICA_REGION, PRIMARY_BUCKET, REPLICA_BUCKET } =
      Properties.Environment.Variables;
    expect([RECOVERED_REGION, REGION, REPLICA_REGION]).toEqual([LOST, HERE, HERE]);
    expect(plain(PRIMARY_BUCKET)).toBe("backups-<account>-eu-central-1-recover-records");
    expect(plain(REPLICA_BUCKET)).toBe("backups-<account>-eu-central-1-replica");
  }
});
