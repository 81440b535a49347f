/**
 * Enough, not only not too much: every role that an AWS service assumes holds what AWS documents that the service needs,
 * in every region, and admits that service. A failure says which role lacks what on which resource, and whose word it is.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { emptyBundle } from "../../lib/assets/bundle";
import { loadStage, rowOf } from "../../lib/config/load-configuration";
import { bootstrapLines } from "../../lib/regions/bootstrap-lines";
import { NIGHTLY_TABLE } from "../../lib/regions/nightly-table";
import { recoveryApp } from "../../lib/service-app";
import { SynthesizedApp } from "../../local/template/app";
import { ACCOUNT, Iam, iamOfDefaultStage } from "../support/iam";
import {
  DOCUMENTED_FOR_BACKUP,
  DOCUMENTED_FOR_RESTORES,
  LEFT_OUT_OF_BACKUP,
  LEFT_OUT_OF_RESTORES,
} from "../support/service-needs/aws-backup";
import { backupRoles, recoveryRestoreRole, restoreRoles } from "../support/service-needs/aws-backup-roles";
import { requestsOf, type ServiceRole } from "../support/service-needs/need";
import {
  downloadRoles,
  functionRoles,
  replicationRoles,
  scheduleRoles,
  taskRoles,
} from "../support/service-needs/other-services";
import { publishers } from "../support/service-needs/publishers";
import { stepFunctionsRoles } from "../support/service-needs/step-functions";
import { projectContext } from "../../lib/config/project-context";

const iam = iamOfDefaultStage();
const { app } = iam;

const different = (sentences: readonly string[]): readonly string[] => [...new Set(sentences)];
const lacking = (of: Iam, roles: readonly ServiceRole[]): readonly string[] =>
  different(
    roles.flatMap(({ role, service, needs, source }) => [
      ...(of.admits(role, service) ? [] : [`${role} does not admit ${service} (${source})`]),
      ...requestsOf(role, needs).flatMap((request) =>
        of.refusal(request) === undefined ? [] : [`${role} lacks ${request.action} on ${request.resource} (${source})`],
      ),
    ]),
  );
const actionsOf = (roles: readonly ServiceRole[]): ReadonlySet<string> =>
  new Set(roles.flatMap(({ needs }) => needs.flatMap(({ actions }) => actions)));

const TABLE: readonly (readonly [string, readonly ServiceRole[]])[] = [
  ["what AWS Backup makes and copies recovery points with", backupRoles(app)],
  ["what AWS Backup restores with", restoreRoles(app)],
  ["what S3 replicates with", replicationRoles(app)],
  ["what Scheduler starts things with", scheduleRoles(app)],
  ["what Step Functions runs with", stepFunctionsRoles(app)],
  ["what ECS starts the task with", taskRoles(app)],
  ["what addresses of archives are signed with", downloadRoles(app)],
  ["what Lambda runs functions with", functionRoles(app)],
];

test.each(TABLE)("%s holds what AWS documents", (_, roles) => {
  expect(roles.length).toBeGreaterThanOrEqual(NIGHTLY_TABLE.length);
  expect(lacking(iam, roles)).toEqual([]);
});

/** In one region; they differ in names only. */
const FRANKFURT = TABLE.flatMap(([, roles]) => roles).filter(({ role }) => role.includes("-eu-central-1-"));

test.each([
  ["rds:RestoreDBInstanceFromDBSnapshot", "restoring"],
  ["rds:DeleteDBInstance", "restoring"],
  ["kms:CreateGrant", "restoring"],
  ["backup:CopyFromBackupVault", "recovery-points"],
  ["backup:DescribeBackupVault", "recovery-points"],
  ["kms:DescribeKey", "recovery-points"],
  ["rds:DeleteDBSnapshot", "recovery-points"],
  ["s3:GetObjectRetention", "replication"],
  ["s3:ReplicateTags", "replication"],
  ["kms:Encrypt", "replication"],
  ["sqs:SendMessage", "start-retention"],
  ["lambda:InvokeFunction", "start-gauges"],
  ["states:StartExecution", "start-nightly-window"],
  ["events:PutTargets", "run-backup"],
  ["ecs:StopTask", "run-restore"],
  ["ecs:TagResource", "run-probe"],
  ["iam:PassRole", "run-backup"],
  ["lambda:InvokeFunction", "run-keep"],
  ["logs:CreateLogDelivery", "run-deletion"],
  ["xray:PutTraceSegments", "run-upload"],
  ["ecr:GetAuthorizationToken", "start-task"],
  ["logs:PutLogEvents", "gauges"],
])("a template without %s is told at %s", (action, name) => {
  const role = `backups-${ACCOUNT}-eu-central-1-${name}`;
  expect(lacking(iam.without(action), FRANKFURT)).toContainEqual(
    expect.stringMatching(new RegExp(`^${role} lacks ${action} on \\S+ \\(https://docs\\.aws\\.amazon\\.com/`)),
  );
});

/** Of roles whose every grant is for what AWS's service does with them; functions and tasks do their own work besides. */
const OTHER_WORK = /-database-task$/;
/** Granted twice, or held ready: an action of a statement without which AWS's documented requests still pass. */
const SPARE: Readonly<Record<string, string>> = {
  "kms:DescribeKey": "every key of the region may be looked at, those with the tag and the service's own among them",
  "kms:GenerateDataKeyWithoutPlaintext":
    "AWS names it for restores; for copies it is among those that key policies name for encryption with a customer's key",
};

test("each action of each statement is needed: a template without it in that one place is told", () => {
  const serviceRoles = TABLE.filter(([what]) => !what.includes("Lambda")).flatMap(([, roles]) => roles);
  const names = new Set(serviceRoles.map(({ role }) => role).filter((role) => role.includes("-eu-central-1-")));
  const untold = [...names]
    .filter((role) => !OTHER_WORK.test(role))
    .flatMap((role) => {
      const own = serviceRoles.filter((one) => one.role === role);
      return iam
        .lackingOne(role)
        .filter(([, less]) => lacking(less, own).length === 0)
        .map(([what]) => `${role} without ${what}`);
    });
  expect(untold.filter((one) => !Object.keys(SPARE).some((action) => one.includes(` without ${action} `)))).toEqual([]);
  expect(untold.filter((one) => one.includes("-restoring ")).length).toBeLessThanOrEqual(2);
});

test("every role of the app is in the table", () => {
  const known = new Set(TABLE.flatMap(([, roles]) => roles.map(({ role }) => role)));
  expect(iam.roles.filter((role) => !known.has(role))).toEqual([]);
});

test.each([
  ["backups", backupRoles(app), DOCUMENTED_FOR_BACKUP, LEFT_OUT_OF_BACKUP],
  ["restores", restoreRoles(app), DOCUMENTED_FOR_RESTORES, LEFT_OUT_OF_RESTORES],
])(
  "every action that AWS names for %s of RDS is needed, or left out for a reason and not granted",
  (_, roles, documented, leftOut) => {
    const needed = actionsOf(roles);
    expect(documented.filter((action) => needed.has(action) === action in leftOut)).toEqual([]);
    for (const { role } of roles)
      expect(
        Object.keys(leftOut)
          .filter((action) => iam.holds(role, action))
          .map((action) => `${role} ${action}`),
      ).toEqual([]);
  },
);

test("neither of AWS Backup's roles does the other's work, and each is passed by one function only", () => {
  const [backup, restore] = [backupRoles(app), restoreRoles(app)];
  for (const { role } of backup)
    expect([role, iam.holds(role, "rds:RestoreDBInstanceFromDBSnapshot")]).toEqual([role, false]);
  for (const { role } of restore) {
    const others = ["rds:CreateDBSnapshot", "rds:CopyDBSnapshot", "rds:DeleteDBSnapshot", "backup:CopyIntoBackupVault"];
    expect([role, others.filter((action) => iam.holds(role, action))]).toEqual([role, []]);
  }
  const context = { "iam:PassedToService": "backup.amazonaws.com" };
  const passers = iam.roles.filter((one) => iam.holds(one, "iam:PassRole"));
  for (const [roles, suffix] of [
    [backup, "recovery-point"],
    [restore, "instance-swap"],
  ] as const)
    for (const { role } of roles) {
      const resource = `arn:aws:iam::${ACCOUNT}:role/${role}`;
      const passing = passers.filter(
        (one) => iam.refusal({ role: one, action: "iam:PassRole", resource, context }) === undefined,
      );
      expect(passing).toEqual([role.replace(/-(recovery-points|restoring)$/, `-${suffix}`)]);
    }
});

test("whoever publishes to a topic is admitted by its policy, and by its key's", () => {
  const found = publishers(app);
  expect(found.length).toBeGreaterThanOrEqual(NIGHTLY_TABLE.length);
  expect(found.flatMap(({ lacks }) => lacks)).toEqual([]);
});

test("API Gateway writes logs with AWS's own policy for it, and may assume the role", () => {
  const lines = bootstrapLines({ account: ACCOUNT, rows: NIGHTLY_TABLE }).join("\n");
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
  expect(lines).toContain("arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs");
  expect(lines).toContain('"Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"');
});

describe("a recovery", () => {
  const LOST = "eu-central-1";
  const folder = mkdtempSync(join(tmpdir(), "needs-"));
  let recovery: Iam;
  beforeAll(() => {
    const context = projectContext();
    const stage = loadStage("default");
    const outdir = join(folder, "out");
    recoveryApp(stage, rowOf(stage, LOST), emptyBundle(join(folder, "bundle")), new App({ outdir, context })).synth();
    recovery = new Iam(new SynthesizedApp(outdir, ACCOUNT));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("has roles that hold what AWS documents, one to restore copies of recovery points with among them", () => {
    const roles = [
      recoveryRestoreRole(recovery.app, LOST),
      ...stepFunctionsRoles(recovery.app),
      ...taskRoles(recovery.app),
      ...functionRoles(recovery.app),
    ];
    expect(lacking(recovery, roles)).toEqual([]);
    const known = new Set(roles.map(({ role }) => role));
    expect(recovery.roles.filter((role) => !known.has(role))).toEqual([]);
  });
});
