/** The restore workflow's Lambda function: one step a call; all progress stands in the restore item. */
import { createHandler } from "../runtime/create-handler";
import type { Collaborators, DatabaseStatuses, StorageReadings } from "../runtime/collaborators";
import { RdsDatabases } from "../runtime/databases-client";
import { CloudWatchStorageReadings } from "../runtime/storage-readings-client";
import { begin } from "./begin";
import { restoreInput, type RestoreInput, type RestoreOutput } from "./contract";
import { fail } from "./fail";
import { finish } from "./finish";
import { plan } from "./plan";
import { planRemoval } from "./plan-removal";
import { putFiles } from "./put-files";
import { undoFiles } from "./undo-files";

type StepCollaborators = Collaborators & {
  readonly databases?: DatabaseStatuses;
  readonly storageReadings?: StorageReadings;
};

export const restoreStep = (input: RestoreInput, collaborators: StepCollaborators): Promise<RestoreOutput> => {
  if (input.step === "fail") return fail(input, collaborators);
  return steps[input.step](input, collaborators);
};

const steps = { begin, plan, files: putFiles, "plan-removal": planRemoval, finish, "undo-files": undoFiles };

let rds: { readonly databases: DatabaseStatuses; readonly storageReadings: StorageReadings } | undefined;

export const handler = createHandler(restoreInput, (input, collaborators) => {
  const region = collaborators.settings.REGION;
  rds ??= {
    databases: new RdsDatabases({ region }),
    storageReadings: new CloudWatchStorageReadings({ region }),
  };
  return restoreStep(input, { ...collaborators, ...rds });
});
