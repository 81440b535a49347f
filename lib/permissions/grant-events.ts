/** Telling the account's default event bus what has happened, in the service's own name only. */
import { eventSource } from "../../lambda/observability/event-contract";
import type { FunctionName } from "../names";
import { allow, type Grantee } from "./allow";
import type { ServiceFunctions } from "../functions/service-functions";
import type { ServiceRegion } from "../service-region";

/** Functions whose work is a change of state; the database task says of an upload that it is being unpacked. */
const TELLERS: readonly FunctionName[] = [
  "nightly-window",
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
  readonly task?: Grantee;
}): void => {
  const { account, row, stage } = given.region;
  for (const teller of [...TELLERS.map((name) => given.functions[name]), given.task].filter((one) => one !== undefined))
    allow(teller, {
      actions: ["events:PutEvents"],
      resources: [`arn:aws:events:${row.region}:${account}:event-bus/default`],
      conditions: { StringEquals: { "events:source": eventSource(stage.prefix) } },
    });
};
