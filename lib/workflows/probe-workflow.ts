/** Probes an environment from inside its own network. What is missing stands in the environment afterwards. */
import type { Workflow } from "./asl";
import { databaseTask } from "./database-task";
import { noRounds } from "./rounds";

/** Connecting, one object each way: minutes, launching included. */
const PROBE_SECONDS = 15 * 60;

export const probeWorkflow = (): Workflow => ({
  Comment: "Checks connection, server version, secret, bucket and key of an environment",
  StartAt: "Start",
  TimeoutSeconds: 3600,
  States: {
    Start: noRounds("Probe"),
    ...databaseTask(
      "Probe",
      {
        command: "States.Array('probe', $.environmentId)",
        networkPath: "$.network",
        timeoutSeconds: PROBE_SECONDS,
      },
      { Next: "Done" },
    ),
    Done: { Type: "Succeed" },
  },
});
