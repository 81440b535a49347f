/**
 * `estimate`: what backups of an environment cost a month, from the manifests in a region's bucket, read with the
 * caller's own AWS credentials. Neither API nor catalog is asked. It only reads.
 */
import type { Command } from "commander";
import { loadStage } from "../../lib/config/load-configuration";
import { estimate, type Estimate } from "../../lambda/cost/estimate";
import { measure } from "../../lambda/cost/measure";
import { PRICES } from "../../lambda/cost/prices";
import { StorageError } from "../../lambda/storage/storage-errors";
import { answer, commonOptions } from "./common-options";
import { listManifests } from "./estimate/list-manifests";
import { oneLine, size } from "./plain-text";
import { CommandFailure, type Surroundings } from "./surroundings";

export function addEstimateCommand(program: Command, surroundings: Surroundings): void {
  program
    .command("estimate [environments...]")
    .description("what backups cost a month, from measured sizes and change rates (every environment if none is named)")
    .addHelpText(
      "after",
      `
It reads manifests with your own AWS credentials, which need s3:ListBucketVersions, s3:GetObjectVersion and kms:Decrypt.
Prices are data with their sources: lambda/cost/prices.json.
Examples:
  npx backups estimate shop-production --stage production --region eu-central-1
  npx backups estimate --region eu-central-1 --json`,
    )
    .action(async (environments: readonly string[], _own: unknown, command: Command) => {
      const options = commonOptions(command);
      const { stage, region, account } = options;
      const storage = await surroundings.openStorage({ stage, region, account }, "primary");
      const found = await speaking(() => listManifests(storage, environments));
      const now = surroundings.now();
      const { databaseTask } = loadStage(stage);
      const estimates = [...found].flatMap(([, manifests]) => {
        const measured = measure(manifests, now);
        return measured === undefined ? [] : [estimate(measured, databaseTask, now)];
      });
      const missing = environments.filter((id) => !estimates.some(({ environmentId }) => environmentId === id));
      if (missing.length > 0 || estimates.length === 0)
        throw new CommandFailure(1, [
          missing.length === 0
            ? `The bucket ${storage.bucket} holds no snapshot yet; ask again after the first backup.`
            : `The bucket ${storage.bucket} holds no living snapshot of ${missing.map(oneLine).join(", ")}; check the names and the region.`,
        ]);
      const usd = estimates.reduce((sum, one) => sum + one.usd, 0);
      const usdInAYear = estimates.reduce((sum, one) => sum + one.inAYear.usd, 0);
      answer(
        options,
        surroundings,
        { region: storage.region, currency: "USD", pricesAsOf: PRICES.asOf, environments: estimates, usd, usdInAYear },
        [
          ...estimates.flatMap(describeEstimate),
          ...(estimates.length === 1
            ? []
            : [
                `${estimates.length} environments in ${storage.region}: ${dollars(usd)} a month, in a year ${dollars(usdInAYear)}.`,
              ]),
        ],
      );
    });
}

export const describeEstimate = ({
  environmentId,
  region,
  replicationRegion,
  lines,
  usd,
  ...rest
}: Estimate): readonly string[] => {
  const width = Math.max(...lines.map(({ item }) => item.length));
  return [
    `Backups of ${oneLine(environmentId)} in ${region}${replicationRegion === null ? ", not replicated" : `, replicated to ${replicationRegion}`}, a month:`,
    ...lines.map(
      (line) =>
        `  ${line.item.padEnd(width)}  ${line.region.padEnd(14)} ${dollars(line.usd).padStart(10)}  ${short(line.quantity)} × ${line.unitPrice} a ${line.unit}`,
    ),
    `  ${"together".padEnd(width)}  ${"".padEnd(14)} ${dollars(usd).padStart(10)}`,
    `After a year of nights like these ${size(rest.inAYear.storedBytes)} are stored, and a month costs ${dollars(rest.inAYear.usd)}.`,
    ...rest.assumptions.map((sentence) => `Assumed: ${sentence}`),
    ...rest.warnings.map((sentence) => `Warning: ${sentence}`),
  ];
};

/** To the cent, and what is less than one not hidden. */
const dollars = (usd: number): string => (usd > 0 && usd < 0.01 ? `$${usd.toPrecision(1)}` : `$${usd.toFixed(2)}`);
const short = (quantity: number): string => String(Number(quantity.toPrecision(4)));

/** The store's own errors are sentences. */
async function speaking<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    throw new CommandFailure(1, [`The manifests can't be read: ${oneLine(error.message)}`], { cause: error });
  }
}
