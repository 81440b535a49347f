/** Every workflow of a region by its name; the state machine's name and the file's name follow from it. */
import type { WorkflowName } from "../names";
import type { Workflow } from "./asl";
import { archiveWorkflow } from "./archive-workflow";
import { backupWorkflow } from "./backup-workflow";
import { deletionWorkflow } from "./deletion-workflow";
import { drillWorkflow } from "./drill-workflow";
import { keepWorkflow } from "./keep-workflow";
import { nightlyWindowWorkflow } from "./nightly-window-workflow";
import { probeWorkflow } from "./probe-workflow";
import { replicationCheckWorkflow } from "./replication-check-workflow";
import { restoreWorkflow } from "./restore-workflow";
import { retentionWorkflow } from "./retention-workflow";
import { uploadWorkflow } from "./upload-workflow";

export const WORKFLOWS = {
  "nightly-window": nightlyWindowWorkflow,
  backup: backupWorkflow,
  "replication-check": replicationCheckWorkflow,
  retention: retentionWorkflow,
  deletion: deletionWorkflow,
  keep: keepWorkflow,
  restore: restoreWorkflow,
  drill: drillWorkflow,
  archive: archiveWorkflow,
  upload: uploadWorkflow,
  probe: probeWorkflow,
} as const satisfies Record<WorkflowName, () => Workflow>;
