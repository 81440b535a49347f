/**
 * What backups of an environment cost a month, from what was measured and the price list. Every line says what it
 * counts; lines add up to the total; what had to be assumed is said, and so is every price that is not the region's own
 * or was not read from AWS. Pure.
 */
import { livingSnapshots } from "./living-snapshots";
import type { Measured } from "./measure";
import { MONITORING_PRICES, monitoringInWords } from "./monitoring";
import { GB, PRICES, type Price, type PriceList, type PriceName } from "./prices";

/** A month of a year with 365 days. */
export const NIGHTS_A_MONTH = 365 / 12;
/** Beside packs and changed files: manifest, dump, list, index, records, heads and lists of a backup and its check. */
const OTHER_REQUESTS = 25;
/** States that a backup and its replication check pass, with one slot of the window's loop. */
const TRANSITIONS = 60;
/** Items of the catalog that a backup writes and reads. */
const CATALOG_WRITES = 60;
const CATALOG_READS = 120;
/** Functions that a backup calls, beside the packers. */
const FUNCTION_CALLS = 20;
/** Executions of a backup and of its check: no more traces than executions. */
const TRACES = 2;
/** Memory of the packer, which works for most of a backup. */
const FUNCTION_GB = 1.769;
const LOG_BYTES = 2 * 1024 ** 2;
/** Fargate includes so much ephemeral storage. */
const STORAGE_INCLUDED_GB = 20;

export interface TaskSize {
  readonly vcpu: number;
  readonly memoryGiB: number;
  readonly ephemeralStorageGiB: number;
}
export interface EstimateLine {
  readonly item: string;
  readonly region: string;
  readonly quantity: number;
  readonly unit: string;
  readonly unitPrice: number;
  /** US dollars a month. */
  readonly usd: number;
}
export interface Estimate {
  readonly environmentId: string;
  readonly region: string;
  readonly replicationRegion: string | null;
  readonly lines: readonly EstimateLine[];
  /** The sum of the lines: a month at what is stored now. */
  readonly usd: number;
  /** The same after a year of nights like these. */
  readonly inAYear: { readonly storedBytes: number; readonly usd: number };
  /** One sentence each. */
  readonly assumptions: readonly string[];
  readonly warnings: readonly string[];
}

export const estimate = (measured: Measured, task: TaskSize, now: Date, prices: PriceList = PRICES): Estimate => {
  const { region, replicationRegion, night } = measured;
  const used = new Map<string, Price & { readonly name: PriceName; readonly asked: string }>();
  const line = (item: string, place: string, name: PriceName, quantity: number): EstimateLine => {
    const price = prices.priceOf(name, place);
    used.set(`${name} ${place}`, { ...price, name, asked: place });
    return { item, region: place, quantity, unit: price.unit, unitPrice: price.usd, usd: quantity * price.usd };
  };
  for (const name of MONITORING_PRICES) line("", region, name, 0);
  const stored = (bytes: number): readonly EstimateLine[] => [
    line("snapshots stored", region, "s3StorageGbMonth", bytes / GB),
    ...(replicationRegion === null ? [] : [line("replicas stored", replicationRegion, "s3StorageGbMonth", bytes / GB)]),
  ];
  const monthly = (each: number): number => each * NIGHTS_A_MONTH;
  const newObjects = night.newPacks + night.indexParts + 2;
  const hours = monthly(night.seconds) / 3600;
  const replication =
    replicationRegion === null
      ? []
      : [
          line("transfer to the replication region", region, "transferBetweenRegionsGb", monthly(night.newBytes) / GB),
          line("Replication Time Control", region, "s3ReplicationTimeControlGb", monthly(night.newBytes) / GB),
          line(
            "replicas put, and their locks extended",
            replicationRegion,
            "s3PutThousand",
            monthly(newObjects + night.carriedPacks) / 1000,
          ),
          line("replicas checked", replicationRegion, "s3GetThousand", monthly(newObjects + night.carriedPacks) / 1000),
        ];
  const recovery = measured.recoveryPoint;
  const running = [
    ...replication,
    line(
      "packs put, locks extended, other writes",
      region,
      "s3PutThousand",
      monthly(newObjects + night.carriedPacks + OTHER_REQUESTS) / 1000,
    ),
    line(
      "changed files read",
      region,
      "s3GetThousand",
      monthly(night.newFiles + newObjects + night.carriedPacks) / 1000,
    ),
    line("requests to KMS", region, "kmsThousand", monthly(newObjects + OTHER_REQUESTS) / 1000),
    line("database task: processors", region, "fargateVcpuHour", hours * task.vcpu),
    line("database task: memory", region, "fargateGbHour", hours * task.memoryGiB),
    line(
      "database task: storage",
      region,
      "fargateStorageGbHour",
      hours * Math.max(0, task.ephemeralStorageGiB - STORAGE_INCLUDED_GB),
    ),
    line("functions: time", region, "lambdaGbSecond", monthly(night.seconds) * FUNCTION_GB),
    line("functions: calls", region, "lambdaMillion", monthly(FUNCTION_CALLS + night.newPacks) / 1e6),
    line("workflows", region, "stepFunctionsThousand", monthly(TRANSITIONS) / 1000),
    line("catalog written", region, "dynamoDbWriteMillion", monthly(CATALOG_WRITES) / 1e6),
    line("catalog read", region, "dynamoDbReadMillion", monthly(CATALOG_READS) / 1e6),
    line("logs", region, "logsGb", monthly(LOG_BYTES) / GB),
    line("traces", region, "tracesMillion", monthly(TRACES) / 1e6),
    ...(recovery === null
      ? []
      : [
          line("recovery points", region, "backupRdsGbMonth", recovery.bytes / GB),
          ...(replicationRegion === null
            ? []
            : [line("copied recovery points", replicationRegion, "backupRdsGbMonth", recovery.bytes / GB)]),
        ]),
  ];
  const lines = [...stored(measured.storedBytes), ...running];
  const living = livingSnapshots(now);
  const later = yearFromNow(measured, living);
  return {
    environmentId: measured.environmentId,
    region,
    replicationRegion,
    lines,
    usd: total(lines),
    inAYear: { storedBytes: later, usd: total([...stored(later), ...running]) },
    assumptions: [
      night.measured === 0
        ? "There is one snapshot only: nothing is known of how much changes, and packs are taken to stay as they are."
        : `A night is the average of ${night.measured} measured between ${measured.snapshots} snapshots.`,
      `In a year there are ${living.nightly} nightly, ${living.weekly} weekly and ${living.monthly} monthly snapshots; packs that a night leaves behind stay for that year, because a monthly snapshot held them.`,
      `Database task and packer are taken to work from a backup's creation to its completion, ${Math.round(night.seconds)} s on average; the task has ${task.vcpu} vCPU and ${task.memoryGiB} GiB.`,
      `A night makes ${TRANSITIONS} state transitions, ${CATALOG_WRITES} writes and ${CATALOG_READS} reads of the catalog, ${FUNCTION_CALLS} function calls, ${OTHER_REQUESTS} requests beside packs and files, ${TRACES} traces and 2 MiB of logs.`,
      ...(recovery === null
        ? []
        : [
            "Recovery points are incremental; one full database is counted in each region, and their changes and copies' transfer are not.",
          ]),
      monitoringInWords(region, prices),
      "Restores, downloads, uploads, the API, and what a region has once (keys, monitoring, log storage) are not counted; nor are free tiers, discounts and taxes.",
    ],
    warnings: warningsOf([...used.values()], prices),
  };
};

/** What a year of such nights leaves: own objects of every living snapshot, today's packs, and packs left behind. */
const yearFromNow = ({ ownBytes, packBytes, night }: Measured, living: ReturnType<typeof livingSnapshots>): number => {
  const snapshots = living.nightly + living.weekly + living.monthly;
  const addedPackBytes = Math.max(0, night.measured === 0 ? 0 : night.newBytes - ownBytes);
  const growth = Math.max(0, addedPackBytes - night.droppedPackBytes) * 365;
  return snapshots * ownBytes + packBytes + growth + night.droppedPackBytes * 365;
};

const total = (lines: readonly EstimateLine[]): number => lines.reduce((sum, { usd }) => sum + usd, 0);

const warningsOf = (
  used: readonly (Price & { readonly name: PriceName; readonly asked: string })[],
  { asOf, reference }: PriceList,
): readonly string[] => {
  const borrowed = used.filter(({ asked, region }) => asked !== region);
  const unread = used.filter(({ official }) => !official);
  const named = (prices: typeof used): string => [...new Set(prices.map(({ name }) => name))].toSorted().join(", ");
  return [
    ...[...new Set(borrowed.map(({ asked }) => asked))].map(
      (asked) =>
        `The price list has no figure of ${asked} for ${named(borrowed.filter((price) => price.asked === asked))}: those of ${reference} stand in.`,
    ),
    ...(unread.length === 0
      ? []
      : [
          `Not read from AWS itself, as of ${asOf}: ${named(unread)}; check them at the pages that lambda/cost/prices.json names.`,
        ]),
  ];
};
