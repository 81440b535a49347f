/** Probes an environment from inside its own network. What is missing stands in the environment afterwards. */
import { runDatabaseTask, type Workflow } from "./asl";

/** Connecting, one object each way: minutes, launching included. */
const PROBE_SECONDS = 15 * 60;

export const probeWorkflow = (): Workflow => ({
  Comment: "Checks connection, server version, secret, bucket and key of an environment",
  StartAt: "Probe",
  TimeoutSeconds: 3600,
  States: {
    Probe: runDatabaseTask("States.Array('probe', $.environmentId)", "$.network", PROBE_SECONDS, { Next: "Done" }),
    Done: { Type: "Succeed" },
  },
});
