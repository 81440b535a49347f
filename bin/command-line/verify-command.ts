/**
 * `verify`: reads a snapshot back with the caller's own AWS credentials, straight from one region's bucket. Neither API
 * nor catalog is asked, so it also works when both are gone. It only reads.
 */
import type { Command } from "commander";
import { ProblemList, type Problem } from "../../lambda/restore/verification-problems";
import { verifySnapshot } from "../../lambda/restore/verify-snapshot";
import { type Manifest } from "../../lambda/snapshot/manifest";
import { objectsOf } from "../../lambda/snapshot/manifest-objects";
import { StorageError } from "../../lambda/storage/storage-errors";
import { addressOf, answer, commonOptions } from "./common-options";
import { oneLine, size } from "./plain-text";
import { withBar } from "./progress";
import { CommandFailure, type Surroundings } from "./surroundings";
import { proveClosure } from "./verify/closure";
import { countingStore } from "./verify/counting-store";
import { findManifest } from "./verify/find-manifest";
import { scratchLogin } from "./verify/scratch-database";

interface VerifyOptions {
  readonly replica?: boolean;
  readonly scratchDatabase?: string;
  readonly withoutClosure?: boolean;
}

export function addVerifyCommand(program: Command, surroundings: Surroundings): void {
  program
    .command("verify <environment> <snapshot>")
    .description("read a snapshot back and prove every checksum, and that each file the database names is there")
    .option("--replica", "from the replication region")
    .option("--scratch-database <url>", "an empty database to restore into, for reference queries of your own")
    .option("--without-closure", "checksums suffice: don't ask the dump which files it names")
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
  const scratch =
    own.scratchDatabase === undefined ? undefined : scratchLogin(own.scratchDatabase, variables["PGPASSWORD"]);
  const storage = await surroundings.openStorage(addressOf(options), replica ? "replica" : "primary");
  const manifest = await findManifest(storage, environmentId, snapshotId);
  const { bucket } = storage;
  const checked = await withBar("Reading", options, surroundings, (show) => {
    const total = totalOf(manifest);
    const store = countingStore(storage.store, (bytes) => show(bytes, total));
    return verifySnapshot(store, bucket, manifest, { replica });
  });
  const lacking = new ProblemList();
  const means = { path: variables["PATH"], scratch };
  const closure = own.withoutClosure === true ? null : await proveClosure(storage, manifest, means, lacking);
  const problems = [...checked.problems, ...lacking.listed];
  const problemCount = checked.problemCount + lacking.count;
  const { objects, bytes, files, missing } = checked;
  const sound = `${objects} objects (${size(bytes)}) in ${bucket} hold the database and ${files} files, ${missing} missing.`;
  const result = { environmentId, snapshotId, bucket, region: storage.region, ok: problemCount === 0 };
  answer(options, surroundings, { ...result, objects, bytes, files, missing, problems, problemCount, closure }, [
    ...problems.map(sentenceOf),
    ...(checked.ok ? [`Every checksum is right: ${sound}`] : []),
    ...(closure?.proven === true
      ? [`Each of the ${closure.named} files that the database names is in the index.`]
      : []),
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
