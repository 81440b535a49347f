/** What the new instance takes over from the old one: at its restore, and by a change after it. Pure. */
import type { InstanceChange, InstanceSettings } from "./instances";
import { SWAP_MARK } from "./swap-mark";

/** Of AWS Backup's metadata, as `GetRecoveryPointRestoreMetadata` gives it: these are decided by the target alone. */
const NOT_TAKEN_OVER: ReadonlySet<string> = new Set([
  // A zone of its own contradicts Multi-AZ, and the subnet group decides.
  "AvailabilityZone",
  // RDS restores all databases of PostgreSQL and refuses a name.
  "DBName",
  "AllocatedStorage",
]);

/**
 * For StartRestoreJob. Without these RDS restores as Single-AZ, in the default subnet, security and parameter groups.
 * Deletion protection comes with the swap, so that an instance that is not needed after all can be deleted.
 */
export const restoreMetadata = (
  standing: Readonly<Record<string, string>>,
  beside: string,
  settings: InstanceSettings,
): Readonly<Record<string, string>> => {
  const chosen: Readonly<Record<string, string>> = {
    ...standing,
    DBInstanceIdentifier: beside,
    DBInstanceClass: settings.instanceClass,
    DBSubnetGroupName: settings.subnetGroup,
    VpcSecurityGroupIds: JSON.stringify(settings.securityGroups),
    DBParameterGroupName: settings.parameterGroup,
    OptionGroupName: settings.optionGroup,
    MultiAZ: String(settings.multiAz),
    Port: String(settings.port),
    PubliclyAccessible: String(settings.publiclyAccessible),
    StorageType: settings.storageType,
    Iops: iopsOf(settings),
    EnableIAMDatabaseAuthentication: String(settings.iamAuthentication),
    CopyTagsToSnapshot: String(settings.copyTagsToSnapshot),
    AutoMinorVersionUpgrade: String(settings.autoMinorVersionUpgrade),
    DeletionProtection: "false",
  };
  return Object.fromEntries(
    Object.entries(chosen).filter(([name, value]) => value !== "" && !NOT_TAKEN_OVER.has(name)),
  );
};

/** General purpose storage takes a number of its own only from 400 GiB on. */
const iopsOf = ({ storageType, iops, allocatedGiB }: InstanceSettings): string =>
  iops !== null && (storageType.startsWith("io") || allocatedGiB >= 400) ? String(iops) : "";

/** What a restore does not take over, whatever its metadata say. */
export const changeAfterRestore = (settings: InstanceSettings): InstanceChange => ({
  backupRetentionDays: settings.backupRetentionDays,
  performanceInsights: settings.performanceInsights,
  ...(settings.backupWindow === "" ? {} : { backupWindow: settings.backupWindow }),
  ...(settings.maintenanceWindow === "" ? {} : { maintenanceWindow: settings.maintenanceWindow }),
  ...(settings.maximumGiB === null ? {} : { maximumGiB: settings.maximumGiB }),
  ...(settings.certificateAuthority === "" ? {} : { certificateAuthority: settings.certificateAuthority }),
});

/** AWS's own tags can't be set, and which restore an instance is part of is its own. */
export const tagsToSet = ({ tags }: InstanceSettings): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(tags).filter(([name]) => !name.toLowerCase().startsWith("aws:") && name !== SWAP_MARK),
  );
