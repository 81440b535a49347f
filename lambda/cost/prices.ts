/**
 * The price list, as data with its sources, and how a price is looked up: a region without a figure of its own falls
 * back to the reference region, and the answer says so. No figure is made up. Pure.
 */
import list from "./prices.json";

export type PriceName = keyof typeof list.prices;
export interface Price {
  readonly usd: number;
  /** What one costs that. */
  readonly unit: string;
  /** The region whose figure it is: the one asked for, or the reference region. */
  readonly region: string;
  /** Where the figure was read, in words. */
  readonly source: string;
  /** AWS's own page, where it can be checked. */
  readonly page: string;
  /** Read from AWS itself. */
  readonly official: boolean;
}
export interface PriceList {
  /** When the figures were put together: a date. */
  readonly asOf: string;
  readonly reference: string;
  priceOf(name: PriceName, region: string): Price;
}

interface Figure {
  readonly usd: number;
  readonly source: string;
}
interface Source {
  readonly name: string;
  readonly official: boolean;
  readonly url?: string;
}

export const PRICES: PriceList = {
  asOf: list.asOf,
  reference: list.reference,
  priceOf: (name, region) => {
    const { unit, page, regions } = list.prices[name] as {
      unit: string;
      page: string;
      regions: Record<string, Figure>;
    };
    const own = regions[region];
    const figure = own ?? regions[list.reference];
    if (figure === undefined)
      throw new RangeError(`The price list has no ${name} in ${list.reference}; add it to lambda/cost/prices.json.`);
    const source = (list.sources as Readonly<Record<string, Source>>)[figure.source];
    return {
      usd: figure.usd,
      unit,
      page,
      region: own === undefined ? list.reference : region,
      source:
        source === undefined ? figure.source : source.url === undefined ? source.name : `${source.name}, ${source.url}`,
      official: source?.official ?? false,
    };
  },
};

/** As AWS bills storage and transfer. */
export const GB = 1024 ** 3;

/**
 * US dollars a month for what is stored, without anything else: for a metric. `replicaRegion` is null where nothing is
 * replicated; the replica holds as many bytes.
 */
export const storageCostPerMonth = (
  bytes: number,
  region: string,
  replicaRegion: string | null,
  prices: PriceList = PRICES,
): number => {
  const inRegion = (place: string): number => (bytes / GB) * prices.priceOf("s3StorageGbMonth", place).usd;
  return inRegion(region) + (replicaRegion === null ? 0 : inRegion(replicaRegion));
};
