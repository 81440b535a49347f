/**
 * `catalog check` and `catalog rebuild`: the catalog against what manifests and records in the buckets say, and a lost
 * one made again. Both work with the caller's own AWS credentials on buckets and table: no function need be there, and
 * no role of the service may write what a rebuild writes.
 */
import { type Command, Option } from "commander";
import type { Compared } from "../../lambda/catalog-rebuild/rebuild";
import { compareCatalog, rebuildCatalog } from "../../lambda/catalog-rebuild/rebuild";
import type { FindingCode, ObjectCheck, RebuildSource } from "../../lambda/catalog-rebuild/contract";
import { StorageError } from "../../lambda/storage/storage-errors";
import { type CommonOptions, commonOptions } from "./common-options";
import { oneLine } from "./plain-text";
import { CommandFailure, type Surroundings } from "./surroundings";

interface CatalogOptions {
  readonly from: "primary" | "replica" | "both";
  readonly read?: boolean;
  readonly execute?: boolean;
}

/** As it should be: what has ended is not listed. */
const EXPECTED: ReadonlySet<FindingCode> = new Set(["snapshot-expired", "snapshot-deleted"]);

const NEEDS = `
It works with your own AWS credentials: s3:ListBucketVersions, s3:GetObject, s3:GetObjectVersion,
s3:GetObjectRetention and kms:Decrypt on the buckets; dynamodb:GetItem and Query on the table and its index`;

export function addCatalogCommands(program: Command, surroundings: Surroundings): void {
  const catalog = program.command("catalog").description("the catalog against manifests and records in the buckets");
  from(
    catalog
      .command("check")
      .description("say where catalog and buckets differ, and what a rebuild would do about it; changes nothing")
      .addHelpText(
        "after",
        `${NEEDS}.\nExit code 1: something differs, or an object is missing or damaged.\nExample: npx backups catalog check --region eu-central-1`,
      ),
  ).action((own: CatalogOptions, command: Command) => speaking(() => run("check", own, command, surroundings)));
  from(
    catalog
      .command("rebuild")
      .description("add to the catalog what manifests and records tell and it does not list; prints the plan")
      .option("--execute", "do it; without it only the plan is printed")
      .addHelpText(
        "after",
        `${NEEDS},
with --execute also dynamodb:PutItem and UpdateItem.
What stands in the catalog is never overwritten, so it may be cut short, run again, and run while backups are taken.
Exit code 1: something is left that people have to see to.
Examples:
  npx backups catalog rebuild --region eu-central-1
  npx backups catalog rebuild --region eu-central-1 --execute
  npx backups catalog check --region eu-central-1`,
      ),
  ).action((own: CatalogOptions, command: Command) =>
    speaking(() => run(own.execute === true ? "rebuild" : "plan", own, command, surroundings)),
  );
}

const from = (command: Command): Command =>
  command
    .addOption(
      new Option("--from <buckets>", "where to look: both, objects of the primary first, or one alone")
        .choices(["both", "primary", "replica"])
        .default("both"),
    )
    .option("--read", "read every byte of every object, instead of asking for size and checksum");

async function run(
  what: "check" | "plan" | "rebuild",
  own: CatalogOptions,
  command: Command,
  surroundings: Surroundings,
): Promise<void> {
  const options = commonOptions(command);
  const { stage, region, account } = options;
  const address = { stage, region, account };
  const { catalog, table, region: home } = await surroundings.openCatalog(address);
  const sides: readonly ("primary" | "replica")[] = own.from === "both" ? ["primary", "replica"] : [own.from];
  const check: ObjectCheck = own.read === true ? "read" : "head";
  const source: RebuildSource = {
    sides: await Promise.all(
      sides.map(async (side) => {
        const { store, bucket } = await surroundings.openStorage(address, side);
        return { side, store, bucket };
      }),
    ),
    check,
    now: surroundings.now(),
  };
  const all = what === "rebuild" ? rebuildCatalog(source, catalog) : compareCatalog(source, catalog);
  const told = await tell(all, { table, region: home, executed: what === "rebuild" }, options, surroundings);
  if (told.people > 0 || (what === "check" && told.changes > 0)) {
    throw new CommandFailure(1, [
      `${told.people + told.changes} matter(s) in ${table}; ${what === "check" ? "npx backups catalog rebuild prints what would be done" : `${told.people} of them are for people to see to`}.`,
    ]);
  }
}

interface Told {
  /** What a rebuild does, or has done. */
  readonly changes: number;
  /** What it leaves. */
  readonly people: number;
}

/** Sentences as they come; in JSON one document at the end. */
async function tell(
  all: AsyncIterable<Compared>,
  about: { readonly table: string; readonly region: string; readonly executed: boolean },
  options: CommonOptions,
  { out }: Surroundings,
): Promise<Told> {
  const document = { environments: 0, snapshots: 0, differences: [] as unknown[], findings: [] as unknown[] };
  let changes = 0;
  let people = 0;
  for await (const { place, snapshots, differences, findings } of all) {
    if (place !== null) document.environments += 1;
    document.snapshots += snapshots;
    for (const { change, ...difference } of differences) {
      if (change === null) people += 1;
      else changes += 1;
      if (options.json === true) document.differences.push({ ...difference, does: change?.do ?? null });
      else out(oneLine(difference.message));
    }
    for (const finding of findings) {
      if (!EXPECTED.has(finding.code)) people += 1;
      if (options.json === true) document.findings.push(finding);
      else out(oneLine(finding.message));
    }
  }
  if (options.json === true) out(JSON.stringify({ ...about, ...document }, undefined, 2));
  else out(summary(document, { changes, people }, about.executed));
  return { changes, people };
}

const summary = (
  { environments, snapshots }: { readonly environments: number; readonly snapshots: number },
  { changes, people }: Told,
  executed: boolean,
): string =>
  `${environments} environments with ${snapshots} snapshots looked at; ${changes} changes ${executed ? "made" : "to make"}, ${people} matters for people.`;

/** The store's own errors are sentences. */
async function speaking(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    throw new CommandFailure(1, [`The buckets can't be read: ${oneLine(error.message)}`], { cause: error });
  }
}
