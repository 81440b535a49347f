/** Telling the account's default event bus what has happened, in the service's own name only. */
import { eventSource } from "../../lambda/observability/event-contract";
import type { FunctionName } from "../names";
import { allow } from "./allow";
import type { ServiceFunctions } from "../functions/service-functions";
import type { ServiceRegion } from "../service-region";

/** Functions whose work is a change of state. */
const TELLERS: readonly FunctionName[] = [
  "backup-begin",
  "backup-seal",
  "backup-fail",
  "replication-check",
  "retention",
  "deletion",
  "keep",
  "restore",
  "drill",
  "registration",
  "requests",
  "archive",
  "api",
];

export const grantEvents = (given: {
  readonly region: ServiceRegion;
  readonly functions: Partial<ServiceFunctions>;
}): void => {
  const { account, row, stage } = given.region;
  for (const teller of TELLERS.flatMap((name) => given.functions[name] ?? []))
    allow(teller, {
      actions: ["events:PutEvents"],
      resources: [`arn:aws:events:${row.region}:${account}:event-bus/default`],
      conditions: { StringEquals: { "events:source": eventSource(stage.prefix) } },
    });
};
