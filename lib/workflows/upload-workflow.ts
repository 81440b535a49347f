/**
 * Makes a snapshot from an uploaded archive: begin, unpack, seal. The task examines the whole upload before it writes
 * the first object, so a refused one leaves nothing behind; a failure after that leaves objects locked for two days at
 * most. One attempt: whoever uploaded it reads the reason and uploads again.
 */
import { catchAll, type Workflow } from "./asl";
import { databaseTask } from "./database-task";
import { snapshotStates } from "./snapshot-states";

/** The upload is read twice: about 400 GB at 20 MB/s. The transfer bucket keeps it for two days. */
const UNPACK_SECONDS = 12 * 3600;

export const uploadWorkflow = (): Workflow => ({
  Comment: "An uploaded archive becomes a snapshot",
  StartAt: "Queue",
  /** Queueing for a day, unpacking for half a day, rounded up. */
  TimeoutSeconds: 2 * 24 * 3600,
  States: {
    ...snapshotStates({
      first: "Unpack",
      making: databaseTask(
        "Unpack",
        {
          command:
            "States.Array('unpack', $.begun.attempt.environmentId, $.begun.attempt.snapshotId, $.begun.attempt.attemptId, $.uploadId)",
          networkPath: "$.begun.network",
          timeoutSeconds: UNPACK_SECONDS,
        },
        { Catch: catchAll("Fail"), Next: "Seal" },
      ),
      failure: "UploadFailed",
    }),
  },
});
