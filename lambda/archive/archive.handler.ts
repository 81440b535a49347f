/** The archive workflow's Lambda function: one step a call. */
import type { Collaborators } from "../runtime/collaborators";
import { createHandler } from "../runtime/create-handler";
import { begin } from "./begin";
import { build } from "./build-archive";
import { archiveInput, type ArchiveInput, type ArchiveOutput } from "./contract";
import { fail } from "./fail";

export const archiveStep = (input: ArchiveInput, collaborators: Collaborators): Promise<ArchiveOutput> => {
  if (input.step === "fail") return fail(collaborators, input);
  return input.step === "begin" ? begin(collaborators, input) : build(collaborators, input);
};

export const handler = createHandler(archiveInput, archiveStep);
