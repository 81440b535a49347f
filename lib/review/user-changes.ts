/** What changes for users and operators, in their words: windows, functions, alarms, logs, networks, workflows. Pure. */
import { at, isObject, listOf, same, type Json, type JsonObject, type ReviewedResource } from "./deployment";
import { alarm } from "./alarm-changes";
import { endpointChanges } from "./endpoint-changes";
import { andList, harmful, harmless, type Sentence } from "./finding";
import { DISTRIBUTED } from "./normal-form";
import { call, show } from "./resource-names";
import { people, right, toWhom } from "./rights";
import { excess, statementOf, type Statement } from "./statements";

export type Describe = (key: string, was: ReviewedResource, now: ReviewedResource) => readonly Sentence[];
export interface Described {
  readonly describe: Describe;
  /** Properties that nobody else has to speak of. */
  readonly properties: readonly string[];
}

export const changed = (
  was: ReviewedResource,
  now: ReviewedResource,
  ...path: readonly string[]
): readonly [Json | undefined, Json | undefined] | undefined => {
  const pair = [at(was.properties, ...path), at(now.properties, ...path)] as const;
  return same(pair[0], pair[1]) ? undefined : pair;
};

/** `cron(30 19 * * ? *)` → `19:30`. */
export const startOf = (expression: unknown): string | undefined => {
  const [, minute = "", hour = ""] = /^cron\((\d+) (\d+) \* \* \? \*\)$/.exec(String(expression)) ?? [];
  return hour === "" ? undefined : `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
};

const schedule: Describe = (key, was, now) => {
  const found: Sentence[] = [];
  const expression = changed(was, now, "ScheduleExpression");
  if (expression !== undefined) {
    const [from, to] = expression.map(startOf);
    found.push(
      from !== undefined && to !== undefined && call(key, was).endsWith('nightly-window"')
        ? harmless(`{of} start moves from ${from} to ${to} UTC`)
        : harmless(`{in}, ${call(key, was)} runs at ${show(expression[1])} instead of ${show(expression[0])}`),
    );
  }
  const state = changed(was, now, "State");
  if (state !== undefined)
    found.push(
      state[1] !== "DISABLED"
        ? harmless(`{in}, ${call(key, was)} runs again`)
        : harmful(
            "silent",
            call(key, was),
            `{in}, ${call(key, was)} no longer runs, because its State becomes DISABLED`,
            "leave it enabled",
          ),
    );
  return found;
};

const lambda: Describe = (key, was, now) => {
  const called = call(key, was);
  const found: Sentence[] = [];
  const memory = changed(was, now, "MemorySize");
  if (memory !== undefined)
    found.push(harmless(`{in}, ${called} gets ${show(memory[1])} MB of memory instead of ${show(memory[0])}`));
  const timeout = changed(was, now, "Timeout");
  if (timeout !== undefined)
    found.push(harmless(`{in}, ${called} may run ${show(timeout[1])} s instead of ${show(timeout[0])}`));
  const reserved = changed(was, now, "ReservedConcurrentExecutions");
  if (reserved !== undefined)
    found.push(
      reserved[1] === 0
        ? harmful(
            "silent",
            called,
            `{in}, ${called} no longer runs, because nothing is reserved for it`,
            "reserve more than 0",
          )
        : harmless(`{in}, ${called} runs ${atOnce(reserved[1])}, instead of ${atOnce(reserved[0])}`),
    );
  const variables = (of: ReviewedResource): JsonObject =>
    (at(of.properties, "Environment", "Variables") ?? {}) as JsonObject;
  return [...found, ...variableChanges(called, variables(was), variables(now))];
};

/** Reserved executions are a function's own, and its most. */
const atOnce = (reserved: Json | undefined): string =>
  reserved === undefined
    ? "as many at once as the account has room for"
    : `at most ${show(reserved)} at once, reserved for it`;

const variableChanges = (called: string, was: JsonObject, now: JsonObject): readonly Sentence[] =>
  [...new Set([...Object.keys(was), ...Object.keys(now)])]
    .filter((name) => !same(was[name], now[name]))
    .flatMap((name) => {
      const [from, to] = [was[name], now[name]];
      if (name === "LOCK_MODE" && from === "COMPLIANCE")
        return harmful(
          "weaker",
          "lock mode",
          `{in}, new snapshots are locked in ${lower(to)} mode instead of compliance, and can be deleted before their expiry`,
          'keep "lockMode": "compliance"',
        );
      if (name === "LOCK_MODE" && from === "GOVERNANCE")
        return harmless(
          `{in}, new snapshots are locked in ${lower(to)} mode instead of governance: nobody can delete them before their expiry`,
        );
      if (name === "REPLICATION_DEFAULT")
        return harmless(
          `{in}, premium environments whose registration doesn't say are registered with replication ${show(to)} instead of ${show(from)}`,
        );
      if (name === "WINDOW") return windowChange(called, from, to);
      return harmless(`{in}, {who} {is} told ${name}=${show(to)} instead of ${show(from)}`, { who: called });
    });

const windowChange = (called: string, from: Json | undefined, to: Json | undefined): readonly Sentence[] => {
  const minutes = (text: Json | undefined): number | undefined => {
    try {
      return (JSON.parse(show(text)) as { durationMinutes?: number }).durationMinutes;
    } catch {
      return undefined;
    }
  };
  const [was, now] = [minutes(from), minutes(to)];
  if (was === undefined || now === undefined)
    return [harmless(`{in}, ${called} is told WINDOW=${show(to)} instead of ${show(from)}`)];
  return was === now ? [] : [harmless(`{of} window lasts ${now} minutes instead of ${was}`)];
};

const task: Describe = (key, was, now) => {
  const called = call(key, was);
  const container = (of: ReviewedResource): Json | undefined => listOf(of.properties["ContainerDefinitions"])[0];
  const variables = (of: ReviewedResource): JsonObject =>
    Object.fromEntries(
      listOf(at(container(of), "Environment")).map((one) => [show(at(one, "Name")), at(one, "Value") ?? ""]),
    );
  const found: Sentence[] = [];
  const sizes = [
    ["Cpu", "CPU units"],
    ["Memory", "MiB of memory"],
  ] as const;
  for (const [property, unit] of sizes) {
    const size = changed(was, now, property);
    if (size !== undefined)
      found.push(harmless(`{in}, ${called} gets ${show(size[1])} ${unit} instead of ${show(size[0])}`));
  }
  const image = [at(container(was), "Image"), at(container(now), "Image")];
  if (!same(image[0], image[1]))
    found.push(harmless(`{in}, ${called} runs the image ${show(image[1])} instead of ${show(image[0])}`));
  const rest = (of: ReviewedResource): Json => {
    const { Environment: _environment, Image: _image, ...others } = (container(of) ?? {}) as JsonObject;
    return others;
  };
  if (!same(rest(was), rest(now)))
    found.push(harmless(`{in}, the container of ${called} becomes ${show(rest(now))} instead of ${show(rest(was))}`));
  return [...found, ...variableChanges(called, variables(was), variables(now))];
};

const workflow: Describe = (key, was, now) => {
  const states = (of: ReviewedResource): JsonObject =>
    isObject(of.properties["States"]) ? of.properties["States"] : {};
  const names = (of: JsonObject): readonly string[] => Object.keys(of);
  const [before, after] = [states(was), states(now)];
  const said = (verb: string, list: readonly string[]): readonly string[] =>
    list.length === 0 ? [] : [`${verb} the ${list.length === 1 ? "step" : "steps"} ${andList(list)}`];
  const parts = [
    ...said(
      "changes",
      names(after).filter((name) => name in before && !same(before[name], after[name])),
    ),
    ...said(
      "gains",
      names(after).filter((name) => !(name in before)),
    ),
    ...said(
      "loses",
      names(before).filter((name) => !(name in after)),
    ),
  ];
  const found = parts.length === 0 ? [] : [harmless(`{in}, ${call(key, was)} ${parts.join("; it ")}`)];
  const distributed = (of: JsonObject, name: string): boolean => show(of[name]).endsWith(DISTRIBUTED);
  for (const name of new Set([...names(before), ...names(after)]))
    if (distributed(before, name) !== distributed(after, name))
      found.push(
        harmless(
          distributed(after, name)
            ? `{in}, ${name} of ${call(key, was)} is a distributed map: each of its batches runs as an execution of its own`
            : `{in}, ${name} of ${call(key, was)} is no longer a distributed map`,
        ),
      );
  const timeout = changed(was, now, "TimeoutSeconds");
  if (timeout !== undefined)
    found.push(harmless(`{in}, ${call(key, was)} may run ${show(timeout[1])} s instead of ${show(timeout[0])}`));
  return found;
};

/** Without their names, which are said once for all. */
const logs: Describe = (_key, was, now) => {
  const days = changed(was, now, "RetentionInDays");
  return days === undefined
    ? []
    : [
        harmless(
          `{in}, logs are kept ${days[1] === undefined ? "for ever" : `${show(days[1])} days`} instead of ${days[0] === undefined ? "for ever" : show(days[0])}`,
        ),
      ];
};

/** Networks from which API and page may be reached; undefined where everyone may. */
const networksOf = (statements: readonly Statement[]): readonly string[] | undefined => {
  const denies = statements.filter(
    ({ effect, resources }) => effect === "Deny" && resources.includes("execute-api:/*"),
  );
  if (denies.some(({ conditions }) => Object.keys(conditions).length === 0)) return [];
  return denies.flatMap(({ conditions }) =>
    Object.entries(conditions).flatMap(([name, values]) => (name.startsWith("NotIpAddress ") ? [values] : [])),
  )[0];
};

const api: Describe = (key, was, now) => {
  const statements = (of: ReviewedResource): readonly Statement[] =>
    listOf(at(of.properties, "Policy", "Statement")).map(statementOf);
  const [before, after] = [networksOf(statements(was)), networksOf(statements(now))];
  const found: Sentence[] = [];
  if (before !== undefined && after === undefined)
    found.push(
      harmful(
        "reached",
        "everywhere",
        "{in}, API and page can be reached from everywhere, and the API can delete backups",
        "name the networks in api.allowedNetworks",
      ),
    );
  const added = (after ?? []).filter((network) => before?.includes(network) === false);
  if (added.length > 0)
    found.push(
      harmful(
        "reached",
        andList(added),
        `{in}, API and page may now be reached from ${andList(added)} too`,
        "take it out of api.allowedNetworks",
      ),
    );
  const removed = (before ?? []).filter((network) => after !== undefined && !after.includes(network));
  if (removed.length > 0) found.push(harmless(`{in}, API and page can no longer be reached from ${andList(removed)}`));
  found.push(...endpointChanges(key, was, now));
  /** What else the policy says. */
  const others = (of: ReviewedResource): readonly Statement[] =>
    statements(of).filter(
      ({ effect, conditions }) =>
        effect === "Allow" || Object.keys(conditions).some((name) => !name.startsWith("NotIpAddress ")),
    );
  for (const { principals, actions, resources, statement } of excess("Allow", others(now), others(was)))
    found.push(
      harmful(
        "lets-in",
        call(key, was),
        `{in}, ${call(key, was)} now lets ${people(principals)} do ${right({ actions, resources, conditions: statement.conditions })}`,
        "take the statement back",
      ),
    );
  for (const { actions, statement } of excess("Deny", others(was), others(now)))
    found.push(
      harmful(
        "refuses-less",
        call(key, was),
        `{in}, ${call(key, was)} no longer refuses ${andList(actions)}${toWhom(statement.conditions)}`,
        "put the statement back",
      ),
    );
  for (const { actions, statement } of excess("Deny", others(now), others(was)))
    found.push(
      harmless(`{in}, ${call(key, was)} is tighter: it now refuses ${andList(actions)}${toWhom(statement.conditions)}`),
    );
  return found;
};

const stage: Describe = (_key, was, now) => {
  const limit = (of: ReviewedResource, name: string): Json | undefined =>
    at(listOf(of.properties["MethodSettings"])[0], name);
  const found: Sentence[] = [];
  for (const [name, unit] of [
    ["ThrottlingRateLimit", "requests a second"],
    ["ThrottlingBurstLimit", "requests at once"],
  ] as const)
    if (!same(limit(was, name), limit(now, name)))
      found.push(
        harmless(
          `{in}, API and page answer at most ${show(limit(now, name))} ${unit} instead of ${show(limit(was, name))}`,
        ),
      );
  return found;
};

const lower = (value: Json | undefined): string => show(value).toLowerCase();

export const DESCRIBED: Readonly<Record<string, Described>> = {
  "AWS::Scheduler::Schedule": { describe: schedule, properties: ["ScheduleExpression", "Description", "State"] },
  "AWS::Lambda::Function": {
    describe: lambda,
    properties: ["MemorySize", "Timeout", "Environment", "ReservedConcurrentExecutions"],
  },
  "AWS::ECS::TaskDefinition": { describe: task, properties: ["Cpu", "Memory", "ContainerDefinitions"] },
  "AWS::StepFunctions::StateMachine": { describe: workflow, properties: ["States", "TimeoutSeconds"] },
  "AWS::CloudWatch::Alarm": alarm,
  "AWS::Logs::LogGroup": { describe: logs, properties: ["RetentionInDays"] },
  "AWS::ApiGateway::RestApi": { describe: api, properties: ["Policy", "EndpointConfiguration"] },
  "AWS::ApiGateway::Stage": { describe: stage, properties: ["MethodSettings", "DeploymentId"] },
  "AWS::Lambda::Permission": { describe: () => [], properties: ["FunctionName", "Principal", "SourceArn", "Action"] },
  Role: { describe: () => [], properties: ["Statements", "Trust", "ManagedPolicyArns", "PermissionsBoundary"] },
};

/** A resource that is new or gone, where that means something to people. */
export const appearance = (key: string, resource: ReviewedResource, isNew: boolean): readonly Sentence[] => {
  const called = call(key, resource);
  const { properties, type } = resource;
  if (type === "AWS::SNS::Subscription")
    return [harmless(`{in}, ${show(properties["Endpoint"])} is ${isNew ? "" : "no longer "}told of failures`)];
  if (type === "AWS::CloudWatch::Alarm")
    return [
      harmless(
        isNew
          ? `{in}, there is a new alarm: ${called.replace(/^the alarm /, "")}`
          : `{in}, nobody is told any more by ${called}, which is removed`,
      ),
    ];
  if (type === "AWS::Lambda::Permission") return [];
  if (type === "Role") return isNew ? [] : [harmless(`{in}, ${called} is removed`)];
  return [harmless(`{in}, {who} {is} ${isNew ? "new" : "removed"}`, { who: called })];
};
