/**
 * In the replication region: where S3 copies the primary's snapshots to. Named after the primary's region. One more for
 * each former replication region, until nothing stands there any more.
 */
import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { SERVICE_VERSION } from "../../lambda/runtime/service-version";
import type { ReplicaPlace } from "../regions/replica-places";
import type { ServiceRegion } from "../service-region";
import { LockedBucket } from "../storage/locked-bucket";
import { RecoveryVault } from "../storage/recovery-vault";
import { ServiceKey } from "../storage/service-key";

export interface ReplicaStackProps extends StackProps {
  readonly region: ServiceRegion;
  readonly replica: ReplicaPlace;
}

export class ReplicaStack extends Stack {
  constructor(scope: Construct, id: string, { region, replica: { place, kind }, ...props }: ReplicaStackProps) {
    super(scope, id, props);
    const { row } = region;
    const { key } = new ServiceKey(this, "Key", {
      region,
      kind,
      description: `Replicas in ${place.name} of the snapshots of ${row.name}`,
    });
    const { bucket } = new LockedBucket(this, "Snapshots", { region, kind, key });
    new RecoveryVault(this, "RecoveryPoints", { region, kind: "replica", key });

    new CfnOutput(this, "ReplicaBucketOutput", {
      value: bucket.bucketName,
      description: `Replicas of the snapshots of ${row.name}`,
    }).overrideLogicalId("ReplicaBucket");
    new CfnOutput(this, "VersionOutput", {
      value: SERVICE_VERSION,
      description: "Which version of the service is deployed",
    }).overrideLogicalId("Version");
  }
}
