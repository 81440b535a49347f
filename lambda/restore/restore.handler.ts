/** The restore workflow's Lambda function: one step a call; all progress stands in the restore item. */
import { createHandler } from "../runtime/create-handler";
import type { Collaborators } from "../runtime/collaborators";
import { begin } from "./begin";
import { restoreInput, type RestoreInput, type RestoreOutput } from "./contract";
import { fail } from "./fail";
import { finish } from "./finish";
import { plan } from "./plan";
import { planRemoval } from "./plan-removal";
import { putFiles } from "./put-files";
import { undoFiles } from "./undo-files";

export const restoreStep = (input: RestoreInput, collaborators: Collaborators): Promise<RestoreOutput> => {
  if (input.step === "fail") return fail(collaborators, input);
  return steps[input.step](collaborators, input);
};

const steps = { begin, plan, files: putFiles, "plan-removal": planRemoval, finish, "undo-files": undoFiles };

export const handler = createHandler(restoreInput, restoreStep);
