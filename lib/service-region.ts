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
 * What becomes of data and keys when a stack is deleted: they stay. A recovery's go: it holds no only copy, and what it
 * left would be in the way of the next one. (S3 refuses while a bucket holds anything.)
 */
export const removalOf = ({ recovered }: ServiceRegion): RemovalPolicy =>
  recovered === undefined ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;

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
