/** CloudWatch: how much storage of an RDS instance is free, as RDS measures it every minute. It only reads. */
import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import { smallRequests, type AwsOptions } from "./aws-options";
import { ServiceFailure, type StorageReadings } from "./collaborators";
import { isError } from "./is-error";

const PERIOD_SECONDS = 60;
/** RDS's metrics arrive a few minutes late. */
const LOOK_BACK_MS = 15 * 60_000;

export class CloudWatchStorageReadings implements StorageReadings {
  private readonly client: CloudWatchClient;
  constructor(options: AwsOptions) {
    this.client = new CloudWatchClient(smallRequests(options));
  }

  async freeBytes(instance: string, now: Date): Promise<number | undefined> {
    try {
      const { Datapoints: points = [] } = await this.client.send(
        new GetMetricStatisticsCommand({
          Namespace: "AWS/RDS",
          MetricName: "FreeStorageSpace",
          Dimensions: [{ Name: "DBInstanceIdentifier", Value: instance }],
          StartTime: new Date(now.getTime() - LOOK_BACK_MS),
          EndTime: now,
          Period: PERIOD_SECONDS,
          Statistics: ["Minimum"],
        }),
      );
      // In no order, says its documentation.
      const newest = points.toSorted((a, b) => (b.Timestamp?.getTime() ?? 0) - (a.Timestamp?.getTime() ?? 0))[0];
      return newest?.Minimum;
    } catch (error) {
      throw new ServiceFailure(
        "StorageReadingUnavailable",
        `CloudWatch does not say for now how much storage of the database instance ${instance} is free ` +
          `(${isError(error) ? error.name : "no reason given"}): look again in a minute.`,
        true,
        { cause: error },
      );
    }
  }
}
