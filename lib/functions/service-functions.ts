/** All functions of a region, with the settings that every one of them reads. */
import type { Construct } from "constructs";
import { API_SETTINGS_VARIABLE } from "../../lambda/api/contract";
import { STORAGE_ORIGIN_VARIABLE } from "../../lambda/console/contract";
import { type DrillSettings, DRILLS_VARIABLE } from "../../lambda/drill/contract";
import { WINDOW_VARIABLE, type WindowRow } from "../../lambda/nightly-window/contract";
import { PLACES_VARIABLE } from "../../lambda/places/contract";
import { formerReplicasText } from "../../lambda/storage/replicas";
import type { SettingsVariables } from "../../lambda/runtime/settings";
import { apiSettingsVariable } from "../api/api-settings";
import type { Bundle } from "../assets/bundle";
import { placesOf } from "../config/check-concurrency";
import { FUNCTION_NAMES, type FunctionName } from "../names";
import { replicaKind, replicaPlaces } from "../regions/replica-places";
import type { ServiceRegion } from "../service-region";
import { ServiceFunction } from "./service-function";

export type ServiceFunctions = Readonly<Record<FunctionName, ServiceFunction>>;

/** The named functions, as every one of them is made. */
export const createSome = <Name extends FunctionName>(
  scope: Construct,
  region: ServiceRegion,
  bundle: Bundle,
  settings: SettingsVariables,
  names: readonly Name[],
): Readonly<Record<Name, ServiceFunction>> => {
  const created = names.map(
    (name) =>
      [name, new ServiceFunction(scope, name, { region, name, bundle, settings: settingsOf(name, settings) })] as const,
  );
  return Object.fromEntries(created) as Record<Name, ServiceFunction>;
};

export const createFunctions = (
  scope: Construct,
  region: ServiceRegion,
  bundle: Bundle,
  settings: SettingsVariables,
): ServiceFunctions => {
  const functions = createSome(scope, region, bundle, settings, FUNCTION_NAMES);
  const { row } = region;
  const window: WindowRow = { region: row.region, startUtc: row.startUtc, durationMinutes: row.durationMinutes };
  for (const name of ["nightly-window", "gauges"] as const)
    functions[name].function.addEnvironment(WINDOW_VARIABLE, JSON.stringify(window));
  const { slowHours, slowFactor, leastSamples } = region.stage.drills;
  const drills: DrillSettings = { window, slowSeconds: slowHours * 3600, slowFactor, leastSamples };
  functions["instance-swap"].function.addEnvironment(
    "RESTORE_ROLE_ARN" satisfies keyof SettingsVariables,
    region.names.roleArn(region.names.restoreRole()),
  );
  functions.drill.function.addEnvironment(DRILLS_VARIABLE, JSON.stringify(drills));
  functions["backup-plan"].function.addEnvironment(PLACES_VARIABLE, String(placesOf(region.stage.concurrency)));
  functions.api.function.addEnvironment(API_SETTINGS_VARIABLE, apiSettingsVariable(region.stage));
  functions.api.function.addEnvironment(
    "DOWNLOAD_ROLE_ARN" satisfies keyof SettingsVariables,
    region.names.roleArn(region.names.downloadRole()),
  );
  functions.console.function.addEnvironment(STORAGE_ORIGIN_VARIABLE, storageOrigin(region));
  return functions;
};

/** As the API's presigned addresses begin. */
const storageOrigin = ({ names, row }: ServiceRegion): string =>
  `https://${names.bucket("transfer")}.s3.${row.region}.amazonaws.com`;

/** The console function hands out files that anybody may have: all it is told is where uploads go. */
const settingsOf = (name: FunctionName, settings: SettingsVariables): Partial<SettingsVariables> =>
  name === "console" ? {} : settings;

const formerReplicas = ({ names, row }: Pick<ServiceRegion, "names" | "row">): { FORMER_REPLICAS?: string } => {
  const former = replicaPlaces(row).filter(({ isCurrent }) => !isCurrent);
  if (former.length === 0) return {};
  const text = formerReplicasText(
    former.map(({ place, kind }) => ({ region: place.region, bucket: names.bucket(kind) })),
  );
  return { FORMER_REPLICAS: text };
};

/** Everything is known by name, so that functions and workflows need not wait for one another. */
export const settingsVariables = ({ names, row, stage, recovered }: ServiceRegion, alarmTopicArn: string) =>
  ({
    SERVICE_PREFIX: stage.prefix,
    REGION: row.region,
    ...(recovered === undefined ? {} : { RECOVERED_REGION: recovered.region }),
    CATALOG_TABLE: names.table(),
    PRIMARY_BUCKET: names.bucket(recovered === undefined ? "primary" : "records"),
    TRANSFER_BUCKET: names.bucket("transfer"),
    REPLICA_BUCKET: names.bucket(replicaKind(row)),
    REPLICA_REGION: row.replication.region,
    ...formerReplicas({ names, row }),
    PRIMARY_VAULT: names.vault("primary"),
    REPLICA_VAULT: names.vault("replica"),
    BACKUP_ROLE_ARN: names.roleArn(names.backupRole()),
    RESOURCE_TAG: `${stage.resourceTag.key}=${stage.resourceTag.value}`,
    LOCK_MODE: stage.lockMode === "compliance" ? "COMPLIANCE" : "GOVERNANCE",
    ALARM_TOPIC_ARN: alarmTopicArn,
    BACKUP_STATE_MACHINE_ARN: names.stateMachineArn("backup"),
    REPLICATION_CHECK_STATE_MACHINE_ARN: names.stateMachineArn("replication-check"),
    RESTORE_STATE_MACHINE_ARN: names.stateMachineArn("restore"),
    DRILL_STATE_MACHINE_ARN: names.stateMachineArn("drill"),
    ARCHIVE_STATE_MACHINE_ARN: names.stateMachineArn("archive"),
    UPLOAD_STATE_MACHINE_ARN: names.stateMachineArn("upload"),
    DELETION_STATE_MACHINE_ARN: names.stateMachineArn("deletion"),
    KEEP_STATE_MACHINE_ARN: names.stateMachineArn("keep"),
    REPLICATION_DEFAULT: stage.replicationDefault,
    PROBE_STATE_MACHINE_ARN: names.stateMachineArn("probe"),
    CLUSTER_ARN: names.clusterArn(),
  }) satisfies SettingsVariables;
