/**
 * `recovery rebuild`: fills the catalog of a lost region's recovery from the replica bucket alone. Every object of a
 * snapshot is looked at before the snapshot is offered. Safe to repeat: it only adds what is missing.
 */
import type { Command } from "commander";
import { readRegister, type RegisterEntry } from "../../lambda/catalog/environment-register";
import type { RebuildFinding, RebuildSource } from "../../lambda/catalog-rebuild/contract";
import { rebuildCatalog } from "../../lambda/catalog-rebuild/rebuild";
import { allPages } from "../../lambda/catalog/catalog";
import { addressOf, answer, commonOptions } from "./common-options";
import { CommandFailure, type OpenRecovery, type Surroundings } from "./surroundings";

export function addRecoveryCommands(program: Command, surroundings: Surroundings): void {
  const recovery = program.command("recovery").description("what is needed when a region is lost");
  recovery
    .command("rebuild")
    .description("fill the recovery's catalog from the replica bucket, and list what is lost by choice")
    .option("--read", "read every byte and compare its SHA-256, instead of asking S3 for sizes and checksums")
    .addHelpText("after", "\nExample: npx backups recovery rebuild --recovery eu-central-1 --stage production")
    .action(async (own: { read?: boolean }, command: Command) => {
      const options = commonOptions(command);
      if (options.recovery === undefined)
        throw new CommandFailure(2, ["Say which region is lost: --recovery, such as --recovery eu-central-1."]);
      const open = await surroundings.openRecovery(addressOf(options));
      const found = await rebuild(open, { check: own.read === true ? "read" : "head", now: surroundings.now() });
      answer(options, surroundings, { lost: open.lost, region: open.region, ...found }, sentences(open, found));
    });
}

export interface Rebuilt {
  readonly environments: readonly {
    readonly environmentId: string;
    readonly snapshots: number;
    readonly newest: string | null;
  }[];
  readonly findings: readonly RebuildFinding[];
  /** Registered with replication off: nothing of them was ever here. */
  readonly lostByChoice: readonly RegisterEntry[];
  /** Registered, replicated, and without anything at the replica. */
  readonly withoutReplica: readonly RegisterEntry[];
}

export async function rebuild(
  { store, bucket, catalog }: OpenRecovery,
  { check, now }: Pick<RebuildSource, "check" | "now">,
): Promise<Rebuilt> {
  const environments: Rebuilt["environments"][number][] = [];
  const findings: RebuildFinding[] = [];
  const source: RebuildSource = { sides: [{ side: "replica", store, bucket }], check, now };
  for await (const compared of rebuildCatalog(source, catalog)) {
    findings.push(...compared.findings);
    if (compared.place !== null) environments.push(await offered(catalog, compared.place.environmentId));
  }
  const known = new Set(environments.map(({ environmentId }) => environmentId));
  const registered: RegisterEntry[] = [];
  for await (const entry of readRegister(store, bucket)) registered.push(entry);
  return {
    environments,
    findings,
    lostByChoice: registered.filter(({ replication }) => replication === "single-region"),
    withoutReplica: registered.filter(
      ({ replication, environmentId }) => replication === "replicated" && !known.has(environmentId),
    ),
  };
}

async function offered(
  catalog: OpenRecovery["catalog"],
  environmentId: string,
): Promise<Rebuilt["environments"][number]> {
  let snapshots = 0;
  let newest: string | null = null;
  for await (const { state, createdAt } of allPages((cursor) => catalog.listSnapshots(environmentId, cursor))) {
    if (state !== "completed") continue;
    snapshots += 1;
    if (newest === null || createdAt > newest) newest = createdAt;
  }
  return { environmentId, snapshots, newest };
}

function sentences({ lost, region }: OpenRecovery, found: Rebuilt): readonly string[] {
  const { environments, findings, lostByChoice, withoutReplica } = found;
  const sum = environments.reduce((total, { snapshots }) => total + snapshots, 0);
  return [
    ...environments.map(({ environmentId, snapshots, newest }) =>
      newest === null
        ? `Environment ${environmentId}: none of its snapshots can be restored.`
        : `Environment ${environmentId}: ${snapshots} snapshots can be restored, the newest of ${newest}.`,
    ),
    ...findings.map(({ message }) => message),
    ...withoutReplica.map(
      ({ environmentId, appId }) =>
        `Environment ${environmentId} of app ${appId} was registered in ${lost}, and nothing of it has reached ${region}.`,
    ),
    ...lostByChoice.map(
      ({ environmentId, appId }) =>
        `Environment ${environmentId} of app ${appId} is lost by choice: its replication is off, so its snapshots were only in ${lost}.`,
    ),
    `${sum} snapshots of ${environments.length} environments of ${lost} can be restored into ${region}.`,
  ];
}
