/**
 * A shard has failed for good: its reason goes into the attempt, where Fail finds it, because all that a Distributed Map
 * says of a failed item is that one too many has failed. The first one stands: the others are stopped for it.
 */
import type { Collaborators } from "../runtime/collaborators";
import type { FailInput, PackFilesInput, PackFilesOutput } from "./contract";
import { failureReason } from "./failure-reason";

export async function noteShardFailure(
  { attempt: { attemptId }, error }: PackFilesInput & Pick<FailInput, "error">,
  { catalog }: Pick<Collaborators, "catalog">,
): Promise<PackFilesOutput> {
  const attempt = await catalog.getAttempt(attemptId);
  // A task that has failed has left its own sentence.
  if (attempt !== undefined && attempt.failure === null) {
    const { message } = failureReason(error, attempt.failure);
    await catalog.updateAttempt(attemptId, { failure: { name: nameOf(error), message } });
  }
  return { outcome: "failed" };
}

const nameOf = ({ Error: name }: FailInput["error"]): string =>
  name === undefined || name === "" ? "PackingFailed" : name;
