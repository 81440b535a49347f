/** Who gets permissions, and on what. */
import type { Catalog } from "../catalog";
import type { DatabaseTask } from "../database-task";
import type { ServiceFunctions } from "../functions/service-functions";
import type { AlarmTopic } from "../monitoring/alarm-topic";
import type { ServiceRegion } from "../service-region";
import type { SnapshotAccess } from "../storage/snapshot-access";
import type { TransferAccess } from "../storage/transfer-access";

export interface ServiceGrants {
  readonly region: ServiceRegion;
  readonly functions: ServiceFunctions;
  readonly task: DatabaseTask;
  readonly catalog: Catalog;
  readonly primary: SnapshotAccess;
  readonly replica: SnapshotAccess;
  readonly transfer: TransferAccess;
  readonly alarms: AlarmTopic;
}
