/**
 * RDS instances in one region, as far as a restore that swaps them needs it. Every request may be repeated: what it is
 * to bring about is looked at first, and an answer that was lost is found out by looking again. Nothing here waits.
 */

/** An instance as RDS describes it. Sizes are GiB, as RDS counts them. */
export interface InstanceFacts {
  readonly name: string;
  readonly arn: string;
  /** Stays with the instance for its life, whatever its name: what tells the old one from the new one. */
  readonly resourceId: string;
  readonly status: string;
  /** The name that it is about to have. */
  readonly pendingName: string | null;
  /** Something that was asked for is not in force yet. */
  readonly isPending: boolean;
  readonly endpoint: InstanceEndpoint | null;
  readonly engineVersion: string;
  readonly masterUsername: string;
  readonly settings: InstanceSettings;
  readonly bonds: InstanceBonds;
}
export interface InstanceEndpoint {
  readonly host: string;
  readonly port: number;
}
/** What the new instance takes over from the old one; a restore by itself chooses defaults for most of it. */
export interface InstanceSettings {
  readonly instanceClass: string;
  readonly allocatedGiB: number;
  readonly maximumGiB: number | null;
  readonly storageType: string;
  readonly iops: number | null;
  readonly multiAz: boolean;
  readonly port: number;
  readonly publiclyAccessible: boolean;
  readonly subnetGroup: string;
  readonly securityGroups: readonly string[];
  readonly parameterGroup: string;
  readonly optionGroup: string;
  readonly iamAuthentication: boolean;
  readonly copyTagsToSnapshot: boolean;
  readonly autoMinorVersionUpgrade: boolean;
  readonly deletionProtection: boolean;
  readonly backupRetentionDays: number;
  readonly backupWindow: string;
  readonly maintenanceWindow: string;
  readonly certificateAuthority: string;
  readonly performanceInsights: boolean;
  readonly tags: Readonly<Record<string, string>>;
}
/** What ties an instance to others, and can't move to another one. */
export interface InstanceBonds {
  readonly cluster: string | null;
  readonly replicaOf: string | null;
  readonly replicas: readonly string[];
  /** RDS itself keeps and rotates the master password. */
  readonly managedPassword: boolean;
  readonly roles: readonly string[];
  readonly monitoringSeconds: number;
  readonly subnetGroupStatus: string;
}

export interface InstanceChange {
  readonly masterPassword?: string;
  readonly deletionProtection?: boolean;
  readonly backupRetentionDays?: number;
  readonly backupWindow?: string;
  readonly maintenanceWindow?: string;
  readonly maximumGiB?: number;
  readonly certificateAuthority?: string;
  readonly performanceInsights?: boolean;
}
/** `busy`: its status does not allow it now; `gone`: there is no such instance; `taken`: the new name is in use. */
export type InstanceAnswer = "asked" | "busy" | "gone" | "taken";

/** Of the account in the region. */
export interface InstanceQuotas {
  readonly instances: Quota | null;
  readonly storageGiB: Quota | null;
}
export interface Quota {
  readonly used: number;
  readonly most: number;
}

/** Every method throws ServiceFailure: InstancesUnavailable (retryable: throttled, or no answer), InstancesRefused. */
export interface Instances {
  /** DescribeDBInstances; undefined where there is none of that name. */
  describe(name: string): Promise<InstanceFacts | undefined>;
  /** ModifyDBInstance with NewDBInstanceIdentifier, at once: RDS restarts the instance. */
  rename(name: string, newName: string): Promise<InstanceAnswer>;
  /** ModifyDBInstance, at once. */
  change(name: string, change: InstanceChange): Promise<InstanceAnswer>;
  addTags(arn: string, tags: Readonly<Record<string, string>>): Promise<InstanceAnswer>;
  removeTags(arn: string, keys: readonly string[]): Promise<InstanceAnswer>;
  /** DeleteDBInstance without a last snapshot; automated backups stay for their own retention. */
  delete(name: string): Promise<InstanceAnswer>;
  /** DescribeAccountAttributes. */
  quotas(): Promise<InstanceQuotas>;
}
