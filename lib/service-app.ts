/**
 * The whole service as an app: two stacks a region, the replica's first; more where the replication region has changed.
 * Or the recovery of a lost region, alone.
 */
import { App, Tags, Validations } from "aws-cdk-lib";
import { ManagedPolicy, PermissionsBoundary } from "aws-cdk-lib/aws-iam";
import { AwsSolutionsChecks } from "cdk-nag";
import { warnOfAdopting } from "./adoption/adopting";
import type { Bundle } from "./assets/bundle";
import { ConfigurationError } from "./config/configuration-error";
import type { Stage } from "./config/load-configuration";
import { stackLabel } from "./names";
import type { NightlyRow } from "./regions/nightly-table";
import { replicaPlaces, type ReplicaPlace } from "./regions/replica-places";
import { recoveryRegion, serviceRegion } from "./service-region";
import { PrimaryStack } from "./stacks/primary-stack";
import { RecoveryStack } from "./stacks/recovery-stack";
import { ReplicaStack } from "./stacks/replica-stack";

/** Like the names: only a place that is not the row's first is told apart. */
export const replicaStackId = (label: string, { place, kind }: ReplicaPlace): string =>
  kind === "replica" ? `Replica-${label}` : `Replica-${label}-${stackLabel(place.name)}`;

export const serviceApp = (stage: Stage, bundle: Bundle, app = new App()): App => {
  for (const row of stage.rows) {
    const region = serviceRegion(stage, row);
    const label = stackLabel(row.name);
    const account = stage.account === undefined ? {} : { account: stage.account };
    const [replica] = replicaPlaces(row).map(
      (place) =>
        new ReplicaStack(app, replicaStackId(label, place), {
          region,
          replica: place,
          stackName: region.names.stack(place.kind),
          description: `Nightly backups of ${row.name} (${stage.stage}): ${place.isCurrent ? "" : "former "}replicas`,
          env: { ...account, region: place.place.region },
          terminationProtection: true,
        }),
    );
    const primary = new PrimaryStack(app, `Primary-${label}`, {
      region,
      bundle,
      stackName: region.names.stack("primary"),
      description: `Nightly backups of ${row.name} (${stage.stage})`,
      env: { ...account, region: row.region },
      terminationProtection: true,
    });
    /** S3 wants the destination to exist. An order only: neither refers to the other. */
    if (replica !== undefined) primary.addStackDependency(replica);
  }
  return finished(stage, app);
};

/**
 * The stack that recovers one lost region in its replication region, and no other: whatever is deployed from this app,
 * nothing else is touched.
 */
export const recoveryApp = (stage: Stage, lost: NightlyRow, bundle: Bundle, app = new App()): App => {
  refuseLostImage(stage, lost);
  const region = recoveryRegion(stage, lost);
  new RecoveryStack(app, `Recovery-${stackLabel(lost.name)}`, {
    region,
    bundle,
    stackName: region.names.stack("recovery"),
    description: `Nightly backups of ${region.row.name} (${stage.stage})`,
    env: { ...(stage.account === undefined ? {} : { account: stage.account }), region: region.row.region },
    terminationProtection: true,
  });
  return finished(stage, app);
};

/** Nothing can be pulled from the region that is lost. */
const refuseLostImage = ({ stage, databaseTask: { image } }: Stage, lost: NightlyRow): void => {
  if (image?.includes(`.ecr.${lost.region}.`) !== true) return;
  throw new ConfigurationError(
    `config/${stage}.json`,
    "databaseTask.image",
    `${image} lies in ${lost.region}, which is lost`,
    `write {region} instead of the region if there is a copy in each (npm run build-image makes them), or leave it out: the image is then built where you deploy`,
  );
};

/** What holds for every stack: tags, the boundary, the checks. */
const finished = (stage: Stage, app: App): App => {
  /** CloudFormation does not know tags of dashboards in every region. */
  const options = { excludeResourceTypes: ["AWS::CloudWatch::Dashboard"] };
  for (const [key, value] of Object.entries(stage.tags)) Tags.of(app).add(key, value, options);
  for (const stack of app.node.children) warnOfAdopting(stack);
  for (const stack of app.node.children) {
    if (stage.permissionsBoundary === undefined) break;
    PermissionsBoundary.of(stack).apply(
      ManagedPolicy.fromManagedPolicyArn(stack, "Boundary", stage.permissionsBoundary),
    );
  }
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
};
