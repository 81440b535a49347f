/**
 * Commands that change a guard, or that the organisation's control policy refuses to administrators: an article that has
 * one says whose they are. Each is told by the action that it asks for.
 */
import {
  ALIAS_CHANGES,
  BUCKET_SETTINGS,
  KEY_DESTRUCTION,
  KEY_SETTINGS,
  RECOVERY_POINT_SETTINGS,
  TABLE_SETTINGS,
  VAULT_SETTINGS,
} from "../../lib/guards/guarded-actions";
import { matches } from "../../lib/review/statements";
import { articles, commandsOf, textOf } from "./articles";

const GUARDED = [
  ...ALIAS_CHANGES,
  ...BUCKET_SETTINGS,
  ...KEY_DESTRUCTION,
  ...KEY_SETTINGS,
  ...RECOVERY_POINT_SETTINGS,
  ...TABLE_SETTINGS,
  ...VAULT_SETTINGS,
];
/** `aws s3api delete-bucket …` asks for `s3:DeleteBucket`. */
const actionOf = (command: string): string => {
  const [, service = "", name = ""] = /^aws (\S+) (\S+)/.exec(command) ?? [];
  const pascal = name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return `${service === "s3api" ? "s3" : service}:${pascal}`;
};
/** A recovery's stack, bucket and keys are everybody's who may deploy. */
const ofARecovery = (command: string): boolean => /-recovery\b/.test(command);
const isGuarded = (command: string): boolean => GUARDED.some((action) => matches(action, actionOf(command)));
/** Passing one of the service's roles, making CDK's, or taking one of its stacks away: only the control policy refuses these. */
const isControlled = (command: string): boolean =>
  / --iam-role-arn /.test(command) ||
  /^npx cdk bootstrap\b/.test(command) ||
  (/^cloudformation:(DeleteStack|UpdateTerminationProtection)$/.test(actionOf(command)) && !ofARecovery(command));

const guardedIn = (article: string): readonly string[] =>
  commandsOf(article)
    .map(({ command }) => command)
    .filter((command) => isGuarded(command) || isControlled(command));

test("what asks for a guarded action is found", () => {
  const commands = [
    "aws s3api delete-bucket --bucket B",
    "aws s3api put-bucket-versioning --bucket B",
    "aws kms schedule-key-deletion --key-id K",
    "aws kms delete-alias --alias-name A",
    "aws backup delete-backup-vault --backup-vault-name V",
    "aws dynamodb update-table --table-name T",
    "aws cloudformation delete-stack --stack-name PREFIX-REGION-primary",
    "aws backup start-restore-job --iam-role-arn R --metadata M",
    "npx cdk bootstrap aws://1/eu-west-1",
  ];
  expect(commands.filter((command) => !isGuarded(command) && !isControlled(command))).toEqual([]);
  for (const command of [
    "aws s3api list-object-versions --bucket B",
    "aws dynamodb restore-table-from-backup",
    "aws sts x",
  ])
    expect([command, isGuarded(command), isControlled(command)]).toEqual([command, false, false]);
});

const found = articles().filter((article) => guardedIn(article).length > 0);

test("articles have such commands", () => {
  expect(found.length).toBeGreaterThan(2);
});

test.each(found)("%s says that the break-glass role is needed", (article) => {
  expect([article, guardedIn(article), textOf(article)]).toEqual([
    article,
    guardedIn(article),
    expect.stringMatching(article === "break-glass.md" ? /break-glass/ : /\(break-glass\.md\)/),
  ]);
});
