/** The whole service as an app: two stacks a region, the replica's first. */
import { App, Tags, Validations } from "aws-cdk-lib";
import { ManagedPolicy, PermissionsBoundary } from "aws-cdk-lib/aws-iam";
import { AwsSolutionsChecks } from "cdk-nag";
import type { Bundle } from "./assets/bundle";
import type { Stage } from "./config/load-configuration";
import { stackLabel } from "./names";
import { serviceRegion } from "./service-region";
import { PrimaryStack } from "./stacks/primary-stack";
import { ReplicaStack } from "./stacks/replica-stack";

export const serviceApp = (stage: Stage, bundle: Bundle, app = new App()): App => {
  for (const row of stage.rows) {
    const region = serviceRegion(stage, row);
    const label = stackLabel(row.name);
    const account = stage.account === undefined ? {} : { account: stage.account };
    const replica = new ReplicaStack(app, `Replica-${label}`, {
      region,
      stackName: region.names.stack("replica"),
      description: `Nightly backups of ${row.name} (${stage.stage}): replicas`,
      env: { ...account, region: row.replication.region },
      terminationProtection: true,
    });
    const primary = new PrimaryStack(app, `Primary-${label}`, {
      region,
      bundle,
      stackName: region.names.stack("primary"),
      description: `Nightly backups of ${row.name} (${stage.stage})`,
      env: { ...account, region: row.region },
      terminationProtection: true,
    });
    /** S3 wants the destination to exist. An order only: neither refers to the other. */
    primary.addStackDependency(replica);
  }
  /** CloudFormation does not know tags of dashboards in every region. */
  const options = { excludeResourceTypes: ["AWS::CloudWatch::Dashboard"] };
  for (const [key, value] of Object.entries(stage.tags)) Tags.of(app).add(key, value, options);
  for (const stack of app.node.children) {
    if (stage.permissionsBoundary === undefined) break;
    PermissionsBoundary.of(stack).apply(
      ManagedPolicy.fromManagedPolicyArn(stack, "Boundary", stage.permissionsBoundary),
    );
  }
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
};
