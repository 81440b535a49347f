/**
 * What AWS did not start for a workflow, in one sentence with what to do: the database task, or a function. Step
 * Functions says of a task that ECS refused the call (`ECS.…`), that it answered with failures (`AmazonECS.Unknown`),
 * whose reasons stand in the cause, or that it never came to run (`TaskFailedToStart`). Pure.
 * Sources: https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html,
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html.
 */
import { isWaitedFor, NEVER_RAN } from "./launch-failures";

interface StepError {
  readonly Error?: string | undefined;
  readonly Cause?: string | undefined;
}
export interface NotStarted {
  /** A whole sentence. */
  readonly message: string;
  /**
   * The workflow has waited for it as long as it may (`lib/workflows/database-task.ts`, `retries.ts`): another attempt
   * would wait as long again, and the next night's backup comes before that.
   */
  readonly waitedOut: boolean;
}

const TASK = /^(Amazon)?ECS\./;
const WAITED = "For 20 hours the database task could not be started";
const FUNCTION: NotStarted = {
  message:
    "For twelve hours a function could not be called: the account's quota of concurrent functions in this region was used up; ask for a higher one in Service Quotas, then write it into concurrency.account of the stage's configuration and deploy.",
  waitedOut: true,
};

/** What ECS says → what it means, and what to do. */
const KNOWN: readonly (readonly [RegExp, string])[] = [
  [
    /reached the limit|limit on the number of/i,
    "the account's quota of Fargate vCPUs in this region was used up; ask for a higher one in Service Quotas",
  ],
  [
    /capacity is unavailable/i,
    "Fargate had no capacity in the environment's subnets; try again later, or register subnets in more Availability Zones",
  ],
  [
    /rate exceeded|throttl|request ?limit ?exceeded|toomanyrequests/i,
    "AWS throttled the calls that start tasks; try again later, and look for what else in this account and region makes so many",
  ],
  [
    /InsufficientFreeAddresses/i,
    "the environment's subnets had no free address; free some, or register larger subnets",
  ],
  [
    /Timeout waiting for/i,
    "AWS did not provide its network interface or its storage in time; try again later, and look at AWS's health dashboard",
  ],
  [/ServerException|service unavailable/i, "Amazon ECS did not answer; try again later"],
];

/** Undefined for what was started. */
export function notStarted({ Error: name = "", Cause: cause = "" }: StepError): NotStarted | undefined {
  if (name === "Lambda.TooManyRequestsException") return FUNCTION;
  const said = saidIn(cause);
  if (!TASK.test(name) && said.stopCode !== NEVER_RAN) return undefined;
  const known = KNOWN.find(([pattern]) => pattern.test(said.text) || pattern.test(name))?.[1];
  const why = known ?? (said.text === "" ? `${name}; see the execution's history` : said.text.replace(/\.$/, ""));
  // A shard's failure comes by way of the attempt, as the sentence that this has made of it.
  const waitedOut = isWaitedFor(name, cause) || cause.startsWith(WAITED);
  return { message: `${waitedOut ? WAITED : "The database task could not be started"}: ${why}.`, waitedOut };
}

/** The cause itself, or what it tells as JSON: the reasons in an answer of RunTask, each once, or why a task stopped. */
function saidIn(cause: string): { readonly text: string; readonly stopCode?: string | undefined } {
  try {
    const { Failures = [], StopCode: stopCode, StoppedReason = "" } = JSON.parse(cause) as Told;
    const reasons = new Set(Failures.map(({ Reason = "" }) => Reason).filter((text) => text !== ""));
    return { text: reasons.size === 0 ? StoppedReason : [...reasons].join("; "), stopCode };
  } catch {
    return { text: cause };
  }
}
interface Told {
  readonly Failures?: readonly { readonly Reason?: string }[];
  readonly StopCode?: string;
  readonly StoppedReason?: string;
}
