/** Retention and deletion: nearly the same, except that only deletion may go around a lock; and keeping longer. */
import { grantCommit } from "./grant-commit";
import { RecoveryPointAccess } from "./recovery-points";
import type { ServiceGrants } from "./service-grants";
import { WorkflowAccess } from "./workflow-access";

/** Keeping a snapshot longer: locks move forward, nothing is deleted. */
const grantKeep = ({ region, functions: { keep }, catalog, primary, replica }: ServiceGrants): void => {
  catalog.grant(keep, "GetItem", "PutItem", "UpdateItem", "DeleteItem");
  new WorkflowAccess(region).grantProveEnded(keep);
  for (const side of [primary, replica]) {
    side.grantRead(keep);
    side.grantExtendLocks(keep);
  }
  primary.grantWriteRecords(keep);
};

export const grantKeeping = (grants: ServiceGrants): void => {
  const { region, functions, catalog, primary, replica, transfer, alarms } = grants;
  const { retention, deletion } = functions;
  for (const keeper of [retention, deletion]) {
    grantCommit(keeper, grants);
    new RecoveryPointAccess(region).grantDelete(keeper);
    new WorkflowAccess(region).grantProveEnded(keeper);
    replica.grantRead(keeper);
    for (const side of [primary, replica]) side.grantDelete(keeper);
  }
  for (const side of [primary, replica]) side.grantSweepUploads(retention);
  transfer.grantSweep(retention);
  catalog.grantQueryType(retention);
  new WorkflowAccess(region).grantStart(retention, "restore", "replication-check");
  alarms.grantTell(retention);
  primary.grantWriteOutcomes(retention);
  primary.grantWriteRecords(deletion);
  for (const side of [primary, replica]) side.grantGovernanceBypass(deletion);
  grantKeep(grants);
};
