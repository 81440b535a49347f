/**
 * Locks, manifest, catalog. Whoever finds a seal that was interrupted completes it: besides Seal that is Fail,
 * retention and deletion.
 */
import type { Grantee } from "./allow";
import { RecoveryPointAccess } from "./recovery-points";
import type { ServiceGrants } from "./service-grants";

export const grantCommit = (committer: Grantee, { region, catalog, primary }: ServiceGrants): void => {
  catalog.grant(committer, "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem");
  primary.grantRead(committer);
  primary.grantCommit(committer);
  new RecoveryPointAccess(region).grantDescribe(committer);
};
