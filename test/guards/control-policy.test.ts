/**
 * The stage's service control policy, evaluated: what it refuses to whom, on resources as the templates have them, and
 * that the service and its deployments go on beneath it.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { loadStage, type Stage } from "../../lib/config/load-configuration";
import { controlPolicies, controlPolicyText, LONGEST_POLICY } from "../../lib/guards/control-policy";
import { judge } from "../../local/permissions/evaluate";
import { readStatements, type Statement } from "../../local/permissions/statements";
import {
  ACCOUNT,
  aliases,
  aliasesOf,
  BREAK_GLASS,
  execRole,
  guarded,
  mayAdministrator,
  OTHERS,
  resourceOf,
  role,
  serviceRoles,
} from "./guarded";
import { REMOVING } from "./removing-actions";

const PROJECT = join(__dirname, "..", "..");
const stage = loadStage("default");
const policies = controlPolicies({ stage, account: ACCOUNT });
const scp: readonly Statement[] = policies.flatMap((policy) => readStatements(policy));
const EXEC = execRole("eu-west-1");
const DEPLOY = role(`cdk-hnb659fds-deploy-role-${ACCOUNT}-eu-west-1`);
/** In the stage's account only what is named like CloudFormation's role counts as it; making such a role is refused. */
const others = OTHERS.filter((principal) => !principal.includes("cdk-hnb659fds-cfn-exec-role"));
const may = (
  principal: string,
  action: string,
  resource: string,
  keys: Readonly<Record<string, string>> = {},
): boolean => mayAdministrator(principal, action, resource, scp, keys);

test.each(REMOVING)("$action ($off) is left to $by", (removing) => {
  for (const resource of guarded.filter(({ type }) => type === removing.type)) {
    const keys = { "kms:ResourceAliases": aliasesOf(resource) };
    const allowed = (principal: string): boolean =>
      may(principal, removing.action, resourceOf(resource, removing), keys);
    expect([resource.arn, others.filter(allowed)]).toEqual([resource.arn, []]);
    expect([resource.arn, allowed(BREAK_GLASS)]).toEqual([resource.arn, true]);
    expect([resource.arn, allowed(execRole(resource.region))]).toEqual([resource.arn, removing.by === "deployments"]);
  }
});

test("an alias, which has no policy of its own, is left to deployments", () => {
  expect(aliases).toHaveLength(17 * 3);
  for (const alias of aliases)
    for (const action of ["kms:UpdateAlias", "kms:DeleteAlias"])
      expect([alias, others.filter((one) => may(one, action, alias)), may(EXEC, action, alias)]).toEqual([
        alias,
        [],
        true,
      ]);
});

const DELETION = role(`backups-${ACCOUNT}-eu-west-1-deletion`);
const BACKUP = role(`backups-${ACCOUNT}-eu-west-1-run-backup`);
const TASK = role(`backups-${ACCOUNT}-eu-west-1-database-task`);
const own = (service: string, name: string): string =>
  `arn:aws:${service}:eu-west-1:${ACCOUNT}:${name.replace("~", `backups-${ACCOUNT}-eu-west-1-`)}`;
/** As stacks of a changed replication region are named. */
const LATER = "replica-eu-west-3";
const STACK = `arn:aws:cloudformation:eu-west-1:${ACCOUNT}:stack/backups-eu-west-1-primary/0a1b2c3d`;

/** What no resource's policy can hold, and who may all the same; roles of the service pass what their own policies say. */
test.each<[what: string, action: string, resource: string, allowed: readonly string[]]>([
  [
    "the bypass, as somebody else",
    "s3:BypassGovernanceRetention",
    `arn:aws:s3:::backups-${ACCOUNT}-eu-west-1-primary/k`,
    [DELETION],
  ],
  ["another trust of the deleting role", "iam:UpdateAssumeRolePolicy", DELETION, [EXEC, BREAK_GLASS]],
  ["another policy of the deleting role", "iam:PutRolePolicy", DELETION, [EXEC, BREAK_GLASS]],
  ["a managed policy for it", "iam:AttachRolePolicy", DELETION, [EXEC, BREAK_GLASS]],
  ["the end of its boundary", "iam:DeleteRolePermissionsBoundary", DELETION, [EXEC, BREAK_GLASS]],
  ["its removal", "iam:DeleteRole", DELETION, [EXEC, BREAK_GLASS]],
  ["one's own code with the deleting role", "iam:PassRole", DELETION, [EXEC, BREAK_GLASS, BACKUP, DELETION, TASK]],
  [
    "other code in the deleting function",
    "lambda:UpdateFunctionCode",
    own("lambda", "function:~deletion"),
    [EXEC, BREAK_GLASS],
  ],
  [
    "another handler or layer",
    "lambda:UpdateFunctionConfiguration",
    own("lambda", "function:~deletion"),
    [EXEC, BREAK_GLASS],
  ],
  [
    "other states of a workflow",
    "states:UpdateStateMachine",
    own("states", "stateMachine:~deletion"),
    [EXEC, BREAK_GLASS],
  ],
  [
    "no more nights",
    "scheduler:UpdateSchedule",
    own("scheduler", "schedule/default/~nightly-window"),
    [EXEC, BREAK_GLASS],
  ],
  ["no more alarms", "cloudwatch:DeleteAlarms", own("cloudwatch", "alarm:~backup-failed"), [EXEC, BREAK_GLASS]],
  [
    "an alarm put anew without its actions",
    "cloudwatch:PutMetricAlarm",
    own("cloudwatch", "alarm:~backup-failed"),
    [EXEC, BREAK_GLASS],
  ],
  ["alarms that tell nobody", "sns:DeleteTopic", own("sns", "~alarms"), [EXEC, BREAK_GLASS]],
  ["a topic that takes no alarms", "sns:RemovePermission", own("sns", "~alarms"), [EXEC, BREAK_GLASS]],
  ["a topic that drops messages", "sns:PutDataProtectionPolicy", own("sns", "~alarms"), [EXEC, BREAK_GLASS]],
  [
    "a function that never runs",
    "lambda:PutFunctionConcurrency",
    own("lambda", "function:~retention"),
    [EXEC, BREAK_GLASS],
  ],
  [
    "the deleting function for another account",
    "lambda:AddPermission",
    own("lambda", "function:~deletion"),
    [EXEC, BREAK_GLASS],
  ],
  [
    "an API whose function it may not call",
    "lambda:RemovePermission",
    own("lambda", "function:~api"),
    [EXEC, BREAK_GLASS],
  ],
  ["a break-glass role of one's own", "iam:CreateRole", BREAK_GLASS, []],
  ["another trust of the break-glass role", "iam:UpdateAssumeRolePolicy", BREAK_GLASS, []],
  ["the break-glass role's removal", "iam:DeleteRole", BREAK_GLASS, []],
  ["another trust of CloudFormation's role", "iam:UpdateAssumeRolePolicy", EXEC, [BREAK_GLASS]],
  ["a role that is named like CloudFormation's", "iam:CreateRole", execRole("x"), [BREAK_GLASS]],
  ["another trust of the role that starts deployments", "iam:UpdateAssumeRolePolicy", DEPLOY, [BREAK_GLASS]],
  ["one's own template with CloudFormation's role", "iam:PassRole", EXEC, [DEPLOY, BREAK_GLASS]],
  ["a stack's deletion", "cloudformation:DeleteStack", STACK, [DEPLOY, BREAK_GLASS]],
  ["a replica's stack", "cloudformation:DeleteStack", STACK.replace("primary", "replica"), [DEPLOY, BREAK_GLASS]],
  ["a later replica's", "cloudformation:DeleteStack", STACK.replace("primary", LATER), [DEPLOY, BREAK_GLASS]],
  ["the end of its protection", "cloudformation:UpdateTerminationProtection", STACK, [DEPLOY, BREAK_GLASS]],
  // CloudFormation goes on with the role that the stack was given: nobody has to pass it.
  ["one's own template for a stack", "cloudformation:UpdateStack", STACK, [DEPLOY, BREAK_GLASS]],
  ["a change set of one's own", "cloudformation:CreateChangeSet", STACK, [DEPLOY, BREAK_GLASS]],
  ["somebody else's change set", "cloudformation:ExecuteChangeSet", STACK, [DEPLOY, BREAK_GLASS]],
  ["a stack that is rolled back", "cloudformation:RollbackStack", STACK, [DEPLOY, BREAK_GLASS]],
  ["resources left out of a rollback", "cloudformation:ContinueUpdateRollback", STACK, [DEPLOY, BREAK_GLASS]],
  ["a stack's policy", "cloudformation:SetStackPolicy", STACK, [DEPLOY, BREAK_GLASS]],
  ["resources moved to another stack", "cloudformation:ExecuteStackRefactor", STACK, [DEPLOY, BREAK_GLASS]],
  [
    "an alarm that never rings",
    "cloudwatch:PutMetricAlarm",
    own("cloudwatch", "alarm:~backup-failed"),
    [EXEC, BREAK_GLASS],
  ],
  ["a topic that alarms can't reach", "sns:RemovePermission", own("sns", "~alarms"), [EXEC, BREAK_GLASS]],
  [
    "a function that never runs",
    "lambda:PutFunctionConcurrency",
    own("lambda", "function:~backup-begin"),
    [EXEC, BREAK_GLASS],
  ],
  ["leaving the organisation", "organizations:LeaveOrganization", "*", []],
  ["closing the account", "account:CloseAccount", "*", []],
])("refuses %s", (_what, action, resource, allowed) => {
  const everyone = [...new Set([...others, EXEC, DEPLOY, BREAK_GLASS, DELETION, BACKUP, TASK])];
  expect(everyone.filter((principal) => may(principal, action, resource)).toSorted()).toEqual(allowed.toSorted());
});

test("where a region is lost its people hand AWS Backup the restoring role, and nobody else's code any role", () => {
  const admin = OTHERS[0] ?? "";
  const restoring = role(`backups-${ACCOUNT}-eu-central-1-recover-eu-west-1-restoring`);
  const pass = (passed: string, service: string): boolean =>
    may(admin, "iam:PassRole", passed, { "iam:PassedToService": service });
  expect(pass(restoring, "backup.amazonaws.com")).toBe(true);
  for (const service of [
    "lambda.amazonaws.com",
    "states.amazonaws.com",
    "ec2.amazonaws.com",
    "ecs-tasks.amazonaws.com",
  ])
    expect([service, pass(restoring, service), pass(DELETION, service)]).toEqual([service, false, false]);
});

test("a region of the stage that had to be asked for isn't switched off; another may be", () => {
  const off = (region: string): boolean =>
    may(OTHERS[0] ?? "", "account:DisableRegion", "*", { "account:TargetRegion": region });
  expect(["af-south-1", "ca-west-1", "eu-south-2"].map(off)).toEqual([false, false, true]);
});

test("what isn't the service's is left alone: other buckets, keys, roles, functions, stacks", () => {
  const admin = OTHERS[0] ?? "";
  const strange: readonly (readonly [string, string])[] = [
    ["s3:PutBucketPolicy", "arn:aws:s3:::shop-files"],
    ["s3:DeleteBucket", "arn:aws:s3:::backups-999999999999-eu-west-1-primary"],
    ["kms:PutKeyPolicy", `arn:aws:kms:eu-west-1:${ACCOUNT}:key/shop`],
    ["kms:DeleteAlias", `arn:aws:kms:eu-west-1:${ACCOUNT}:alias/shop`],
    ["iam:CreateRole", role("shop")],
    ["iam:PassRole", role("shop")],
    ["lambda:UpdateFunctionCode", own("lambda", "function:shop")],
    ["lambda:PutFunctionConcurrency", own("lambda", "function:shop")],
    ["cloudwatch:PutMetricAlarm", own("cloudwatch", "alarm:shop")],
    ["dynamodb:DeleteTable", own("dynamodb", "table/shop")],
    ["backup:DeleteBackupVault", own("backup", "backup-vault:shop")],
    ["cloudformation:DeleteStack", `arn:aws:cloudformation:eu-west-1:${ACCOUNT}:stack/shop/1`],
    ["cloudformation:UpdateStack", `arn:aws:cloudformation:eu-west-1:${ACCOUNT}:stack/shop/1`],
  ];
  expect(
    strange.filter(([action, resource]) => !may(admin, action, resource, { "kms:ResourceAliases": "alias/shop" })),
  ).toEqual([]);
});

test("beneath it the service's roles still have everything that their own policies grant", () => {
  const refused: string[] = [];
  for (const [name, statements] of serviceRoles)
    for (const { actions, resources } of statements.filter(({ effect }) => effect === "Allow"))
      for (const action of actions)
        for (const resource of resources) {
          const keys = { "aws:PrincipalArn": role(name), "kms:ResourceAliases": `alias/backups-${ACCOUNT}-x-primary` };
          if (judge({ action, resource }, scp, keys) === "denied") refused.push(`${name} ${action} ${resource}`);
        }
  expect(refused).toEqual([]);
});

describe("its form", () => {
  const LONG = "abcdefghijklmn";
  test.each<[string, Stage, number]>([
    ["the default stage", stage, 2],
    ["one region", { ...stage, rows: stage.rows.slice(0, 1) }, 2],
    ["the longest prefix", { ...stage, prefix: LONG }, 2],
    [
      "other roles for deployments",
      { ...stage, deploymentRoles: ["ci/deployer", "cdk-x-cfn-exec-role-{account}-{region}"] },
      2,
    ],
  ])("%s: as few documents as hold it, none longer than AWS admits", (_what, some, documents) => {
    const made = controlPolicies({ stage: some, account: ACCOUNT });
    expect(made).toHaveLength(documents);
    const texts = made.map(controlPolicyText);
    expect(texts.filter((text) => text.length > LONGEST_POLICY)).toEqual([]);
    for (const text of texts) {
      const { Version, Statement } = JSON.parse(text) as {
        Version: string;
        Statement: { Action: string[]; Sid: string }[];
      };
      expect(Version).toBe("2012-10-17");
      /** Control policies take wildcards at the end of an action only, and letters and digits in a Sid. */
      for (const { Action, Sid } of Statement) {
        expect(Sid).toMatch(/^[A-Za-z0-9]+$/);
        expect(Action.filter((action) => !/^[a-z0-9]+:[A-Za-z]+\*?$/.test(action))).toEqual([]);
      }
    }
    expect(new Set(made.flatMap(({ Statement }) => Statement.map(({ Sid }) => Sid))).size).toBe(
      made.flatMap(({ Statement }) => Statement).length,
    );
  });

  test("roles that the stage names for deployments take the place of CDK's", () => {
    const named = controlPolicies({ stage: { ...stage, deploymentRoles: ["ci/deployer"] }, account: ACCOUNT }).flatMap(
      (policy) => readStatements(policy),
    );
    const bucket = "arn:aws:s3:::backups-123456789012-eu-west-1-primary";
    expect(mayAdministrator(role("ci/deployer"), "s3:PutBucketPolicy", bucket, named)).toBe(true);
    expect(mayAdministrator(EXEC, "s3:PutBucketPolicy", bucket, named)).toBe(false);
    /** Who passes such a role, and starts deployments, isn't known. */
    expect(mayAdministrator(OTHERS[0] ?? "", "cloudformation:DeleteStack", STACK, named)).toBe(true);
  });
});

describe("npm run scp", () => {
  const run = (...options: readonly string[]) =>
    spawnSync(process.execPath, [require.resolve("tsx/cli"), "bin/scp.ts", ...options], {
      cwd: PROJECT,
      encoding: "utf8",
    });

  test("prints a document a line, and says how long they are", () => {
    const { stdout, stderr, status } = run("-c", "stage=default", "--account", ACCOUNT);
    expect(status).toBe(0);
    expect(stdout.trim().split("\n")).toEqual(policies.map(controlPolicyText));
    expect(stderr).toMatch(/^2 policies, a line each, of \d+ and \d+ characters \(5120 are allowed\)\. Make the role /);
    const other = execFileSync(
      process.execPath,
      [require.resolve("tsx/cli"), "bin/scp.ts", "-c", "@aws-cdk/core:bootstrapQualifier=mine", "--account", ACCOUNT],
      { cwd: PROJECT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    );
    expect(other).toContain(`cdk-mine-cfn-exec-role-${ACCOUNT}-*`);
    expect(other).not.toContain("hnb659fds");
  });

  test.each([
    [
      [],
      /^config\/default\.json, account: the policy names the account, and the stage doesn't say it; add it there, or say --account with its twelve digits\.$/,
    ],
    [["--account", "12"], /"12" is no account/],
    [["-c", "stage=nowhere"], /there is no such stage/],
    [
      ["--accounts", ACCOUNT],
      /^Unknown option '--accounts'; usage: npm run --silent scp -- -c stage=STAGE --account ACCOUNT$/,
    ],
  ])("%j ends in one sentence", (options, sentence) => {
    const { status, stdout, stderr } = run(...options);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr.trim()).toMatch(sentence);
    expect(stderr.trim()).not.toContain("\n");
  });
});
