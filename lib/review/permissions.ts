/** What would let somebody do more than was reviewed: roles, whom they trust, and policies of resources. Pure. */
import { at, listOf, ROLE, same, type Json, type ReviewedResource, type ReviewedStack } from "./deployment";
import { andList, type Sentence } from "./finding";
import { call, show } from "./resource-names";
import { excess, statementOf, type Excess, type Statement } from "./statements";

/** Where a type of resource keeps its own policy. */
const POLICY_OF: Readonly<Record<string, string>> = {
  "AWS::S3::BucketPolicy": "PolicyDocument",
  "AWS::KMS::Key": "KeyPolicy",
  "AWS::SNS::TopicPolicy": "PolicyDocument",
  "AWS::SQS::QueuePolicy": "PolicyDocument",
  "AWS::Backup::BackupVault": "AccessPolicy",
  "AWS::DynamoDB::Table": "ResourcePolicy",
};
export const POLICY_PROPERTIES: ReadonlySet<string> = new Set(Object.values(POLICY_OF));
const ACCEPT = "take it back, or accept it with a reason";
/** A sentence names this many of a kind. */
const NAMED = 3;

export const widenedPermissions = (before: ReviewedStack, after: ReviewedStack): readonly Sentence[] =>
  Object.entries(after.resources).flatMap(([key, now]) => {
    const wider = widened(key, before, now);
    return wider.length > 0 ? wider : rewritten(key, before.resources[key], now);
  });

const widened = (key: string, before: ReviewedStack, now: ReviewedResource): readonly Sentence[] => {
  const known = before.resources[key];
  const was = known?.type === now.type ? known : undefined;
  if (now.type === ROLE) return roles(key, was, now);
  if (now.type === "AWS::Lambda::Permission") return invocations(key, was, now);
  const policy = POLICY_OF[now.type];
  if (policy === undefined) return [];
  const statementsIn = (of: ReviewedResource | undefined): readonly Statement[] =>
    listOf(at(of?.properties[policy], "Statement")).map(statementOf);
  return [
    ...excess("Allow", statementsIn(now), was === undefined ? newResource(now) : statementsIn(was)).map((more) =>
      openedTo(call(key, now), more),
    ),
    ...(was === undefined
      ? []
      : excess("Deny", statementsIn(was), statementsIn(now)).map((less) => noLongerDenied(call(key, now), less))),
  ];
};

/** Nothing changes silently, also where nobody may do more. */
const rewritten = (key: string, was: ReviewedResource | undefined, now: ReviewedResource): readonly Sentence[] => {
  const names = now.type === ROLE ? ["Statements", "Trust"] : [POLICY_OF[now.type]];
  return was !== undefined &&
    names.some((name) => name !== undefined && !same(was.properties[name], now.properties[name]))
    ? [
        {
          harmful: false,
          sentence: `{in}, what ${call(key, now)} allows is written otherwise, and is no more than before.`,
        },
      ]
    : [];
};

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

const roles = (key: string, was: ReviewedResource | undefined, now: ReviewedResource): readonly Sentence[] => {
  const called = call(key, now);
  const statements = (of: ReviewedResource, name: string): readonly Statement[] =>
    listOf(of.properties[name]).map(statementOf);
  if (was === undefined) {
    const actions = new Set(statements(now, "Statements").flatMap((statement) => statement.actions));
    return [
      harmful(
        `{in}, ${called} is new and may ${listed([...actions].toSorted(), "nothing")}; accept it with a reason once that is reviewed`,
      ),
    ];
  }
  const managed = listOf(now.properties["ManagedPolicyArns"]).filter(
    (arn) => !listOf(was.properties["ManagedPolicyArns"]).some((known) => same(known, arn)),
  );
  const boundary = was.properties["PermissionsBoundary"];
  return [
    ...excess("Allow", statements(now, "Trust"), statements(was, "Trust")).map(({ principals, why }) =>
      harmful(
        `{in}, ${called} may also be taken on by ${listed(principals.map(person))}${why === "condition" ? " without its former conditions" : ""}; ${ACCEPT}`,
      ),
    ),
    ...excess("Allow", statements(now, "Statements"), statements(was, "Statements")).map((more) =>
      mayMore(called, more),
    ),
    ...excess("Deny", statements(was, "Statements"), statements(now, "Statements")).map((less) =>
      harmful(`{in}, ${called} is no longer denied ${listed(less.actions)} on ${listed(less.resources)}; ${ACCEPT}`),
    ),
    ...(managed.length === 0
      ? []
      : [
          harmful(
            `{in}, ${called} also gets the managed ${managed.length === 1 ? "policy" : "policies"} ${listed(managed.map(show))}; ${ACCEPT}`,
          ),
        ]),
    ...(boundary !== undefined && !same(boundary, now.properties["PermissionsBoundary"])
      ? [
          harmful(
            `{in}, ${called} is no longer bounded by ${show(boundary)} but by ${show(now.properties["PermissionsBoundary"])}; keep the permissions boundary`,
          ),
        ]
      : []),
  ];
};

const mayMore = (called: string, { why, actions, resources, statement }: Excess): Sentence => {
  const what = `${listed(actions)} on ${listed(resources)}`;
  if (why === "inverted")
    return harmful(
      `{in}, ${called} is allowed by exclusion (NotAction or NotResource), which can't be judged: ${show(statement.inverted)}; write what is allowed`,
    );
  if (why === "condition") {
    const conditions = Object.keys(statement.conditions);
    return harmful(
      `{in}, ${called} may ${what} under wider conditions (${conditions.length === 0 ? "none" : andList(conditions)}); ${ACCEPT}`,
    );
  }
  return harmful(`{in}, ${called} may also ${what}; ${ACCEPT}`);
};

const openedTo = (called: string, { why, actions, principals }: Excess): Sentence =>
  harmful(
    `{in}, ${called} also lets ${listed(principals.map(person))} do ${listed(actions)}${why === "condition" ? " under wider conditions" : ""}; ${ACCEPT}`,
  );

const noLongerDenied = (called: string, { actions, statement }: Excess): Sentence => {
  const conditions = Object.entries(statement.conditions).map(([name, values]) => `${name} ${values.join(", ")}`);
  return harmful(
    `{in}, ${called} no longer refuses ${listed(actions)}${conditions.length === 0 ? "" : ` (${conditions.join("; ")})`}; put the statement back`,
  );
};

/** Who may call a function, as a policy of the function would say it. */
const invocations = (key: string, was: ReviewedResource | undefined, now: ReviewedResource): readonly Sentence[] => {
  if (same(was?.properties, now.properties)) return [];
  const { FunctionName, Principal, SourceArn } = now.properties;
  return [
    harmful(
      `{in}, ${person(show(Principal))} may also call the function ${show(FunctionName).replace(/^<|\.Arn>$/g, "")} from ${show(SourceArn ?? "anywhere")} (${key}); ${ACCEPT}`,
    ),
  ];
};

const person = (principal: string): string =>
  principal === "*" ? "anyone" : principal.replace(/^(AWS|Service|Federated):/, "");

const listed = (values: readonly string[], none = ""): string => {
  if (values.length === 0) return none;
  return values.length > NAMED + 1
    ? `${values.slice(0, NAMED).join(", ")} and ${values.length - NAMED} more`
    : andList(values.map((value: Json) => show(value)));
};

const harmful = (sentence: string): Sentence => ({ harmful: true, sentence: `${sentence}.` });
