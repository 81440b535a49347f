/** What a restore's plan can say, by code: docs/warnings.md explains each, and has to. Pure. */
import type { Finding } from "../catalog/items";
import type { SnapshotWarningCode } from "../snapshot/warnings";

/** Each stops the restore. */
export const PLAN_REFUSALS = [
  "CannotCreateDatabase",
  "ConnectionLimitLow",
  "DatabaseNameDiffers",
  "EngineVersionDiffers",
  "ExtensionsUnavailable",
  "FileKeyTooLong",
  "InstanceBound",
  "InstanceMissing",
  "InstanceNameTaken",
  "InstanceNotAvailable",
  "InstanceNotTagged",
  "InstanceQuotaExceeded",
  "InstanceShared",
  "NotEnoughSpace",
  "NotMemberOfOwner",
  "PasswordManagedByRds",
  "PreparedTransactions",
  "ReplicationActive",
  "RolesMissing",
  "ServerIsReplica",
  "ServerOlder",
  "SessionsPresent",
  "SettingForbidden",
  "SnapshotDamaged",
  "StorageQuotaExceeded",
  "SubnetGroupUnusable",
  "SubscriptionsEnabled",
  "SubscriptionsOfOthers",
  "TablespaceForbidden",
  "TargetInOtherRegion",
  "TargetOfOtherApp",
  "TargetRunning",
  "ToolsOlder",
  "ToolsNewer",
  "WorkersPresent",
] as const;

/** Each is to be acknowledged. Warnings of the snapshot that the plan repeats stand in `snapshot/warnings.ts`. */
export const PLAN_WARNINGS = [
  "AddressNotOfInstance",
  "CollationDiffers",
  "CollationVersionDiffers",
  "ConnectionsNearlyUsed",
  "DatabaseCustomised",
  "DatabaseNotExamined",
  "DatabasePropertiesDiffer",
  "EncodingDiffers",
  "ExtensionVersionsDiffer",
  "ExtensionsBeyondDefault",
  "FilesAroundRecoveryPoint",
  "FilesFromListing",
  "FilesMissing",
  "InstanceChanging",
  "InstanceSwap",
  "ModelVersionNewer",
  "ModelVersionOlder",
  "NotTakenOver",
  "OwnersOutOfReach",
  "PasswordEnds",
  "PrivilegesNotKept",
  "ReplicationSlotsGo",
  "RightsOfMissingRoles",
  "StorageMustGrow",
  "SubscriptionsGo",
  "SuperuserNeeded",
  "TablespacesMissing",
  "WholeInstance",
] as const;

export interface PlanFinding extends Finding {
  readonly code: (typeof PLAN_REFUSALS)[number] | (typeof PLAN_WARNINGS)[number] | SnapshotWarningCode;
}
