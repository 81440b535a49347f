/** Who may do what: every permission of the functions and of the database task, a file a feature. */
import { grantBackup } from "./grant-backup";
import { grantDrill } from "./grant-drill";
import { grantEvents } from "./grant-events";
import { grantKeeping } from "./grant-keeping";
import { grantPeople } from "./grant-people";
import { grantRestore } from "./grant-restore";
import { grantTask } from "./grant-task";
import type { ServiceGrants } from "./service-grants";

export const grantService = (grants: ServiceGrants): void => {
  grantBackup(grants);
  grantKeeping(grants);
  grantRestore(grants);
  grantDrill(grants);
  grantTask(grants);
  grantPeople(grants);
  grantEvents(grants);
};
