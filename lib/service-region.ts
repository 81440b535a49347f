/** What every construct of a region is told: the stage, the region's row of the nightly table, and its names. */
import { Aws, RemovalPolicy } from "aws-cdk-lib";
import type { Stage } from "./config/load-configuration";
import { Names } from "./names";
import type { NightlyRow } from "./regions/nightly-table";

export interface ServiceRegion {
  readonly stage: Stage;
  /** Where it stands is the row's region. */
  readonly row: NightlyRow;
  readonly names: Names;
  /** Twelve digits, or the pseudo parameter. */
  readonly account: string;
  /** The lost region that is recovered here; absent where nothing is lost. */
  readonly recovered?: NightlyRow;
}

export const serviceRegion = (stage: Stage, row: NightlyRow): ServiceRegion => {
  const account = stage.account ?? Aws.ACCOUNT_ID;
  return { stage, row, account, names: new Names({ prefix: stage.prefix, account, region: row.region }) };
};

/**
 * What becomes of whatever holds data, or leads to it, when a stack is deleted: it stays. Only where the operation that
 * made it is rolled back it goes, still empty, so that its name is free for the next try; S3 and AWS Backup refuse to
 * delete what holds anything. A recovery's goes with its stack: it holds no only copy, and what it left would be in the
 * way of the next one.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
 */
export const removalOf = (region: ServiceRegion): RemovalPolicy =>
  unlessRecovered(region, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
/**
 * The same for what CloudFormation may not delete at all, a key because of its policy, the catalog because of its
 * deletion protection: a rollback that tried would fail.
 */
export const removalOfGuarded = (region: ServiceRegion): RemovalPolicy => unlessRecovered(region, RemovalPolicy.RETAIN);

const unlessRecovered = ({ recovered }: ServiceRegion, kept: RemovalPolicy): RemovalPolicy =>
  recovered === undefined ? kept : RemovalPolicy.DESTROY;

/** Stands in the replication region, beside the replica, and refers to nothing in the region that is lost. */
export const recoveryRegion = (stage: Stage, lost: NightlyRow): ServiceRegion => {
  const account = stage.account ?? Aws.ACCOUNT_ID;
  const { region } = lost.replication;
  return {
    stage,
    account,
    row: { ...lost, region, name: `${lost.name}, recovered in ${lost.replication.name}` },
    recovered: lost,
    names: new Names({ prefix: stage.prefix, account, region: lost.region, recoveryRegion: region }),
  };
};
