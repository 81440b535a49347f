/** An environment in a few lines for people; machines ask with --json. Pure. */
import type { EnvironmentItem } from "../../lambda/catalog/items";

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
    `model version  ${environment.modelVersion === "" ? "unknown" : environment.modelVersion}`,
    `replication    ${environment.replication}`,
    `database       ${database.name} at ${database.host}:${database.port}`,
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
