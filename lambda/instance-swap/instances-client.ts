/** RDS, for restores that swap instances. Its exceptions become answers, or ServiceFailures that keep them as `cause`. */
import {
  AddTagsToResourceCommand,
  DeleteDBInstanceCommand,
  DescribeAccountAttributesCommand,
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  RDSClient,
  RemoveTagsFromResourceCommand,
  type AccountQuota,
  type DBInstance,
  type ModifyDBInstanceCommandInput,
  type RDSClientConfig,
} from "@aws-sdk/client-rds";
import { smallRequests, type AwsOptions } from "../runtime/aws-options";
import { ServiceFailure } from "../runtime/collaborators";
import { isError } from "../runtime/is-error";
import type {
  InstanceAnswer,
  InstanceBonds,
  InstanceChange,
  InstanceFacts,
  InstanceQuotas,
  Instances,
  InstanceSettings,
  Quota,
} from "./instances";

export class RdsInstances implements Instances {
  private readonly client: RDSClient;
  /** `requestHandler` stands in for the network. */
  constructor(options: AwsOptions, requestHandler?: RDSClientConfig["requestHandler"]) {
    this.client = new RDSClient({
      ...smallRequests(options),
      ...(requestHandler === undefined ? {} : { requestHandler }),
    });
  }

  async describe(name: string): Promise<InstanceFacts | undefined> {
    try {
      const { DBInstances } = await this.client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: name }));
      const found = DBInstances?.[0];
      return found === undefined ? undefined : factsOf(found);
    } catch (error) {
      if (codeOf(error) === "DBInstanceNotFound") return undefined;
      throw failureOf(`Looking at the database instance ${name}`, error);
    }
  }

  rename(name: string, newName: string): Promise<InstanceAnswer> {
    return this.modify(`Renaming the database instance ${name} to ${newName}`, {
      DBInstanceIdentifier: name,
      NewDBInstanceIdentifier: newName,
    });
  }

  change(name: string, change: InstanceChange): Promise<InstanceAnswer> {
    return this.modify(`Changing the database instance ${name}`, {
      DBInstanceIdentifier: name,
      MasterUserPassword: change.masterPassword,
      DeletionProtection: change.deletionProtection,
      BackupRetentionPeriod: change.backupRetentionDays,
      PreferredBackupWindow: change.backupWindow,
      PreferredMaintenanceWindow: change.maintenanceWindow,
      MaxAllocatedStorage: change.maximumGiB,
      CACertificateIdentifier: change.certificateAuthority,
      EnablePerformanceInsights: change.performanceInsights,
    });
  }

  addTags(arn: string, tags: Readonly<Record<string, string>>): Promise<InstanceAnswer> {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    return answered(`Tagging ${arn}`, () =>
      this.client.send(new AddTagsToResourceCommand({ ResourceName: arn, Tags })),
    );
  }

  removeTags(arn: string, keys: readonly string[]): Promise<InstanceAnswer> {
    return answered(`Taking tags off ${arn}`, () =>
      this.client.send(new RemoveTagsFromResourceCommand({ ResourceName: arn, TagKeys: [...keys] })),
    );
  }

  async delete(name: string): Promise<InstanceAnswer> {
    return answered(`Deleting the database instance ${name}`, () =>
      this.client.send(
        new DeleteDBInstanceCommand({
          DBInstanceIdentifier: name,
          SkipFinalSnapshot: true,
          DeleteAutomatedBackups: false,
        }),
      ),
    );
  }

  async quotas(): Promise<InstanceQuotas> {
    try {
      const { AccountQuotas = [] } = await this.client.send(new DescribeAccountAttributesCommand({}));
      return {
        instances: quotaOf(AccountQuotas, "DBInstances"),
        storageGiB: quotaOf(AccountQuotas, "AllocatedStorage"),
      };
    } catch (error) {
      throw failureOf("Looking at the quotas of Amazon RDS", error);
    }
  }

  private modify(action: string, input: ModifyDBInstanceCommandInput): Promise<InstanceAnswer> {
    return answered(action, () => this.client.send(new ModifyDBInstanceCommand({ ...input, ApplyImmediately: true })));
  }
}

const ANSWERS: Readonly<Record<string, InstanceAnswer>> = {
  DBInstanceNotFound: "gone",
  InvalidDBInstanceState: "busy",
  DBInstanceAlreadyExists: "taken",
};
const answered = async (action: string, send: () => Promise<unknown>): Promise<InstanceAnswer> => {
  try {
    await send();
    return "asked";
  } catch (error) {
    const answer = ANSWERS[codeOf(error)];
    if (answer !== undefined) return answer;
    throw failureOf(action, error);
  }
};

/** RDS's codes with and without the word that the SDK's exceptions end in. */
const codeOf = (error: unknown): string => (isError(error) ? error.name.replace(/Fault$/, "") : "no reason given");

const REFUSALS = new Set(["AccessDenied", "AccessDeniedException", "KMSKeyNotAccessible"]);
const UNAVAILABLE = /Throttl|TooManyRequests|RequestLimit|InternalFailure|ServiceUnavailable|Timeout|ECONN|socket/i;

/** Never with the request: it may hold a password. */
const failureOf = (action: string, error: unknown): ServiceFailure => {
  const code = codeOf(error);
  const message = (isError(error) ? error.message : String(error)).replace(/\.$/, "");
  if (REFUSALS.has(code))
    return new ServiceFailure(
      "InstancesRefused",
      `${action} was refused (${message}): check the permissions of the service's function for restoring instances, and the instance's tags.`,
      false,
      { cause: error },
    );
  const isUnavailable = UNAVAILABLE.test(`${code} ${message}`);
  return new ServiceFailure(
    isUnavailable ? "InstancesUnavailable" : "InstanceRequestRefused",
    isUnavailable
      ? `${action}: Amazon RDS gives no answer for now (${code}); it is tried again.`
      : `${action} was refused by Amazon RDS: ${message} (${code}).`,
    isUnavailable,
    { cause: error },
  );
};

const quotaOf = (quotas: readonly AccountQuota[], name: string): Quota | null => {
  const found = quotas.find(({ AccountQuotaName }) => AccountQuotaName === name);
  return found?.Used === undefined || found.Max === undefined ? null : { used: found.Used, most: found.Max };
};

const factsOf = (found: DBInstance): InstanceFacts => {
  const pending = Object.entries(found.PendingModifiedValues ?? {}).filter(([, value]) => value !== undefined);
  const { Endpoint } = found;
  return {
    name: found.DBInstanceIdentifier ?? "",
    arn: found.DBInstanceArn ?? "",
    resourceId: found.DbiResourceId ?? "",
    status: found.DBInstanceStatus ?? "unknown",
    pendingName: found.PendingModifiedValues?.DBInstanceIdentifier ?? null,
    isPending: pending.length > 0,
    endpoint:
      Endpoint?.Address === undefined || Endpoint.Port === undefined
        ? null
        : { host: Endpoint.Address, port: Endpoint.Port },
    engineVersion: found.EngineVersion ?? "",
    masterUsername: found.MasterUsername ?? "",
    settings: settingsOf(found),
    bonds: bondsOf(found),
  };
};

const settingsOf = (found: DBInstance): InstanceSettings => ({
  instanceClass: found.DBInstanceClass ?? "",
  allocatedGiB: found.AllocatedStorage ?? 0,
  maximumGiB: found.MaxAllocatedStorage ?? null,
  storageType: found.StorageType ?? "",
  iops: found.Iops ?? null,
  multiAz: found.MultiAZ ?? false,
  port: found.Endpoint?.Port ?? found.DbInstancePort ?? 5432,
  publiclyAccessible: found.PubliclyAccessible ?? false,
  subnetGroup: found.DBSubnetGroup?.DBSubnetGroupName ?? "",
  securityGroups: (found.VpcSecurityGroups ?? []).flatMap(({ VpcSecurityGroupId: id }) => id ?? []),
  parameterGroup: found.DBParameterGroups?.[0]?.DBParameterGroupName ?? "",
  optionGroup: found.OptionGroupMemberships?.[0]?.OptionGroupName ?? "",
  iamAuthentication: found.IAMDatabaseAuthenticationEnabled ?? false,
  copyTagsToSnapshot: found.CopyTagsToSnapshot ?? false,
  autoMinorVersionUpgrade: found.AutoMinorVersionUpgrade ?? false,
  deletionProtection: found.DeletionProtection ?? false,
  backupRetentionDays: found.BackupRetentionPeriod ?? 0,
  backupWindow: found.PreferredBackupWindow ?? "",
  maintenanceWindow: found.PreferredMaintenanceWindow ?? "",
  certificateAuthority: found.CACertificateIdentifier ?? "",
  performanceInsights: found.PerformanceInsightsEnabled ?? false,
  tags: Object.fromEntries((found.TagList ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
});

const bondsOf = (found: DBInstance): InstanceBonds => ({
  cluster: found.DBClusterIdentifier ?? null,
  replicaOf: found.ReadReplicaSourceDBInstanceIdentifier ?? null,
  replicas: found.ReadReplicaDBInstanceIdentifiers ?? [],
  managedPassword: found.MasterUserSecret !== undefined,
  roles: (found.AssociatedRoles ?? []).flatMap(({ RoleArn }) => RoleArn ?? []),
  monitoringSeconds: found.MonitoringInterval ?? 0,
  subnetGroupStatus: found.DBSubnetGroup?.SubnetGroupStatus ?? "",
});
