/** The synthesized stage as the tests of guards look at it: every guarded resource, and who might ask. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { judge } from "../../local/permissions/evaluate";
import {
  readPolicies,
  readResourcePolicies,
  type ResourcePolicy,
  type Statement,
} from "../../local/permissions/statements";
import { SynthesizedApp } from "../../local/template/app";
import { synthesizeOnce } from "../support/synthesized";
import type { RemovingAction } from "./removing-actions";

export const ACCOUNT = "123456789012";
export const { assemblyDir } = synthesizeOnce();
const app = new SynthesizedApp(assemblyDir, ACCOUNT);
export const guarded = readResourcePolicies(app);
export const serviceRoles = readPolicies(app).roles;
/** Of a key, a line each; of anything else none. */
export const aliasesOf = ({ type, arn }: ResourcePolicy): string =>
  type === "AWS::KMS::Key"
    ? app
        .all<{ readonly AliasName: string; readonly TargetKeyId: string }>("AWS::KMS::Alias")
        .filter(({ properties }) => properties.TargetKeyId === arn)
        .map(({ properties }) => properties.AliasName)
        .join("\n")
    : "";
export const aliases = app.all("AWS::KMS::Alias").map(({ name, region }) => `arn:aws:kms:${region}:${ACCOUNT}:${name}`);

export const role = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;
export const execRole = (region: string): string => role(`cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-${region}`);
export const BREAK_GLASS = role("backups-break-glass");
/** None of them may take a guard off, whatever their own policies allow. */
export const OTHERS: readonly string[] = [
  role("Administrator"),
  role("aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_AdministratorAccess_0123456789abcdef"),
  `arn:aws:iam::${ACCOUNT}:user/admin`,
  `arn:aws:iam::${ACCOUNT}:root`,
  "arn:aws:iam::999999999999:role/backups-break-glass",
  role("other/backups-break-glass"),
  role("backups-break-glass-2"),
  role("cdk-hnb659fds-deploy-role-123456789012-eu-west-1"),
  role("cdk-hnb659fds-cfn-exec-role-123456789012-us-gov-west-1"),
  role("cdk-other-cfn-exec-role-123456789012-eu-west-1"),
];

export const resourceOf = ({ arn }: ResourcePolicy, { onObjects }: Pick<RemovingAction, "onObjects">): string =>
  onObjects === true ? `${arn}/service/records/one.json` : arn;

/** An administrator's own policy allows everything: what is left is what the resource says, or the control policy. */
const EVERYTHING: Statement = { effect: "Allow", actions: ["*"], resources: ["*"], conditions: {} };
export const mayAdministrator = (
  principal: string,
  action: string,
  resource: string,
  statements: readonly Statement[],
  keys: Readonly<Record<string, string>> = {},
): boolean =>
  judge({ action, resource }, [EVERYTHING, ...statements], {
    "aws:PrincipalArn": principal,
    "aws:SecureTransport": "true",
    "s3:TlsVersion": "1.3",
    ...keys,
  }) === "allowed";

/** By the stack's name: the role that CloudFormation is given, as the assembly tells the CDK's command line. */
export const manifestRoles = (folder: string): ReadonlyMap<string, string> => {
  const { artifacts } = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as {
    artifacts: Record<
      string,
      { type: string; properties?: { stackName?: string; cloudFormationExecutionRoleArn?: string } }
    >;
  };
  return new Map(
    Object.entries(artifacts)
      .filter(([, { type }]) => type === "aws:cloudformation:stack")
      .map(([id, { properties }]) => [
        properties?.stackName ?? id,
        (properties?.cloudFormationExecutionRoleArn ?? "")
          .replace(/\$\{AWS::Partition\}/g, "aws")
          .replace(/\$\{AWS::AccountId\}/g, ACCOUNT),
      ]),
  );
};
