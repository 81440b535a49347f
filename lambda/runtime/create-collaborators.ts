/** An entry point's collaborators: the real clients, clock and randomness. Settings are read once, here. */
import { randomBytes } from "node:crypto";
import { createDocumentClient, DynamoDbTable } from "../catalog/dynamodb-table-client";
import { TellingCatalog } from "../catalog/telling-catalog";
import { EmfMetrics } from "../observability/emf-metrics";
import { RdsInstances } from "../instance-swap/instances-client";
import { AwsBackup } from "../recovery-point/backup-client";
import { createS3Client } from "../storage/s3-connection-client";
import { S3Store } from "../storage/s3-store-client";
import { formerReplicasIn } from "../storage/replicas";
import type { Collaborators } from "./collaborators";
import { EventBridgeEvents } from "./events-client";
import { createLogger } from "./logger";
import { SnsNotifier } from "./notifier-client";
import { SecretsManagerSecrets } from "./secrets-client";
import { readSettings } from "./settings";
import { EcsTasks } from "./tasks-client";
import { StepFunctionsWorkflows } from "./workflows-client";

/** All but the time that is left, which each invocation has for itself. */
export type LastingCollaborators = Omit<Collaborators, "remainingMs"> & {
  /** What is logged and measured from now on belongs to this snapshot, restore, archive, upload or night. */
  readonly correlate: (correlationId: string | undefined) => void;
};

/**
 * Endpoints other than AWS's own come from the SDK's standard variables (`AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_S3`);
 * only S3 has to know them here, because keys then go in the path. Throws when a setting is missing.
 */
export const createCollaborators = (
  serviceName: string,
  variables: NodeJS.ProcessEnv = process.env,
): LastingCollaborators => {
  const settings = readSettings(variables);
  const region = settings.REGION;
  const endpoint = variables["AWS_ENDPOINT_URL_S3"] || variables["AWS_ENDPOINT_URL"];
  const store = (at: string): S3Store => new S3Store(createS3Client({ region: at, ...(endpoint ? { endpoint } : {}) }));
  const clock = { now: () => new Date() };
  const log = createLogger(serviceName);
  const observed = { prefix: settings.SERVICE_PREFIX, region, clock, log };
  const metrics = new EmfMetrics(observed);
  const events = new EventBridgeEvents({ ...observed, metrics });
  return {
    settings,
    catalog: new TellingCatalog(
      new DynamoDbTable(createDocumentClient({ region }), settings.CATALOG_TABLE),
      events,
      clock,
    ),
    store: store(region),
    replicaStore: store(settings.REPLICA_REGION),
    formerReplicas: formerReplicasIn(settings.FORMER_REPLICAS).map((one) => ({ ...one, store: store(one.region) })),
    recoveryPoints: new AwsBackup({ region }),
    replicaRecoveryPoints: new AwsBackup({ region: settings.REPLICA_REGION }),
    instances: new RdsInstances({ region }),
    workflows: new StepFunctionsWorkflows(clock, { region }),
    tasks: new EcsTasks(settings.CLUSTER_ARN, clock, { region }),
    notifier: new SnsNotifier(settings.ALARM_TOPIC_ARN, { region }),
    secrets: new SecretsManagerSecrets({ region }),
    clock,
    random: (bytes) => randomBytes(bytes),
    log,
    metrics,
    events,
    correlate: (id) => {
      for (const one of [log, metrics]) one.correlate(id);
    },
  };
};
