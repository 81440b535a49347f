/** An environment in a few lines for people; machines ask with --json. Pure. */
import type { EnvironmentItem } from "../../lambda/catalog/items";
import { modeOf } from "../../lambda/rules/look-ups";

export function describeEnvironment(environment: EnvironmentItem): readonly string[] {
  const { registration, probe } = environment;
  const { database, files } = registration;
  const begun =
    environment.firstStartedAt === null
      ? "not started yet, so no nightly backups"
      : `first started ${environment.firstStartedAt}`;
  return [
    `environment    ${environment.environmentId} of app ${registration.appId} in ${registration.region}`,
    `state          ${environment.running ? "running" : "stopped"}, ${begun}`,
    `mode           ${modeOf(registration)}${registration.url === undefined ? "" : `, used at ${registration.url}`}`,
    `model version  ${environment.modelVersion === "" ? "unknown" : environment.modelVersion}${registration.runtimeVersion === undefined ? "" : `, runtime ${registration.runtimeVersion}`}`,
    `replication    ${environment.replication}`,
    `database       ${database.name} at ${database.host}:${database.port}, by ${database.backup ?? "dump"}`,
    ...instanceOf(environment),
    `files          s3://${files.bucket}/${files.prefix} by ${files.source.kind}`,
    `last snapshot  ${environment.lastSnapshotId ?? "none"}`,
    ...(probe === null
      ? ["last probe     none; run one with: backups probe " + environment.environmentId]
      : [
          `last probe     ${probe.at}: ${probe.findings.length === 0 ? "nothing missing" : `${probe.findings.length} finding(s)`}`,
        ]),
    ...(probe?.findings ?? []).map((finding) => `  ${finding}`),
  ];
}

/** As RDS had it when the last night opened. */
const instanceOf = ({ registration, databaseInstance }: EnvironmentItem): readonly string[] => {
  const { instance } = registration.database;
  if (instance === null || databaseInstance === undefined) return [];
  if (databaseInstance === null)
    return [`server         ${instance}, which RDS did not know when the last night opened`];
  const { status, engineVersion, maintenanceWindow, backupWindow, since } = databaseInstance;
  const orNone = (window: string): string => (window === "" ? "none" : window);
  return [
    `server         ${instance}: ${status}, PostgreSQL ${engineVersion} (as nights have found it since ${since})`,
    `RDS windows    maintenance ${orNone(maintenanceWindow)}, automated backups ${orNone(backupWindow)} (UTC)`,
  ];
};
