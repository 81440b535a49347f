/** What a recovery reads and fills: the replica bucket and its own catalog, with the caller's own AWS credentials. */
import { LambdaClient } from "@aws-sdk/client-lambda";
import { Catalog } from "../../lambda/catalog/catalog";
import { createDocumentClient, DynamoDbTable } from "../../lambda/catalog/dynamodb-table-client";
import { createS3Client } from "../../lambda/storage/s3-connection-client";
import { S3Store } from "../../lambda/storage/s3-store-client";
import { locateDeployment, placed } from "./deployment-client";
import type { DeploymentAddress, OpenRecovery } from "./surroundings";

export async function openRecovery(given: DeploymentAddress): Promise<OpenRecovery> {
  const address = placed(given);
  // Only to find credentials as every other command does; it makes no request.
  const client = new LambdaClient(address.region === undefined ? {} : { region: address.region });
  const { names, row, region } = await locateDeployment(address, client);
  const endpoint = process.env["AWS_ENDPOINT_URL_S3"] || process.env["AWS_ENDPOINT_URL"];
  return {
    lost: row.region,
    region,
    store: new S3Store(createS3Client({ region, ...(endpoint ? { endpoint } : {}) })),
    bucket: names.bucket("replica"),
    catalog: new Catalog(new DynamoDbTable(createDocumentClient({ region }), names.table())),
  };
}
