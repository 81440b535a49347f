/** What a restore's plan can say, by code: docs/warnings.md explains each, and has to. Pure. */
import type { Finding } from "../catalog/items";
import type { SnapshotWarningCode } from "../snapshot/warnings";

/** Each stops the restore. */
export const PLAN_REFUSALS = [
  "CannotCreateDatabase",
  "DatabaseNameDiffers",
  "EngineVersionDiffers",
  "ExtensionsUnavailable",
  "FileConflict",
  "FileKeyTooLong",
  "InstanceBound",
  "InstanceMissing",
  "InstanceNameTaken",
  "InstanceNotAvailable",
  "InstanceQuotaExceeded",
  "InstanceShared",
  "NotEnoughSpace",
  "NotMemberOfOwner",
  "PasswordManagedByRds",
  "RolesMissing",
  "ServerOlder",
  "SessionsPresent",
  "SnapshotDamaged",
  "StorageQuotaExceeded",
  "SubnetGroupUnusable",
  "TargetInOtherRegion",
  "TargetOfOtherApp",
  "TargetRunning",
  "ToolsOlder",
] as const;

/** Each is to be acknowledged. Warnings of the snapshot that the plan repeats stand in `snapshot/warnings.ts`. */
export const PLAN_WARNINGS = [
  "AddressNotOfInstance",
  "DatabaseCustomised",
  "DatabaseNotExamined",
  "EncodingDiffers",
  "ExtensionsBeyondDefault",
  "FilesAroundRecoveryPoint",
  "FilesFromListing",
  "FilesMissing",
  "InstanceChanging",
  "InstanceSwap",
  "ModelVersionNewer",
  "ModelVersionOlder",
  "NotTakenOver",
  "StorageMustGrow",
  "WholeInstance",
] as const;

export interface PlanFinding extends Finding {
  readonly code: (typeof PLAN_REFUSALS)[number] | (typeof PLAN_WARNINGS)[number] | SnapshotWarningCode;
}
