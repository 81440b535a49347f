/**
 * Which servers stand for AWS. Usually one serves every region; where a region is to be lost, the other one has servers
 * of its own, with the buckets that lie there.
 */
import type { Upstream } from "./sign";

export interface OtherRegion {
  readonly region: string;
  /** Serves S3 and everything else there. */
  readonly upstream: Upstream;
  /** Names of the buckets that lie there. */
  readonly buckets: ReadonlySet<string>;
}

export class Servers {
  constructor(
    private readonly s3: Upstream,
    private readonly services: Upstream,
    private readonly other?: OtherRegion,
  ) {}

  /** The S3 server of a bucket. */
  readonly s3Of = (bucket: string): Upstream =>
    this.other?.buckets.has(bucket) === true ? this.other.upstream : this.s3;
  /** The server of everything else in a region. */
  readonly servicesOf = (region: string): Upstream =>
    this.other?.region === region ? this.other.upstream : this.services;
}
