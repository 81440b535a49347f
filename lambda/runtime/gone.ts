/**
 * When "not found" means gone. Step Functions, ECS, AWS Backup and RDS are eventually consistent: what was made a moment
 * ago may not be found yet, although it is there. AWS names no bound for executions; for tasks it advises to look again
 * for up to five minutes, and this is twice that. What has ended is found for longer: executions for 90 days, tasks for
 * an hour. Pure.
 * Sources: https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html,
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html.
 */
export const FOUND_AFTER_MS = 10 * 60_000;

/**
 * `knownSince`: when it was there, or was about to be made; a string in ISO 8601. Whatever else stands there is no young
 * one's, because the service writes times, and must not hold an environment for ever.
 */
export const isGone = (knownSince: string | Date, now: Date): boolean =>
  !(now.getTime() - new Date(knownSince).getTime() < FOUND_AFTER_MS);
