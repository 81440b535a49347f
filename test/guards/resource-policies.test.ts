/**
 * No guard can be taken off by whoever may do everything: each action that would, on each resource of every stack, asked
 * by administrators, the root user, the service's own roles, deployments and the break-glass role.
 */
import { judge } from "../../local/permissions/evaluate";
import { must } from "../support/must";
import {
  BREAK_GLASS,
  execRole,
  guarded,
  manifestRoles,
  assemblyDir,
  mayAdministrator,
  OTHERS,
  resourceOf,
  serviceRoles,
} from "./guarded";
import { HARMLESS, REMOVING } from "./removing-actions";

const of = (type: string) => guarded.filter((resource) => resource.type === type);

test("every kind of resource that holds data is there, in every stack that has one", () => {
  const count = (type: string): number => of(type).length;
  expect(count("AWS::S3::Bucket")).toBe(17 * 3);
  expect(count("AWS::KMS::Key")).toBe(17 * 3);
  expect(count("AWS::Backup::BackupVault")).toBe(17 * 2);
  expect(count("AWS::DynamoDB::Table")).toBe(17);
  expect(REMOVING.every(({ source }) => source.startsWith("https://docs.aws.amazon.com/"))).toBe(true);
});

test.each(REMOVING)("$action ($off) is left to $by", (removing) => {
  const { type, action, by } = removing;
  for (const resource of of(type)) {
    const may = (principal: string): boolean =>
      mayAdministrator(principal, action, resourceOf(resource, removing), resource.statements);
    expect([resource.arn, OTHERS.filter(may)]).toEqual([resource.arn, []]);
    expect([resource.arn, may(BREAK_GLASS)]).toEqual([resource.arn, true]);
    expect([resource.arn, may(execRole(resource.region))]).toEqual([resource.arn, by === "deployments"]);
  }
});

test("a recovery point's lifecycle is changed by the break-glass role only", () => {
  for (const { arn, region, statements } of of("AWS::Backup::BackupVault")) {
    const point = `arn:aws:rds:${region}:123456789012:snapshot:awsbackup:job-1`;
    const may = (principal: string): boolean =>
      mayAdministrator(principal, "backup:UpdateRecoveryPointLifecycle", point, statements);
    expect([arn, [...OTHERS, execRole(region)].filter(may), may(BREAK_GLASS)]).toEqual([arn, [], true]);
  }
});

test("no role of the service may take a guard off, by its own policy or past the resource's", () => {
  expect(serviceRoles.size).toBeGreaterThan(17 * 30);
  for (const [name, statements] of serviceRoles) {
    const [, region = ""] = must(/\d{12}-([a-z]+(?:-[a-z]+)+-\d)-/.exec(name), name);
    const keys = {
      "aws:PrincipalArn": `arn:aws:iam::123456789012:role/${name}`,
      "aws:SecureTransport": "true",
      "s3:TlsVersion": "1.3",
    };
    for (const removing of REMOVING)
      for (const resource of of(removing.type).filter(({ arn }) => arn.includes(region))) {
        const call = { action: removing.action, resource: resourceOf(resource, removing) };
        const own = judge(call, statements, keys);
        const both = judge(call, [...statements, ...resource.statements], keys);
        if (own === "allowed" || both !== "denied") throw new Error(`${name} is ${own}, ${both} ${call.action}`);
      }
  }
});

test.each(HARMLESS)("%s: %s stays possible", (type, action) => {
  for (const resource of of(type))
    expect([
      resource.arn,
      mayAdministrator("arn:aws:iam::123456789012:role/Administrator", action, resource.arn, resource.statements),
    ]).toEqual([resource.arn, true]);
});

test("the role that CloudFormation is given for a stack is the one that its policies leave out", () => {
  const roles = manifestRoles(assemblyDir);
  for (const resource of guarded) expect(roles.get(resource.stack)).toBe(execRole(resource.region));
});
