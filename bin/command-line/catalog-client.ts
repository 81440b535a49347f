/** A deployment's catalog table, found by its name alone and used with the caller's own AWS credentials. */
import { LambdaClient } from "@aws-sdk/client-lambda";
import { Catalog } from "../../lambda/catalog/catalog";
import { createDocumentClient, DynamoDbTable } from "../../lambda/catalog/dynamodb-table-client";
import { locateDeployment } from "./deployment-client";
import { type CatalogConnection, CommandFailure, type DeploymentAddress } from "./surroundings";

/** Throws CommandFailure where there is no such table: it is made by deploying, or by a recovery, and never here. */
export async function openCatalogTable(address: DeploymentAddress): Promise<CatalogConnection> {
  // Only to find region and credentials as every other command does; it makes no request.
  const client = new LambdaClient(address.region === undefined ? {} : { region: address.region });
  const { names, row } = await locateDeployment(address, client);
  const { region } = row;
  const table = names.table();
  const catalog = new Catalog(new DynamoDbTable(createDocumentClient({ region }), table));
  try {
    await catalog.getCensus();
  } catch (cause) {
    const isMissing = cause instanceof Error && cause.name === "ResourceNotFoundException";
    const reason = isMissing
      ? `There is no table ${table} in ${region}; deploy the stack ${names.stack("primary")}, or recover the table to a point in time, then run this again.`
      : `The table ${table} in ${region} can't be read: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new CommandFailure(1, [reason], { cause });
  }
  return { catalog, table, region };
}
