/**
 * S3's own replication of the primary bucket into the replica bucket of another region. The destination is known by
 * its names only: nothing is imported, so neither stack refers to the other. The rule is written on the L1
 * resource with a role of our own, because the L2's role lacks what Object Lock and bucket keys need.
 */
import { ServicePrincipal, Role } from "aws-cdk-lib/aws-iam";
import type { Key } from "aws-cdk-lib/aws-kms";
import type { Bucket, CfnBucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { type ReplicationClass, SERVICE_RECORDS_PREFIX } from "../../lambda/storage/object-keys";
import { isAdopting } from "../adoption/adopting";
import { allow, inAccount } from "../permissions/allow";
import { replicaKind } from "../regions/replica-places";
import type { ServiceRegion } from "../service-region";
import { keyByAlias } from "./snapshot-access";

/** Of environments only objects beneath it are replicated (rule 7). */
const REPLICATED: ReplicationClass = "replicated";
export const REPLICATION_RULE = "snapshots";
/** By name: what is replicated. The service's own records say who may do what, and hold no data of an environment. */
const RULES = [
  { id: REPLICATION_RULE, prefix: `${REPLICATED}/` },
  { id: "service-records", prefix: SERVICE_RECORDS_PREFIX },
] as const;
/** The promise of Replication Time Control: 99.9 % within 15 minutes. */
const REPLICATION_MINUTES = 15;

export interface ReplicationProps {
  readonly region: ServiceRegion;
  readonly source: Bucket;
  readonly sourceKey: Key;
}

export class Replication extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, { region, source, sourceKey }: ReplicationProps) {
    super(scope, id);
    const { names, account, row } = region;
    const replica = replicaKind(row);
    this.role = new Role(this, "Role", {
      roleName: names.replicationRole(),
      description: `S3 replicates snapshots of ${row.region} to ${row.replication.region}`,
      assumedBy: new ServicePrincipal("s3.amazonaws.com"),
    });
    allow(this, {
      actions: ["s3:GetReplicationConfiguration", "s3:ListBucket"],
      resources: [names.bucketArn("primary")],
    });
    allow(this, {
      actions: [
        "s3:GetObjectLegalHold",
        "s3:GetObjectRetention",
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionForReplication",
        "s3:GetObjectVersionTagging",
      ],
      resources: RULES.map(({ prefix }) => `${names.bucketArn("primary")}/${prefix}*`),
      wildcard: "S3 replicates every object beneath these prefixes of the primary bucket.",
    });
    allow(this, {
      actions: ["s3:ReplicateObject", "s3:ReplicateTags"],
      resources: RULES.map(({ prefix }) => `${names.bucketArn(replica)}/${prefix}*`),
      conditions: inAccount(account),
      wildcard: "S3 replicates every object beneath these prefixes of the primary bucket.",
    });
    allow(this, { actions: ["kms:Decrypt"], resources: [sourceKey.keyArn] });
    /** Decrypt, because with bucket keys S3 unwraps the replica's bucket key. */
    allow(
      this,
      keyByAlias(region, row.replication.region, names.keyAlias(replica), [
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey",
      ]),
    );

    const bucket = source.node.defaultChild as CfnBucket;
    bucket.replicationConfiguration = {
      /** By its name: an import of the bucket can't refer to a role that is made afterwards. */
      role: names.roleArn(names.replicationRole()),
      rules: RULES.map(({ id: rule, prefix }, position) => ({
        id: rule,
        status: "Enabled",
        priority: position + 1,
        filter: { prefix },
        /** Version deletions never replicate either: retention sweeps both sides itself. */
        deleteMarkerReplication: { status: "Disabled" },
        sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
        destination: {
          bucket: names.bucketArn(replica),
          encryptionConfiguration: {
            replicaKmsKeyId: `arn:aws:kms:${row.replication.region}:${account}:${names.keyAlias(replica)}`,
          },
          replicationTime: { status: "Enabled", time: { minutes: REPLICATION_MINUTES } },
          metrics: { status: "Enabled", eventThreshold: { minutes: REPLICATION_MINUTES } },
        },
      })),
    };
    /** S3 tries the role when the rule is set; the policy names the bucket by its name, so this is no circle. */
    if (!isAdopting(this)) bucket.node.addDependency(this.role);
  }
}
