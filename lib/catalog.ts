/**
 * The catalog: an index of environments, snapshots and restores. It can be rebuilt from the buckets, and it is still
 * hard to lose: point-in-time recovery, deletion protection, a policy that leaves changes of both to deployments, and it
 * outlives its stack. It holds no backup data, so the key that AWS manages is right for it: no key of ours can take the
 * catalog away.
 */
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from "aws-cdk-lib/aws-dynamodb";
import { PolicyDocument } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { GAUGES_PK } from "../lambda/catalog/gauges-item";
import { principalPk } from "../lambda/catalog/principal-pk";
import { TABLE_SETTINGS } from "./guards/guarded-actions";
import { denyToOthers, guardingRoles } from "./guards/guarding-roles";
import { allow, type Grantee, type Permission } from "./permissions/allow";
import { removalOfGuarded, type ServiceRegion } from "./service-region";

/** As `lambda/catalog` knows it. */
export const TYPE_INDEX = "by-type";

type CatalogReading = "GetItem" | "Query" | "ConditionCheckItem";
type CatalogWriting = "PutItem" | "UpdateItem" | "DeleteItem";
export type CatalogAction = CatalogReading | CatalogWriting;
const WRITING: ReadonlySet<CatalogAction> = new Set(["PutItem", "UpdateItem", "DeleteItem"]);

/** Partitions that say who may sign in and do what. */
const PRINCIPALS = { "dynamodb:LeadingKeys": [principalPk("*")] };

export interface CatalogProps {
  readonly region: ServiceRegion;
}

export class Catalog extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, { region }: CatalogProps) {
    super(scope, id);
    this.table = new Table(this, "Table", {
      tableName: region.names.table(),
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: region.recovered === undefined,
      removalPolicy: removalOfGuarded(region),
      resourcePolicy: new PolicyDocument({
        statements: [denyToOthers("OnlyDeploymentsChangeGuards", TABLE_SETTINGS, guardingRoles(this, region))],
      }),
    });
    this.table.addGlobalSecondaryIndex({
      indexName: TYPE_INDEX,
      partitionKey: { name: "type", type: AttributeType.STRING },
      sortKey: { name: "sortKey", type: AttributeType.STRING },
      projectionType: ProjectionType.ALL,
    });
  }

  /**
   * Conditions inside a transaction are `ConditionCheckItem`; its writes are authorised one by one. Whoever handles
   * backups, dumps and uploads can't make an administrator: principals and their keys are left out of the writing.
   */
  grant(grantee: Grantee, ...actions: readonly CatalogAction[]): void {
    this.allow(
      grantee,
      actions.filter((action) => !WRITING.has(action)),
    );
    this.allow(
      grantee,
      actions.filter((action) => WRITING.has(action)),
      { "ForAllValues:StringNotLike": PRINCIPALS },
    );
  }
  /** Writing principals and their keys, and nothing else. */
  grantWritePrincipals(grantee: Grantee, ...actions: readonly CatalogWriting[]): void {
    this.allow(grantee, actions, { "ForAllValues:StringLike": PRINCIPALS });
  }
  /** What the gauges have told, and nothing else. */
  grantGauges(grantee: Grantee): void {
    this.allow(grantee, ["GetItem", "PutItem"], { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [GAUGES_PK] } });
  }
  /** Listing all items of a type. */
  grantQueryType(grantee: Grantee): void {
    allow(grantee, { actions: ["dynamodb:Query"], resources: [`${this.table.tableArn}/index/${TYPE_INDEX}`] });
  }

  private allow(grantee: Grantee, actions: readonly CatalogAction[], conditions?: Permission["conditions"]): void {
    if (actions.length === 0) return;
    allow(grantee, {
      actions: actions.map((action) => `dynamodb:${action}`),
      resources: [this.table.tableArn],
      ...(conditions === undefined ? {} : { conditions }),
    });
  }
}
