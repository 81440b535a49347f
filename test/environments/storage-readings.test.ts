/** How much storage is free, as the real client gets it: from moto, and from answers that moto does not give. */
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchStorageReadings } from "../../lambda/runtime/storage-readings-client";
import { motoCredentials, startMoto } from "../support/moto";
import { startQueryServer } from "../support/query-server";

const region = "eu-central-1";
const NOW = new Date("2026-12-06T23:00:00Z");
const minutesAgo = (minutes: number): Date => new Date(NOW.getTime() - minutes * 60_000);

test("the newest of the last minutes' measurements; none where there is none", async () => {
  const moto = await startMoto();
  try {
    const options = { region, endpoint: moto.endpoint, credentials: motoCredentials };
    const Dimensions = [{ Name: "DBInstanceIdentifier", Value: "shop-db" }];
    const point = (Value: number, Timestamp: Date) => ({
      MetricName: "FreeStorageSpace",
      Dimensions,
      Value,
      Timestamp,
    });
    await new CloudWatchClient(options).send(
      new PutMetricDataCommand({
        Namespace: "AWS/RDS",
        MetricData: [point(7e9, minutesAgo(8)), point(5e9, minutesAgo(3)), point(9e9, minutesAgo(60))],
      }),
    );
    const readings = new CloudWatchStorageReadings(options);
    expect(await readings.freeBytes("shop-db", NOW)).toBe(5e9);
    expect(await readings.freeBytes("other-db", NOW)).toBeUndefined();
  } finally {
    await moto.stop();
  }
});

test("no answer is a sentence that says to look again", async () => {
  const server = await startQueryServer(() => ({
    status: 400,
    body: '{"__type":"Throttling","message":"Rate exceeded"}',
  }));
  try {
    const readings = new CloudWatchStorageReadings({ region, endpoint: server.endpoint, credentials: motoCredentials });
    await expect(readings.freeBytes("shop-db", NOW)).rejects.toMatchObject({
      code: "StorageReadingUnavailable",
      retryable: true,
      message: expect.stringContaining("database instance shop-db is free (Throttling)") as string,
    });
  } finally {
    await server.close();
  }
});
