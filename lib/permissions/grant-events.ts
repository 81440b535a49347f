/** Telling the account's default event bus what has happened, in the service's own name only. */
import { eventSource } from "../../lambda/observability/event-contract";
import type { FunctionName } from "../names";
import { allow } from "./allow";
import type { ServiceGrants } from "./service-grants";

/** Functions whose work is a change of state. */
const TELLERS: readonly FunctionName[] = [
  "backup-begin",
  "backup-seal",
  "backup-fail",
  "replication-check",
  "retention",
  "deletion",
  "restore",
  "drill",
  "registration",
  "requests",
  "archive",
  "api",
];

export const grantEvents = ({ region, functions }: ServiceGrants): void => {
  const { account, row, stage } = region;
  for (const teller of TELLERS)
    allow(functions[teller], {
      actions: ["events:PutEvents"],
      resources: [`arn:aws:events:${row.region}:${account}:event-bus/default`],
      conditions: { StringEquals: { "events:source": eventSource(stage.prefix) } },
    });
};
