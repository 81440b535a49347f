/** A region's bucket of snapshots, found by its name alone and read with the caller's own AWS credentials. */
import { LambdaClient } from "@aws-sdk/client-lambda";
import { createS3Client } from "../../lambda/storage/s3-connection-client";
import { S3Store } from "../../lambda/storage/s3-store-client";
import { replicaKind } from "../../lib/regions/replica-places";
import { locateDeployment, placed } from "./deployment-client";
import { CommandFailure, type DeploymentAddress, type SnapshotStorage } from "./surroundings";

export async function openSnapshotStorage(
  given: DeploymentAddress,
  side: "primary" | "replica",
): Promise<SnapshotStorage> {
  // Only to find region and credentials as every other command does; it makes no request.
  const address = placed(given);
  const client = new LambdaClient(address.region === undefined ? {} : { region: address.region });
  const { names, row } = await locateDeployment(address, client);
  if (address.recovery !== undefined && side === "primary")
    throw new CommandFailure(2, [`${address.recovery} is lost: add --replica, to read its snapshots' replicas.`]);
  const region = side === "primary" ? row.region : row.replication.region;
  const endpoint = process.env["AWS_ENDPOINT_URL_S3"] || process.env["AWS_ENDPOINT_URL"];
  const store = new S3Store(createS3Client({ region, ...(endpoint ? { endpoint } : {}) }));
  return { store, bucket: names.bucket(side === "primary" ? side : replicaKind(row)), region };
}
