/** What a request to a service other than S3 is called in IAM, and on which resource it acts. */
import { UnknownOperation, type Action } from "./s3-actions";

export interface ServiceRequest {
  readonly service: string;
  readonly region: string;
  readonly account: string;
  /** `X-Amz-Target`, where the service's protocol has it. */
  readonly target: string | undefined;
  readonly path: string;
  readonly body: string;
}

type Json = Record<string, unknown>;

export const serviceActions = (request: ServiceRequest): readonly Action[] => {
  switch (request.service) {
    case "dynamodb":
      return dynamodbActions(request);
    case "secretsmanager": {
      const secret = (JSON.parse(request.body) as Json)["SecretId"] as string;
      const resource = secret.startsWith("arn:") ? secret : arn(request, `secret:${secret}-??????`);
      return [{ action: `secretsmanager:${operation(request)}`, resource }];
    }
    case "states": {
      const body = JSON.parse(request.body) as Record<string, string>;
      const resource = body["stateMachineArn"] ?? body["executionArn"] ?? "*";
      return [{ action: `states:${operation(request)}`, resource }];
    }
    case "ecs":
      return ecsActions(request);
    case "events":
      return [{ action: `events:${operation(request)}`, resource: arn(request, "event-bus/default") }];
    case "lambda":
      return [{ action: "lambda:InvokeFunction", resource: functionArn(request) }];
    case "sns":
    case "rds":
    case "monitoring":
    case "sts":
      return queryActions(request);
    case "kms":
      return [
        {
          action: `kms:${operation(request)}`,
          resource: (JSON.parse(request.body) as Record<string, string>)["KeyId"] ?? "*",
        },
      ];
    default:
      throw new UnknownOperation(`The local run has no service "${request.service}".`);
  }
};

const arn = ({ service, region, account }: ServiceRequest, resource: string): string =>
  `arn:aws:${service}:${region}:${account}:${resource}`;

const operation = (request: ServiceRequest): string => {
  const name = request.target?.split(".").at(-1);
  if (name === undefined) throw new UnknownOperation(`A request to ${request.service} names no operation.`);
  return name;
};

const dynamodbActions = (request: ServiceRequest): readonly Action[] => {
  const name = operation(request);
  const body = JSON.parse(request.body) as Json;
  const table = (tableName: string): string =>
    tableName.startsWith("arn:") ? tableName : arn(request, `table/${tableName}`);
  if (name === "TransactWriteItems") {
    const kinds: Record<string, string> = {
      Put: "PutItem",
      Update: "UpdateItem",
      Delete: "DeleteItem",
      ConditionCheck: "ConditionCheckItem",
    };
    return (body["TransactItems"] as Record<string, { TableName: string }>[]).flatMap((item) =>
      Object.entries(item).map(([kind, write]) => ({
        action: `dynamodb:${kinds[kind]}`,
        resource: table(write.TableName),
      })),
    );
  }
  if (name === "BatchWriteItem" || name === "BatchGetItem") {
    return Object.keys(body["RequestItems"] as Json).map((tableName) => ({
      action: `dynamodb:${name}`,
      resource: table(tableName),
    }));
  }
  const index = body["IndexName"] === undefined ? "" : `/index/${body["IndexName"] as string}`;
  return [{ action: `dynamodb:${name}`, resource: `${table(body["TableName"] as string)}${index}` }];
};

const ecsActions = (request: ServiceRequest): readonly Action[] => {
  const name = operation(request);
  const body = JSON.parse(request.body) as Json;
  if (name === "DescribeTasks")
    return (body["tasks"] as string[]).map((task) => ({ action: "ecs:DescribeTasks", resource: task }));
  if (name === "StopTask") return [{ action: "ecs:StopTask", resource: body["task"] as string }];
  return [{ action: `ecs:${name}`, resource: "*" }];
};

/** Values of condition keys that a request carries; those of a key with several values stand in lines. */
export const serviceContext = (request: ServiceRequest): Readonly<Record<string, string>> => {
  if (request.service === "dynamodb") return leadingKeys(JSON.parse(request.body) as Json);
  if (request.service === "events") {
    const { Entries = [] } = JSON.parse(request.body) as { Entries?: readonly { readonly Source?: string }[] };
    return { "events:source": [...new Set(Entries.map(({ Source }) => Source ?? ""))].join("\n") };
  }
  if (request.service !== "ecs") return {};
  const { cluster } = JSON.parse(request.body) as { cluster?: string };
  if (cluster === undefined) return {};
  return { "ecs:cluster": cluster.startsWith("arn:") ? cluster : arn(request, `cluster/${cluster}`) };
};

interface TableKey {
  readonly pk?: { readonly S?: string };
}
interface TableWrite {
  readonly Item?: TableKey;
  readonly Key?: TableKey;
}
/** The partitions that a request names. Queries name theirs in an expression, and no policy of ours asks for it. */
const leadingKeys = (body: Json): Readonly<Record<string, string>> => {
  const writes = (body["TransactItems"] as readonly Record<string, TableWrite>[] | undefined)?.flatMap((item) =>
    Object.values(item),
  );
  const keys = (writes ?? [body as TableWrite]).flatMap(({ Item, Key }) => (Item ?? Key)?.pk?.S ?? []);
  return keys.length === 0 ? {} : { "dynamodb:LeadingKeys": [...new Set(keys)].toSorted().join("\n") };
};

/** Services that still speak the query protocol: a form with `Action`. */
const queryActions = (request: ServiceRequest): readonly Action[] => {
  const form = new URLSearchParams(request.body);
  const name = form.get("Action") ?? operation(request);
  if (request.service === "sns") return [{ action: `sns:${name}`, resource: form.get("TopicArn") ?? "*" }];
  const instance = form.get("DBInstanceIdentifier");
  if (request.service === "rds") return [{ action: `rds:${name}`, resource: arn(request, `db:${instance ?? "*"}`) }];
  if (request.service === "sts") return [{ action: `sts:${name}`, resource: form.get("RoleArn") ?? "*" }];
  // CloudWatch signs with a name that policies don't know.
  const prefix = request.service === "monitoring" ? "cloudwatch" : request.service;
  return [{ action: `${prefix}:${name}`, resource: "*" }];
};

/** The function's ARN from an Invoke request's path: `/2015-03-31/functions/<name or ARN>/invocations`. */
export const functionArn = (request: Pick<ServiceRequest, "path" | "region" | "account">): string => {
  const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.path)?.[1];
  if (name === undefined) throw new UnknownOperation(`Lambda: ${request.path} is not Invoke.`);
  const decoded = decodeURIComponent(name);
  return decoded.startsWith("arn:")
    ? decoded
    : `arn:aws:lambda:${request.region}:${request.account}:function:${decoded}`;
};
