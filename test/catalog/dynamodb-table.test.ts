import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { ConditionFailed, CatalogUnavailable, type CatalogTable, type Item } from "../../lambda/catalog/catalog-table";
import { createDocumentClient, DynamoDbTable } from "../../lambda/catalog/dynamodb-table-client";
import { motoCredentials, startMoto, type Moto } from "../support/moto";
import { createMotoTable } from "../support/moto-table";
import { catalogTableContract } from "./catalog-table.contract";
import { catalogContract } from "./catalog.contract";
import { peopleContract } from "./people.contract";

let moto: Moto;
beforeAll(async () => {
  moto = await startMoto();
});
afterAll(() => moto.stop());

catalogTableContract("DynamoDB's client against moto", async () => {
  const client = await createMotoTable(moto, "table");
  let requests = 0;
  client.middlewareStack.add(
    (next) => (args) => {
      requests += 1;
      return next(args);
    },
    { step: "finalizeRequest", priority: "low", name: "count" },
  );
  return { table: new DynamoDbTable(client, "table"), requests: () => requests };
});
catalogContract(
  "DynamoDB's client against moto",
  async () => new DynamoDbTable(await createMotoTable(moto, "catalog"), "catalog"),
);
peopleContract(
  "DynamoDB's client against moto",
  async () => new DynamoDbTable(await createMotoTable(moto, "people"), "people"),
);

describe("a reply is lost and the client tries again", () => {
  let client: DynamoDBDocumentClient;
  let table: CatalogTable;
  let rival: CatalogTable;
  const tokens: (string | undefined)[] = [];
  let lose = 0;
  let between: (() => Promise<void>) | undefined;
  const key = { pk: "p", sk: "s" };
  const read = (): Promise<Item | undefined> => table.get(key);

  beforeAll(async () => {
    client = await createMotoTable(moto, "lost-replies");
    table = new DynamoDbTable(client, "lost-replies");
    const other = createDocumentClient({
      region: "eu-central-1",
      endpoint: moto.endpoint,
      credentials: motoCredentials,
    });
    client.middlewareStack.add(
      (next) => async (args) => {
        const { body } = args.request as { body: Uint8Array };
        tokens.push(
          (JSON.parse(Buffer.concat([body]).toString()) as { ClientRequestToken?: string }).ClientRequestToken,
        );
        const result = await next(args);
        if (lose === 0) return result;
        lose -= 1;
        await between?.();
        throw Object.assign(new Error("lost"), { name: "TimeoutError" });
      },
      { step: "finalizeRequest", priority: "low", name: "lose" },
    );
    rival = new DynamoDbTable(other, "lost-replies");
  });
  beforeEach(async () => {
    lose = 0;
    between = undefined;
    await table.delete(key);
  });

  test("a conditional put finds its own effect", async () => {
    lose = 1;
    await table.put({ ...key, a: { b: [1, null, "x", true] }, none: undefined }, { absent: true });
    expect(await read()).toEqual({ ...key, a: { b: [1, null, "x", true] } });
  });
  test("a conditional update finds its own effect", async () => {
    await table.put({ ...key, state: "running", old: 1 });
    lose = 1;
    await table.update(
      key,
      { set: { state: "completed", count: 2 }, remove: ["old"] },
      { equals: { state: "running" } },
    );
    expect(await read()).toEqual({ ...key, state: "completed", count: 2 });
  });
  test("a conditional delete finds its own effect", async () => {
    await table.put({ ...key, token: "t" });
    lose = 1;
    await table.delete(key, { equals: { token: "t" } });
    expect(await read()).toBeUndefined();
  });
  test("a transaction's retry carries the same token, so that it counts once", async () => {
    lose = 1;
    tokens.length = 0;
    await table.transact([{ kind: "put", item: { ...key, a: 1 } }]);
    expect(tokens).toEqual([expect.any(String), tokens[0]]);
  });
  test("somebody else's write in between is a failed condition", async () => {
    lose = 1;
    between = () => rival.put({ ...key, a: 2 });
    await expect(table.put({ ...key, a: 1 }, { absent: true })).rejects.toBeInstanceOf(ConditionFailed);
    lose = 1;
    between = () => rival.put({ ...key, state: "failed" });
    await rival.put({ ...key, state: "running" });
    await expect(
      table.update(key, { set: { state: "completed" } }, { equals: { state: "running" } }),
    ).rejects.toBeInstanceOf(ConditionFailed);
    lose = 1;
    between = () => rival.put({ ...key, token: "theirs" });
    await rival.put({ ...key, token: "t" });
    await expect(table.delete(key, { equals: { token: "t" } })).rejects.toBeInstanceOf(ConditionFailed);
    expect(await read()).toEqual({ ...key, token: "theirs" });
  });
  test("without a lost reply an equal item is still somebody else's", async () => {
    await table.put({ ...key, a: 1 });
    await expect(table.put({ ...key, a: 1 }, { absent: true })).rejects.toBeInstanceOf(ConditionFailed);
  });
  test("a transaction that meets another one is repeated", async () => {
    let conflicts = 2;
    const impatient = new DynamoDbTable(
      createDocumentClient({ region: "eu-central-1", endpoint: moto.endpoint, credentials: motoCredentials }),
      "lost-replies",
    );
    const clientOf = (impatient as unknown as { client: DynamoDBDocumentClient }).client;
    clientOf.middlewareStack.add(
      (next) => async (args) => {
        if (conflicts-- <= 0) return next(args);
        const reasons = [{ Code: "TransactionConflict" }];
        throw Object.assign(new Error("conflict"), {
          name: "TransactionCanceledException",
          $metadata: { httpStatusCode: 400 },
          CancellationReasons: reasons,
        });
      },
      { step: "initialize", name: "conflict" },
    );
    await impatient.transact([{ kind: "put", item: { ...key, a: 1 } }]);
    expect(await read()).toEqual({ ...key, a: 1 });
    expect(conflicts).toBeLessThan(0);
  });
  test("a server that can't be reached is CatalogUnavailable", async () => {
    const nowhere = createDocumentClient({
      region: "eu-central-1",
      endpoint: "http://127.0.0.1:9",
      credentials: motoCredentials,
      maxAttempts: 1,
    });
    await expect(new DynamoDbTable(nowhere, "t").get(key)).rejects.toBeInstanceOf(CatalogUnavailable);
  });
});
