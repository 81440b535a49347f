/**
 * What AWS did not start for a workflow, in one sentence with what to do: the database task, or a function. Step
 * Functions says of a task that ECS refused the call (`ECS.…`), or that it answered with failures (`AmazonECS.Unknown`),
 * whose reasons stand in the cause. Pure.
 * Sources: https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html,
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html.
 */
interface StepError {
  readonly Error?: string | undefined;
  readonly Cause?: string | undefined;
}

const TASK = /^(Amazon)?ECS\./;
const THROTTLED_FUNCTION = "Lambda.TooManyRequestsException";

const TASK_REASONS: readonly (readonly [RegExp, string])[] = [
  [
    /limit on the number of (vCPUs|tasks)/i,
    "the account's quota of Fargate vCPUs in this region was used up; ask for a higher one in Service Quotas",
  ],
  [
    /capacity is unavailable/i,
    "Fargate had no capacity in the environment's subnets; try again later, or register subnets in more Availability Zones",
  ],
  [
    /rate exceeded|throttl|request ?limit ?exceeded/i,
    "AWS throttled the calls that start tasks; try again later, and look for what else in this account and region makes so many",
  ],
  [/ServerException|service unavailable/i, "Amazon ECS did not answer; try again later"],
];

/** Undefined for what was started. */
export function notStarted({ Error: name = "", Cause: cause = "" }: StepError): string | undefined {
  if (name === THROTTLED_FUNCTION)
    return "A function could not be called: the account's quota of concurrent functions in this region was used up; ask for a higher one in Service Quotas.";
  if (!TASK.test(name)) return undefined;
  const said = saidIn(cause);
  const known = TASK_REASONS.find(([pattern]) => pattern.test(said) || pattern.test(name))?.[1];
  const why = known ?? (said === "" ? `${name}; see the execution's history` : said);
  return `The database task could not be started: ${why.replace(/\.$/, "")}.`;
}

/** The cause itself, or the reasons in an answer of RunTask, each once. */
function saidIn(cause: string): string {
  try {
    const { Failures, failures = Failures ?? [] } = JSON.parse(cause) as Answer;
    return [...new Set(failures.map(({ Reason = "", reason = Reason }) => reason))]
      .filter((text) => text !== "")
      .join("; ");
  } catch {
    return cause;
  }
}
interface Answer {
  readonly Failures?: readonly Failure[];
  readonly failures?: readonly Failure[];
}
interface Failure {
  readonly Reason?: string;
  readonly reason?: string;
}
