/** A catalog table at moto, with the index that the template gives it. */
import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { createDocumentClient, TYPE_INDEX } from "../../lambda/catalog/dynamodb-table-client";
import { motoCredentials, type Moto } from "./moto";

export const createMotoTable = async (
  moto: Moto,
  table: string,
  region = "eu-central-1",
): Promise<DynamoDBDocumentClient> => {
  const client = createDocumentClient({ region, endpoint: moto.endpoint, credentials: motoCredentials });
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "sk", "type", "sortKey"].map((AttributeName) => ({
        AttributeName,
        AttributeType: "S",
      })),
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: TYPE_INDEX,
          Projection: { ProjectionType: "ALL" },
          KeySchema: [
            { AttributeName: "type", KeyType: "HASH" },
            { AttributeName: "sortKey", KeyType: "RANGE" },
          ],
        },
      ],
    }),
  );
  return client;
};
