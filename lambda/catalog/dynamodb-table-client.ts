/**
 * `CatalogTable` on DynamoDB. Each method is one request, the client's retries aside. A conditional write whose first
 * reply was lost finds its own effect when the client retries it; that is told from somebody else's write by looking
 * at the standing item, so that a retried write never fails against itself.
 */
import { isDeepStrictEqual } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
  type TransactWriteCommandInput,
} from "@aws-sdk/lib-dynamodb";
import { isError } from "../runtime/is-error";
import {
  CatalogUnavailable,
  ConditionFailed,
  type CatalogTable,
  type Change,
  type Condition,
  type Item,
  type ItemKey,
  type ItemPage,
  type QueryOptions,
  type TypeQueryOptions,
  type Write,
} from "./catalog-table";
import { expressions } from "./dynamodb-expressions";

export const TYPE_INDEX = "by-type";

export interface DynamoDbOptions {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts?: number;
}

/** Eight attempts with DynamoDB's backoff span about six seconds: throttling passes within them. */
const MAX_ATTEMPTS = 8;
const CONNECT_MS = 3_000;
const ANSWER_MS = 10_000;
/** A transaction that meets another one is repeated after 50, 100, 200, 400 and 800 ms. */
const CONFLICT_WAITS_MS = [50, 100, 200, 400, 800];

export const createDocumentClient = (options: DynamoDbOptions): DynamoDBDocumentClient => {
  const agent = { keepAlive: true, maxSockets: 64 };
  const client = new DynamoDBClient({
    region: options.region,
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    retryMode: "standard",
    maxAttempts: options.maxAttempts ?? MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
};

export class DynamoDbTable implements CatalogTable {
  constructor(
    private readonly client: DynamoDBDocumentClient,
    private readonly table: string,
  ) {}

  async get(key: ItemKey): Promise<Item | undefined> {
    return this.attempt(async () => {
      const answer = await this.client.send(
        new GetCommand({ TableName: this.table, Key: keyOf(key), ConsistentRead: true }),
      );
      return answer.Item as Item | undefined;
    });
  }

  async put(item: Item, condition?: Condition): Promise<void> {
    const input = { TableName: this.table, Item: item, ...expressions({ condition }), ...ON_FAILURE };
    await this.write(
      () => this.client.send(new PutCommand(input)),
      (standing) => isDeepStrictEqual(standing, withoutUndefined(item)),
    );
  }

  async update(key: ItemKey, change: Change, condition: Condition = { exists: true }): Promise<void> {
    // Nothing to change: only the condition counts, and not every server knows an update without an expression.
    if (expressions({ change }).UpdateExpression === undefined)
      return this.transact([{ kind: "check", key, condition }]);
    const input = { TableName: this.table, Key: keyOf(key), ...expressions({ condition, change }), ...ON_FAILURE };
    await this.write(
      () => this.client.send(new UpdateCommand(input)),
      (standing) => standing !== undefined && hasChange(standing, change),
    );
  }

  async delete(key: ItemKey, condition?: Condition): Promise<void> {
    const input = { TableName: this.table, Key: keyOf(key), ...expressions({ condition }), ...ON_FAILURE };
    await this.write(
      () => this.client.send(new DeleteCommand(input)),
      (standing) => standing === undefined,
    );
  }

  async query(pk: string, options: QueryOptions = {}): Promise<ItemPage> {
    const byPrefix = options.skPrefix !== undefined && options.skPrefix !== "";
    return this.page(
      {
        KeyConditionExpression: `#pk = :pk${byPrefix ? " AND begins_with(#sk, :sk)" : ""}`,
        ExpressionAttributeNames: { "#pk": "pk", ...(byPrefix ? { "#sk": "sk" } : {}) },
        ExpressionAttributeValues: { ":pk": pk, ...(byPrefix ? { ":sk": options.skPrefix } : {}) },
        ConsistentRead: true,
        ScanIndexForward: options.descending !== true,
      },
      options,
    );
  }

  async queryType(type: string, options: TypeQueryOptions = {}): Promise<ItemPage> {
    const bounded = options.upTo !== undefined;
    return this.page(
      {
        IndexName: TYPE_INDEX,
        KeyConditionExpression: `#type = :type${bounded ? " AND #sortKey <= :upTo" : ""}`,
        ExpressionAttributeNames: { "#type": "type", ...(bounded ? { "#sortKey": "sortKey" } : {}) },
        ExpressionAttributeValues: { ":type": type, ...(bounded ? { ":upTo": options.upTo } : {}) },
      },
      options,
    );
  }

  async transact(writes: readonly Write[]): Promise<void> {
    const input = { TransactItems: writes.map((write) => this.transactItem(write)) };
    // The client gives each command a token, so that its retries after a lost reply count once.
    await this.attempt(() => this.client.send(new TransactWriteCommand(input)));
  }

  /** Rejects with a SyntaxError when the cursor is none of ours. */
  private async page(query: object, options: { readonly limit?: number; readonly cursor?: string }): Promise<ItemPage> {
    // Outside the attempt, where whatever has no HTTP status counts as a broken connection.
    const from = options.cursor === undefined ? {} : { ExclusiveStartKey: decodeCursor(options.cursor) };
    return this.attempt(async () => {
      const answer = await this.client.send(
        new QueryCommand({
          TableName: this.table,
          ...query,
          ...(options.limit === undefined ? {} : { Limit: options.limit }),
          ...from,
        }),
      );
      const items = (answer.Items ?? []) as Item[];
      return {
        items,
        ...(answer.LastEvaluatedKey === undefined ? {} : { cursor: encodeCursor(answer.LastEvaluatedKey) }),
      };
    });
  }

  private transactItem(write: Write): NonNullable<TransactWriteCommandInput["TransactItems"]>[number] {
    const TableName = this.table;
    switch (write.kind) {
      case "put":
        return { Put: { TableName, Item: write.item, ...expressions({ condition: write.condition }) } };
      case "update": {
        const { UpdateExpression = "", ...rest } = expressions({
          condition: write.condition ?? { exists: true },
          change: write.change,
        });
        // A transaction has no empty update: then only the condition counts.
        return UpdateExpression === ""
          ? { ConditionCheck: { TableName, Key: keyOf(write.key), ConditionExpression: "", ...rest } }
          : { Update: { TableName, Key: keyOf(write.key), UpdateExpression, ...rest } };
      }
      case "delete":
        return { Delete: { TableName, Key: keyOf(write.key), ...expressions({ condition: write.condition }) } };
      default:
        return {
          ConditionCheck: {
            TableName,
            Key: keyOf(write.key),
            ConditionExpression: "",
            ...expressions({ condition: write.condition }),
          },
        };
    }
  }

  /** One conditional write. `isOurs` says whether the standing item is what this very write makes. */
  private async write(send: () => Promise<unknown>, isOurs: (standing: Item | undefined) => boolean): Promise<void> {
    await this.attempt(async () => {
      try {
        await send();
      } catch (error) {
        const { name, Item: standing, $metadata } = error as DynamoDbException;
        const retried = ($metadata?.attempts ?? 1) > 1;
        if (name !== "ConditionalCheckFailedException" || !retried || !isOurs(plainItem(standing))) throw error;
      }
    });
  }

  private async attempt<T>(send: () => Promise<T>): Promise<T> {
    for (let round = 0; ; round++) {
      try {
        return await send();
      } catch (error) {
        const wait = CONFLICT_WAITS_MS[round];
        if (!isConflict(error) || wait === undefined) throw toCatalogError(error);
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }
}

interface DynamoDbException extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
  readonly CancellationReasons?: readonly { readonly Code?: string }[];
  readonly Item?: Record<string, AttributeValue>;
}

const ON_FAILURE = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;
const THROTTLED = new Set([
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "RequestLimitExceeded",
  "InternalServerError",
  "TransactionInProgressException",
]);

const reasonsOf = (error: unknown): readonly string[] =>
  isError(error) && error.name === "TransactionCanceledException"
    ? ((error as DynamoDbException).CancellationReasons ?? []).map((reason) => reason.Code ?? "")
    : [];

/** Two transactions on one item: neither its condition nor ours has been judged. */
const isConflict = (error: unknown): boolean => {
  if (isError(error) && error.name === "TransactionConflictException") return true;
  const reasons = reasonsOf(error);
  return reasons.includes("TransactionConflict") && !reasons.includes("ConditionalCheckFailed");
};

const toCatalogError = (error: unknown): unknown => {
  if (!isError(error)) return error;
  const options = { cause: error };
  const reasons = reasonsOf(error);
  if (error.name === "ConditionalCheckFailedException" || reasons.includes("ConditionalCheckFailed")) {
    return new ConditionFailed("The catalog's item is not as expected.", options);
  }
  const status = (error as DynamoDbException).$metadata?.httpStatusCode;
  const broken = status === undefined && !(error instanceof TypeError) && !(error instanceof RangeError);
  if (
    broken ||
    (status !== undefined && status >= 500) ||
    THROTTLED.has(error.name) ||
    isConflict(error) ||
    reasons.includes("ThrottlingError")
  ) {
    return new CatalogUnavailable(`The catalog can't be reached for now: ${error.name}: ${error.message}`, options);
  }
  return error;
};

/** The failed condition's item comes as DynamoDB's own attribute values; those that the service writes are these. */
type AttributeValue = {
  S?: string;
  N?: string;
  BOOL?: boolean;
  NULL?: boolean;
  L?: AttributeValue[];
  M?: Record<string, AttributeValue>;
};
const plainValue = (value: AttributeValue): unknown => {
  if (value.M !== undefined) return plainMap(value.M);
  if (value.L !== undefined) return value.L.map(plainValue);
  if (value.NULL === true) return null;
  return value.N === undefined ? (value.S ?? value.BOOL) : Number(value.N);
};
const plainMap = (map: Record<string, AttributeValue>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [name, plainValue(value)]));
const plainItem = (attributes: Record<string, AttributeValue> | undefined): Item | undefined =>
  attributes === undefined || Object.keys(attributes).length === 0 ? undefined : (plainMap(attributes) as Item);

const hasChange = (standing: Item, change: Change): boolean =>
  Object.entries(change.set ?? {}).every(
    ([name, value]) => value === undefined || isDeepStrictEqual(standing[name], withoutUndefined(value)),
  ) && (change.remove ?? []).every((name) => standing[name] === undefined);

const withoutUndefined = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;
const keyOf = ({ pk, sk }: ItemKey): ItemKey => ({ pk, sk });
const encodeCursor = (key: Record<string, unknown>): string => Buffer.from(JSON.stringify(key)).toString("base64url");
const decodeCursor = (cursor: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(cursor, "base64url").toString()) as Record<string, unknown>;
