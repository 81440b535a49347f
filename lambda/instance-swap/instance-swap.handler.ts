/** Lambda entry point: the restore workflow's steps with database instances; all progress stands in the restore item. */
import type { Collaborators } from "../runtime/collaborators";
import { createHandler } from "../runtime/create-handler";
import { instanceInput, type InstanceInput, type InstanceOutput } from "./contract";
import { deleteReplaced } from "./delete-replaced";
import { restoreInstance } from "./restore-instance";
import { swapInstances } from "./swap-instances";
import { undoInstance } from "./undo-instance";

const steps = {
  restore: restoreInstance,
  swap: swapInstances,
  "delete-replaced": deleteReplaced,
  undo: undoInstance,
};

export const instanceStep = (input: InstanceInput, collaborators: Collaborators): Promise<InstanceOutput> =>
  steps[input.step](input, collaborators);

export const handler = createHandler(instanceInput, instanceStep);
