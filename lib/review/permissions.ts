/** What lets somebody do more, or less, than was reviewed: roles, whom they trust, and policies of resources. Pure. */
import { at, listOf, ROLE, same, type Json, type ReviewedResource, type ReviewedStack } from "./deployment";
import { andList, harmful, harmless, type Sentence } from "./finding";
import { call, show } from "./resource-names";
import { leftOut, people, person, purpose, right, toWhom, where, whereOneOf } from "./rights";
import { excess, statementOf, type Excess, type Statement } from "./statements";

/** Where a type of resource keeps its own policy. */
const POLICY_OF: Readonly<Record<string, readonly string[]>> = {
  "AWS::S3::BucketPolicy": ["PolicyDocument"],
  "AWS::KMS::Key": ["KeyPolicy"],
  "AWS::SNS::TopicPolicy": ["PolicyDocument"],
  "AWS::SQS::QueuePolicy": ["PolicyDocument"],
  "AWS::Backup::BackupVault": ["AccessPolicy"],
  "AWS::DynamoDB::Table": ["ResourcePolicy", "PolicyDocument"],
};
export const POLICY_PROPERTIES: ReadonlySet<string> = new Set(
  Object.values(POLICY_OF).flatMap(([first]) => first ?? []),
);

export const changedPermissions = (before: ReviewedStack, after: ReviewedStack): readonly Sentence[] =>
  Object.entries(after.resources).flatMap(([key, now]) => {
    const known = before.resources[key];
    const was = known?.type === now.type ? known : undefined;
    if (now.type === ROLE) return was === undefined ? newRole(key, now) : changedRole(key, was, now);
    if (now.type === "AWS::Lambda::Permission") return invocations(was, now);
    return POLICY_OF[now.type] === undefined ? [] : policies(key, was, now);
  });

const statementsIn = (of: ReviewedResource | undefined, ...path: readonly string[]): readonly Statement[] =>
  listOf(at(of?.properties, ...path)).map(statementOf);

const policies = (key: string, was: ReviewedResource | undefined, now: ReviewedResource): readonly Sentence[] => {
  const path = [...(POLICY_OF[now.type] ?? []), "Statement"];
  const [before, after] = [statementsIn(was, ...path), statementsIn(now, ...path)];
  const called = call(key, now);
  const found = [
    ...excess("Allow", after, was === undefined ? newResource(now) : before).map((more) => openedTo(called, more)),
    ...excess("Deny", before, after).flatMap((less) => refusesLess(called, less)),
  ];
  if (was === undefined) return found;
  return orWrittenOtherwise(called, same(before, after), [
    ...found,
    ...excess("Deny", after, before).map((more) => refusesMore(called, more)),
    ...excess("Allow", before, after).map(({ principals, actions, statement, like }) =>
      harmless(
        `{in}, ${called} ${only(like) === "" ? "no longer lets" : "lets"} ${people(principals)} do ${andList(actions)}${only(like) || where(statement.conditions)}`,
      ),
    ),
  ]);
};

/** Nothing changes silently, also where nobody may do more or less. */
const orWrittenOtherwise = (called: string, unchanged: boolean, found: readonly Sentence[]): readonly Sentence[] =>
  found.length > 0 || unchanged
    ? found
    : [harmless(`{in}, what ${called} allows is written otherwise, and is the same as before`)];

/** A new resource may be used by its own account and by services of AWS; anyone else is more than was reviewed. */
const newResource = ({ type }: ReviewedResource): readonly Statement[] =>
  ["AWS:arn:aws:iam::<account>:root", "Service:cloudwatch.amazonaws.com", "Service:events.amazonaws.com"].map(
    (principal) => ({
      effect: "Allow",
      actions: [`${type.split("::")[1]?.toLowerCase()}:*`],
      resources: ["*"],
      principals: [principal],
      conditions: {},
      inverted: ["", "", ""],
    }),
  );

const openedTo = (called: string, { principals, actions, resources, statement, like }: Excess): Sentence =>
  harmful(
    "lets-in",
    called,
    `{in}, ${called} now lets ${people(principals)} do ${right({ actions, resources, conditions: statement.conditions })}${formerly(like)}`,
    "take the statement back",
  );

/** What was allowed or refused before under other conditions only. */
const formerly = (like: readonly Statement[]): string => {
  const conditions = whereOneOf(like.map((one) => one.conditions));
  return conditions === "" ? "" : `, and no longer only${conditions}`;
};

/** What is still allowed, under narrower conditions. */
const only = (like: readonly Statement[]): string => {
  const conditions = whereOneOf(like.map((one) => one.conditions));
  return conditions === "" ? "" : ` now only${conditions}`;
};

const refusesLess = (called: string, { actions, resources, why, statement, like }: Excess): readonly Sentence[] => {
  const say = (rest: string): Sentence =>
    harmful(
      "refuses-less",
      called,
      `{in}, ${called} no longer refuses ${andList(actions)}${rest}`,
      "put the statement back",
    );
  const formerlyTo = toWhom(statement.conditions);
  const roles = leftOut(statement.conditions);
  /** What is left of the statement; others refuse the same for other reasons. */
  const left = like.filter((one) => Object.keys(statement.conditions).some((name) => name in one.conditions));
  if (left.length === 0) return [say(`${why === "resource" ? ` on ${andList(resources)}` : ""}; it did${formerlyTo}`)];
  return left.map(({ conditions }) => {
    const added = (leftOut(conditions) ?? []).filter((one) => roles?.includes(one) === false);
    return added.length > 0
      ? say(` to ${people(added)}; it did${formerlyTo}`)
      : harmful(
          "refuses-less",
          called,
          `{in}, ${called} now refuses ${andList(actions)} only${toWhom(conditions)}; it did${formerlyTo}`,
          "put the statement back",
        );
  });
};

const refusesMore = (called: string, { actions, statement }: Excess): Sentence =>
  harmless(`{in}, ${called} is tighter: it now refuses ${andList(actions)}${toWhom(statement.conditions)}`);

/** With everything that it may, a line each. */
const newRole = (key: string, now: ReviewedResource): readonly Sentence[] => {
  const called = call(key, now);
  const rights = [
    ...statementsIn(now, "Statements")
      .filter(({ effect }) => effect === "Allow")
      .map((statement) =>
        same(statement.inverted, ["", "", ""])
          ? right(statement)
          : `what is left by exclusion, which can't be judged: ${show(statement.inverted)}`,
      ),
    ...listOf(now.properties["ManagedPolicyArns"]).map((arn) => `all of the managed policy ${show(arn)}`),
  ];
  const said = `{in}, ${called} is new and may be taken on by ${takenOn(statementsIn(now, "Trust"))}`;
  return [
    harmful(
      "new-role",
      called.replace(/^the role /, ""),
      rights.length === 0
        ? `${said}; it may do nothing`
        : `${said}; it may:${rights.map((one) => `\n  - ${one}`).join("")}`,
      "leave it out",
    ),
  ];
};
const takenOn = (trust: readonly Statement[]): string =>
  andList(trust.flatMap(({ principals, conditions }) => `${people(principals)}${where(conditions)}`)) || "nobody";

const changedRole = (key: string, was: ReviewedResource, now: ReviewedResource): readonly Sentence[] => {
  const called = call(key, now);
  const pair = (name: string) => [statementsIn(was, name), statementsIn(now, name)] as const;
  const [trusted, trusts] = pair("Trust");
  const [before, after] = pair("Statements");
  const policiesOf = (of: ReviewedResource): readonly Json[] => listOf(of.properties["ManagedPolicyArns"]);
  const managed = policiesOf(now).filter((arn) => !policiesOf(was).some((known) => same(known, arn)));
  const boundary = was.properties["PermissionsBoundary"];
  const found: readonly Sentence[] = [
    ...excess("Allow", trusts, trusted).map(({ principals, statement, like }) =>
      harmful(
        "taken-on",
        called.replace(/^the role /, ""),
        `{in}, ${called} may now be taken on by ${people(principals)}${where(statement.conditions)}${formerly(like)}`,
        "put its trust back",
      ),
    ),
    ...excess("Allow", trusted, trusts).map(({ principals, statement, like }) =>
      harmless(
        `{in}, ${called} may ${only(like) === "" ? "no longer " : ""}be taken on by ${people(principals)}${only(like) || where(statement.conditions)}`,
      ),
    ),
    ...excess("Allow", after, before).map((more) => mayMore(called, more)),
    ...excess("Allow", before, after).map((less) => mayLess(called, less)),
    ...excess("Deny", before, after).map(({ actions, resources, statement }) =>
      harmful(
        "more-rights",
        `refused ${purpose({ actions, resources })}`,
        `{in}, {who} {is} no longer refused ${right({ actions, resources, conditions: statement.conditions })}`,
        "put the statement back",
        { who: called },
      ),
    ),
    ...excess("Deny", after, before).map(({ actions, resources, statement }) =>
      harmless(`{in}, {who} {is} now refused ${right({ actions, resources, conditions: statement.conditions })}`, {
        who: called,
      }),
    ),
    ...managed.map((arn) =>
      harmful(
        "more-rights",
        `managed ${show(arn)}`,
        `{in}, {who} may now do all that the managed policy ${show(arn)} allows`,
        "take the policy back",
        {
          who: called,
        },
      ),
    ),
    ...(boundary !== undefined && !same(boundary, now.properties["PermissionsBoundary"])
      ? [
          harmful(
            "more-rights",
            "boundary",
            `{in}, {who} {is} bounded by ${show(now.properties["PermissionsBoundary"])} instead of ${show(boundary)}`,
            "keep the permissions boundary",
            { who: called },
          ),
        ]
      : []),
  ];
  return orWrittenOtherwise(called, same(before, after) && same(trusted, trusts), found);
};

const mayMore = (called: string, { why, actions, resources, statement, like }: Excess): Sentence =>
  why === "inverted"
    ? harmful(
        "more-rights",
        `inverted ${called}`,
        `{in}, ${called} is allowed by exclusion (NotAction or NotResource), which can't be judged: ${show(statement.inverted)}`,
        "write what is allowed",
      )
    : harmful(
        "more-rights",
        purpose({ actions, resources }),
        `{in}, {who} may now ${right({ actions, resources, conditions: statement.conditions })}${formerly(like)}`,
        "take the right back",
        { who: called },
      );

const mayLess = (called: string, { actions, resources, statement, like }: Excess): Sentence => {
  return harmless(
    only(like) !== ""
      ? `{in}, {who} may ${right({ actions, resources, conditions: {} })}${only(like)}`
      : `{in}, {who} may no longer ${right({ actions, resources, conditions: statement.conditions })}`,
    { who: called },
  );
};

/** Who may call a function, as a policy of the function would say it. */
const invocations = (was: ReviewedResource | undefined, now: ReviewedResource): readonly Sentence[] => {
  if (same(was?.properties, now.properties)) return [];
  const called = show(now.properties["FunctionName"]).replace(/^<|\.Arn>$/g, "");
  const from = ({ properties: { Principal, SourceArn } }: ReviewedResource): string =>
    `${person(show(Principal))} from ${show(SourceArn ?? "anywhere")}`;
  return [
    harmful(
      "called-by",
      `${called} ${show(now.properties["Principal"])}`,
      `{in}, the function ${called} may now be called by ${from(now)}${was === undefined ? "" : `, instead of by ${from(was)}`}`,
      "take the permission back",
    ),
  ];
};
