/**
 * `verify`: reads a snapshot back with the caller's own AWS credentials, straight from one region's bucket. Neither API
 * nor catalog is asked, so it also works when both are gone. It only reads.
 */
import type { Command } from "commander";
import type { Finding } from "../../lambda/catalog/items";
import { ProblemList, type Problem } from "../../lambda/restore/verification-problems";
import { verifySnapshot } from "../../lambda/restore/verify-snapshot";
import { isRecoveryPoint, type Manifest } from "../../lambda/snapshot/manifest";
import { objectsOf } from "../../lambda/snapshot/manifest-objects";
import { warningsOf } from "../../lambda/snapshot/warnings";
import { StorageError } from "../../lambda/storage/storage-errors";
import { addressOf, answer, commonOptions } from "./common-options";
import { describeFindings } from "./describe-findings";
import { oneLine, size } from "./plain-text";
import { withBar } from "./progress";
import { CommandFailure, type Surroundings } from "./surroundings";
import { ONLY_A_RESTORE_READS, proveClosure } from "./verify/closure";
import { countingStore } from "./verify/counting-store";
import { decodeDump } from "./verify/decode-dump";
import { findManifest } from "./verify/find-manifest";
import { NotProven } from "./verify/not-proven";
import { findPgRestore } from "./verify/pg-restore";
import { scratchLogin } from "./verify/scratch-database";

interface VerifyOptions {
  readonly replica?: boolean;
  readonly scratchDatabase?: string;
  readonly withoutClosure?: boolean;
}

export function addVerifyCommand(program: Command, surroundings: Surroundings): void {
  program
    .command("verify <environment> <snapshot>")
    .description(
      "read a snapshot back to its end: every checksum, the whole dump, and that each file the database names is there",
    )
    .option("--replica", "from the replication region")
    .option("--scratch-database <url>", "an empty database to restore into, for reference queries of your own")
    .option("--without-closure", "don't ask the dump which files it names")
    .addHelpText(
      "after",
      `
It reads with your own AWS credentials, which need s3:ListBucketVersions, s3:GetObjectVersion and kms:Decrypt.
Exit code 1: something is wrong, or closure could not be proven.
Examples:
  npx backups verify shop-production 3f0c2a51-7d1e-8a42-9c55-0b6a1f3e2d47 --region eu-central-1 --replica
  PGPASSWORD=… npx backups verify shop-production 3f0c2a51-7d1e-8a42-9c55-0b6a1f3e2d47 --scratch-database postgres://me@localhost/scratch`,
    )
    .action((environmentId: string, snapshotId: string, own: VerifyOptions, command: Command) =>
      speaking(() => verify(environmentId, snapshotId, own, command, surroundings)),
    );
}

async function verify(
  environmentId: string,
  snapshotId: string,
  own: VerifyOptions,
  command: Command,
  surroundings: Surroundings,
): Promise<void> {
  const options = commonOptions(command);
  const { variables } = surroundings;
  const replica = own.replica === true;
  if (own.withoutClosure === true && own.scratchDatabase !== undefined)
    throw new CommandFailure(2, [
      "--without-closure leaves out what --scratch-database is given for; leave one of them out.",
    ]);
  const scratch =
    own.scratchDatabase === undefined ? undefined : scratchLogin(own.scratchDatabase, variables["PGPASSWORD"]);
  const storage = await surroundings.openStorage(addressOf(options), replica ? "replica" : "primary");
  const manifest = await findManifest(storage, environmentId, snapshotId);
  const { bucket } = storage;
  const dump = dumpReading(manifest, variables["PATH"]);
  const checked = await withBar("Reading", options, surroundings, (show) => {
    const total = totalOf(manifest);
    const store = countingStore(storage.store, (bytes) => show(bytes, total));
    return verifySnapshot(store, bucket, manifest, { replica, reading: dump.reading });
  });
  const lacking = new ProblemList();
  const means = { path: variables["PATH"], scratch };
  const closure = own.withoutClosure === true ? null : await proveClosure(storage, manifest, means, lacking);
  const problems = [...checked.problems, ...lacking.listed];
  const problemCount = checked.problemCount + lacking.count;
  const { objects, bytes, files, missing } = checked;
  const held = dump.isThere ? "the database and " : "";
  const sound = `${objects} objects (${size(bytes)}) in ${bucket} hold ${held}${files} files, ${missing} missing.`;
  const result = { environmentId, snapshotId, bucket, region: storage.region, ok: problemCount === 0 };
  const counts = { objects, bytes, files, missing, problems, problemCount };
  const warnings = warningsOf(manifest);
  answer(options, surroundings, { ...result, ...counts, decoded: dump.reason === null, closure, warnings }, [
    ...problems.map(sentenceOf),
    ...(checked.ok ? [`Every checksum is right: ${sound}`] : []),
    ...(dump.reason === null ? [] : [`The database was not read to its end: ${dump.reason}.`]),
    ...restoredLines(closure?.notes ?? null),
    ...(closure?.proven === true
      ? [`Each of the ${closure.named} files that the database names is in the index.`]
      : []),
    ...describeFindings("warning", warnings),
  ]);
  if (problemCount > 0)
    throw new CommandFailure(1, [
      `Snapshot ${snapshotId} has ${problemCount} problem(s) in ${bucket}; restore another one.`,
    ]);
  if (closure !== null && !closure.proven) {
    throw new CommandFailure(1, [
      `Whether each file that the database names is there was not proven: ${oneLine(closure.reason ?? "")}. --without-closure accepts that.`,
    ]);
  }
}

/** `reason`: why the dump's blocks can't be decoded here, as a clause. */
function dumpReading(manifest: Manifest, path: string | undefined) {
  if (isRecoveryPoint(manifest.database))
    return { isThere: false, reason: `it is ${ONLY_A_RESTORE_READS}`, reading: undefined };
  try {
    return { isThere: true, reason: null, reading: decodeDump(findPgRestore(path)) };
  } catch (error) {
    if (!(error instanceof NotProven)) throw error;
    return { isThere: true, reason: error.message, reading: undefined };
  }
}

const restoredLines = (notes: readonly Finding[] | null): readonly string[] =>
  notes === null ? [] : ["The dump was restored into the scratch database.", ...describeFindings("note", notes)];

const totalOf = (manifest: Manifest): number => objectsOf(manifest).reduce((sum, { size: bytes }) => sum + bytes, 0);

const sentenceOf = ({ object, file, message }: Problem): string =>
  `${oneLine(object)}${file === undefined ? "" : ` (file ${oneLine(file)})`}: ${oneLine(message)}`;

/** The store's own errors are sentences. */
async function speaking(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    throw new CommandFailure(1, [`The snapshot can't be read: ${oneLine(error.message)}`], { cause: error });
  }
}
