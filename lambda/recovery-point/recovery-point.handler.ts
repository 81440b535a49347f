/** Lambda entry point: the recovery point of the backup workflow, and its copy. */
import { createHandler } from "../runtime/create-handler";
import { recoveryPointInput, type RecoveryPointInput, type RecoveryPointOutput } from "./contract";
import { copyRecoveryPoint } from "./copy-recovery-point";
import { takeRecoveryPoint, type TakeCollaborators } from "./take-recovery-point";

const step = (input: RecoveryPointInput, collaborators: TakeCollaborators): Promise<RecoveryPointOutput> =>
  input.step === "point"
    ? takeRecoveryPoint(input.attempt, collaborators)
    : copyRecoveryPoint(input.attempt, collaborators);

export const handler = createHandler(recoveryPointInput, step);
