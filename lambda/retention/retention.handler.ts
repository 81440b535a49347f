/** Retention's function: selects environments with something to do, and expires one of them. */
import type { Collaborators } from "../runtime/collaborators";
import { createHandler } from "../runtime/create-handler";
import { retentionInput, type ExpireOutput, type RetentionInput, type SelectOutput } from "./contract";
import { expireEnvironment } from "./expire";
import { selectEnvironments } from "./select";

const step = (input: RetentionInput, collaborators: Collaborators): Promise<SelectOutput | ExpireOutput> =>
  input.step === "select" ? selectEnvironments(collaborators) : expireEnvironment(input, collaborators);

export const handler = createHandler(retentionInput, step);
