/** RDS: how database instances are, one by one or all of a region. It only looks. */
import {
  DescribeDBInstancesCommand,
  RDSClient,
  type DBInstance,
  type DescribeDBInstancesCommandOutput,
} from "@aws-sdk/client-rds";
import { smallRequests, type AwsOptions } from "./aws-options";
import { ServiceFailure, type DatabaseListing, type DatabaseStatus, type DatabaseStatuses } from "./collaborators";
import { isError } from "./is-error";

/** RDS's own limit. */
const PAGE = 100;
const GIBIBYTE = 1024 ** 3;
/** RDS knows no such instance, or this role may not ask about it: the registration may name none of RDS's. */
const NO_ANSWER: ReadonlySet<string> = new Set([
  "DBInstanceNotFoundFault",
  "DBInstanceNotFound",
  "AccessDenied",
  "AccessDeniedException",
]);

export class RdsDatabases implements DatabaseStatuses, DatabaseListing {
  private readonly client: RDSClient;
  constructor(options: AwsOptions) {
    this.client = new RDSClient(smallRequests(options));
  }

  async statusOf(instance: string): Promise<DatabaseStatus | undefined> {
    try {
      const answer = await this.client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: instance }));
      const found = answer.DBInstances?.[0];
      return found === undefined ? undefined : statusFrom(found);
    } catch (error) {
      if (NO_ANSWER.has(nameOf(error))) return undefined;
      throw silent(`the database instance ${instance} is`, error);
    }
  }

  async *list(): AsyncGenerator<{ readonly instance: string; readonly status: DatabaseStatus }> {
    let marker: string | undefined;
    do {
      const page = await this.page(marker);
      for (const found of page.DBInstances ?? [])
        if (found.DBInstanceIdentifier !== undefined)
          yield { instance: found.DBInstanceIdentifier, status: statusFrom(found) };
      marker = page.Marker === "" ? undefined : page.Marker;
    } while (marker !== undefined);
  }

  private async page(marker: string | undefined): Promise<DescribeDBInstancesCommandOutput> {
    try {
      return await this.client.send(
        new DescribeDBInstancesCommand({ MaxRecords: PAGE, ...(marker === undefined ? {} : { Marker: marker }) }),
      );
    } catch (error) {
      throw silent("the region's database instances are", error);
    }
  }
}

const nameOf = (error: unknown): string => (isError(error) ? error.name : "no reason given");
const silent = (what: string, error: unknown): ServiceFailure =>
  new ServiceFailure(
    "DatabaseStatusUnavailable",
    `RDS does not say for now how ${what} (${nameOf(error)}): look again in a minute.`,
    true,
    { cause: error },
  );

const statusFrom = (instance: DBInstance): DatabaseStatus => {
  const maximum = instance.MaxAllocatedStorage;
  return {
    status: instance.DBInstanceStatus ?? "unknown",
    engineVersion: instance.EngineVersion ?? "",
    allocatedBytes: (instance.AllocatedStorage ?? 0) * GIBIBYTE,
    ...(maximum === undefined ? {} : { maximumBytes: maximum * GIBIBYTE }),
    instanceClass: instance.DBInstanceClass ?? "",
    multiAz: instance.MultiAZ ?? false,
    maintenanceWindow: instance.PreferredMaintenanceWindow ?? "",
    // It keeps the window's time when its own backups are switched off.
    backupWindow: instance.BackupRetentionPeriod === 0 ? "" : (instance.PreferredBackupWindow ?? ""),
  };
};
