/** What every construct of a region is told: the stage, the region's row of the nightly table, and its names. */
import { Aws } from "aws-cdk-lib";
import type { Stage } from "./config/load-configuration";
import { Names } from "./names";
import type { NightlyRow } from "./regions/nightly-table";

export interface ServiceRegion {
  readonly stage: Stage;
  readonly row: NightlyRow;
  readonly names: Names;
  /** Twelve digits, or the pseudo parameter. */
  readonly account: string;
}

export const serviceRegion = (stage: Stage, row: NightlyRow): ServiceRegion => {
  const account = stage.account ?? Aws.ACCOUNT_ID;
  return { stage, row, account, names: new Names({ prefix: stage.prefix, account, region: row.region }) };
};
