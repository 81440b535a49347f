/** What a stage's settings change in the templates, on one region pair. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { apiSettings } from "../../lambda/api/contract";
import { emptyBundle } from "../../lib/assets/bundle";
import { loadStage, type Stage } from "../../lib/config/load-configuration";
import { FUNCTION_NAMES } from "../../lib/names";
import { serviceApp } from "../../lib/service-app";
import type { Template } from "../support/synthesized";
import { allows, plain, resourcesOf, rolesOf, statementsOf } from "./policies";
import { must } from "../support/must";
import { projectContext } from "../../lib/config/project-context";
import { withoutValidation } from "../support/without-validation";

const context = projectContext();
const folder = mkdtempSync(join(tmpdir(), "stages-"));
withoutValidation();
afterAll(() => rmSync(folder, { recursive: true }));

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
  const modes = resourcesOf(primary, "AWS::Lambda::Function").map(
    ([, { Properties }]) => Properties.Environment?.Variables.LOCK_MODE as string | undefined,
  );
  /** All but the console function, which is not told of it. */
  expect(modes.filter((mode) => mode === expected)).toHaveLength(FUNCTION_NAMES.length - 1);
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
  const image = `123456789012.dkr.ecr.eu-central-1.amazonaws.com/backups@sha256:${"0".repeat(64)}`;
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

const WEB_ACL = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/fence/01234567-89ab-cdef-0123-456789abcdef";
const OIDC = { issuer: "https://login.example.com", audiences: ["backups"], principalClaim: "email" };
const allowedNetworks = ["203.0.113.0/24", "2001:db8::/32"];

describe("the API", () => {
  let closed: Template;
  let open: Template;
  let inside: Template;
  beforeAll(() => {
    closed = synthesize({}).primary;
    open = synthesize({
      api: {
        ...defaults.api,
        allowedNetworks,
        throttling: { requestsPerSecond: 5, burst: 10 },
        webAclArns: { "eu-west-1": WEB_ACL },
        oidc: OIDC,
      },
    }).primary;
    inside = synthesize({
      api: {
        ...defaults.api,
        allowedNetworks,
        endpoint: "private",
        vpcEndpoints: { "eu-west-1": ["vpce-0123456789abcdef0"], "eu-central-1": ["vpce-0fedcba9876543210"] },
      },
    }).primary;
  });
  const propertiesOf = (template: Template, type: string) => must(resourcesOf(template, type)[0])[1].Properties;
  const denials = (template: Template) =>
    statementsOf(propertiesOf(template, "AWS::ApiGateway::RestApi").Policy)
      .filter(({ effect }) => effect === "Deny")
      .map(({ conditions }) => conditions);

  test("answers named networks, at the stage's rate", () => {
    expect(denials(open)).toEqual([{ NotIpAddress: { "aws:SourceIp": allowedNetworks } }]);
    expect(open.Outputs?.["ApiNetworks"]).toMatchObject({ Value: "203.0.113.0/24, 2001:db8::/32" });
    expect(propertiesOf(open, "AWS::ApiGateway::Stage").MethodSettings[0]).toMatchObject({
      ThrottlingRateLimit: 5,
      ThrottlingBurstLimit: 10,
    });
  });

  test("has IPv6 addresses only where an IPv6 network may use them, because clients prefer those", () => {
    const office = synthesize({ api: { ...defaults.api, allowedNetworks: ["203.0.113.0/24"] } }).primary;
    const endpoint = (template: Template) => propertiesOf(template, "AWS::ApiGateway::RestApi").EndpointConfiguration;
    expect(endpoint(office)).toEqual({ IpAddressType: "ipv4", Types: ["REGIONAL"] });
    expect(endpoint(closed)).toEqual({ IpAddressType: "ipv4", Types: ["REGIONAL"] });
    expect(endpoint(open)).toEqual({ IpAddressType: "dualstack", Types: ["REGIONAL"] });
  });

  test("in private is reached through its region's endpoints, from named networks inside the VPC", () => {
    expect(propertiesOf(inside, "AWS::ApiGateway::RestApi").EndpointConfiguration).toEqual({
      IpAddressType: "dualstack",
      Types: ["PRIVATE"],
      VpcEndpointIds: ["vpce-0123456789abcdef0"],
    });
    expect(denials(inside)).toEqual([
      { NotIpAddress: { "aws:VpcSourceIp": allowedNetworks } },
      { StringNotEquals: { "aws:SourceVpce": ["vpce-0123456789abcdef0"] } },
    ]);
    const [cors] = resourcesOf(inside, "AWS::S3::Bucket").flatMap(
      ([, { Properties }]) => Properties.CorsConfiguration?.CorsRules ?? [],
    );
    expect(cors.AllowedOrigins.map(plain)).toEqual([
      expect.stringMatching(/^https:\/\/<Api\w+>\.execute-api\.eu-west-1\.amazonaws\.com$/),
      expect.stringMatching(/^https:\/\/<Api\w+>-vpce-0123456789abcdef0\.execute-api\.eu-west-1\.amazonaws\.com$/),
    ]);
  });

  test("has a firewall before it where the stage names one", () => {
    const { WebACLArn, ResourceArn } = propertiesOf(open, "AWS::WAFv2::WebACLAssociation");
    expect(WebACLArn).toBe(WEB_ACL);
    expect(plain(ResourceArn)).toMatch(/^arn:aws:apigateway:eu-west-1::\/restapis\/<Api\w+>\/stages\/<Api\w+>$/);
    expect(resourcesOf(closed, "AWS::WAFv2::WebACLAssociation")).toEqual([]);
  });

  test("is told who issues tokens, and which regions the stage has", () => {
    const told = resourcesOf(open, "AWS::Lambda::Function").flatMap(
      ([, { Properties }]) => Properties.Environment?.Variables.API ?? [],
    );
    expect(told).toHaveLength(1);
    const settings = apiSettings.parse(JSON.parse(String(told[0])));
    expect(settings.oidc).toEqual(OIDC);
    expect(settings.regions).toHaveLength(17);
    expect(settings.regions.filter(({ deployed }) => deployed).map(({ name }) => name)).toEqual(["Dublin"]);
  });

  test("is deployed anew when anything of it changes: its policy too", () => {
    const deployments = [closed, open, inside].map(
      (template) => must(resourcesOf(template, "AWS::ApiGateway::Deployment")[0])[0],
    );
    expect(new Set(deployments).size).toBe(deployments.length);
  });
});

const NAMES =
  /^(BucketName|TableName|\w*FunctionName|RoleName|StateMachineName|AliasName|ClusterName|Family|TopicName|QueueName|LogGroupName|AlarmName|DashboardName)$/;
const namesOf = (prefix: string): string[] =>
  Object.values(synthesize({ prefix }).primary.Resources).flatMap(({ Type, Properties = {} }) =>
    /** A permission refers to the function that it is about. */
    Object.entries(Type === "AWS::Lambda::Permission" ? {} : Properties)
      .filter(([property]) => NAMES.test(property))
      .map(([, name]) => plain(name)),
  );

test("two stages in one account share no name", () => {
  const blue = new Set(namesOf("blue"));
  expect(blue.size).toBeGreaterThan(50);
  expect(namesOf("green").filter((name) => blue.has(name))).toEqual([]);
});

describe("the account's concurrent functions", () => {
  const shares = (changes: Partial<Stage>) => {
    const functions = resourcesOf(synthesize(changes).primary, "AWS::Lambda::Function").map(
      ([, { Properties }]) => Properties,
    );
    const named = (name: string) =>
      must(functions.find(({ FunctionName }) => plain(FunctionName).endsWith(`-${name}`)));
    return {
      reserved: functions.flatMap(({ FunctionName, ReservedConcurrentExecutions: reserved }) =>
        reserved === undefined ? [] : [[plain(FunctionName).split("-").at(-1), reserved]],
      ),
      places: named("backup-plan").Environment.Variables.PLACES,
    };
  };

  test("a new account's ten carry no reservation, and leave half to everything but backups", () => {
    expect(shares({})).toEqual({ reserved: [], places: "5" });
  });
  test("a larger quota keeps some for the API alone, and gives backups half of the rest", () => {
    expect(shares({ concurrency: { account: 1000, api: 50 } })).toEqual({ reserved: [["api", 50]], places: "475" });
  });
  test("a stage can say how many backups may have", () => {
    expect(shares({ concurrency: { account: 1000, api: 0, backups: 40 } }).places).toBe("40");
  });
});
