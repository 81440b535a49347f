/** RDS: how an environment's database instance is. It only looks; a user is shown the answer, nothing depends on it. */
import { DescribeDBInstancesCommand, RDSClient, type DBInstance } from "@aws-sdk/client-rds";
import { smallRequests, type AwsOptions } from "./aws-options";
import { ServiceFailure, type DatabaseStatus, type DatabaseStatuses } from "./collaborators";
import { isError } from "./is-error";

const GIBIBYTE = 1024 ** 3;
/** RDS knows no such instance, or this role may not ask about it: the registration may name none of RDS's. */
const NO_ANSWER: ReadonlySet<string> = new Set([
  "DBInstanceNotFoundFault",
  "DBInstanceNotFound",
  "AccessDenied",
  "AccessDeniedException",
]);

export class RdsDatabases implements DatabaseStatuses {
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
      const name = isError(error) ? error.name : "no reason given";
      if (NO_ANSWER.has(name)) return undefined;
      throw new ServiceFailure(
        "DatabaseStatusUnavailable",
        `RDS does not say for now how the database instance ${instance} is (${name}): look again in a minute.`,
        true,
        { cause: error },
      );
    }
  }
}

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
    backupWindow: instance.PreferredBackupWindow ?? "",
  };
};
