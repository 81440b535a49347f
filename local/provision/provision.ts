/**
 * Makes the app's buckets, tables and topics, as the templates describe them. Buckets stand on the S3 server, the
 * rest in moto. moto's CloudFormation would drop Object Lock, versioning and replication, so each is made directly.
 */
import { CreateTableCommand, DynamoDBClient, type CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import type { ReplicationRule } from "../replication/replication";
import type { Servers } from "../gateway/servers";
import type { Upstream } from "../gateway/sign";
import type { AppResource, SynthesizedApp } from "../template/app";
import { createBucket, type BucketRequest } from "./buckets";

interface BucketProperties {
  readonly ObjectLockEnabled?: boolean;
  readonly VersioningConfiguration?: { readonly Status: string };
  readonly ReplicationConfiguration?: {
    readonly Rules: readonly {
      readonly Status: string;
      readonly Destination: { readonly Bucket: string };
      readonly Filter?: { readonly Prefix?: string; readonly And?: { readonly Prefix?: string } };
      readonly Prefix?: string;
    }[];
  };
}

export interface Provisioned {
  readonly buckets: readonly string[];
  readonly replicationRules: readonly ReplicationRule[];
}

/** `onBucket` hears of every bucket before it is made. */
export const provision = async (
  app: SynthesizedApp,
  servers: Servers,
  onBucket: (bucket: BucketRequest) => void,
): Promise<Provisioned> => {
  const buckets = app.all<BucketProperties>("AWS::S3::Bucket");
  for (const { name, region, properties } of buckets) {
    const bucket: BucketRequest = {
      name,
      region,
      objectLock: properties.ObjectLockEnabled === true,
      versioned: properties.VersioningConfiguration?.Status === "Enabled",
    };
    onBucket(bucket);
    await createBucket(servers.s3Of(name), bucket);
  }
  for (const table of app.all("AWS::DynamoDB::Table")) await createTable(table, servers.servicesOf(table.region));
  for (const topic of app.all("AWS::SNS::Topic")) {
    const moto = servers.servicesOf(topic.region);
    const sns = new SNSClient({ endpoint: moto.url.href, region: topic.region, credentials: moto.credentials });
    await sns.send(new CreateTopicCommand({ Name: topic.name }));
  }
  return { buckets: buckets.map(({ name }) => name), replicationRules: buckets.flatMap(rulesOf) };
};

const rulesOf = ({ name, properties }: AppResource<BucketProperties>): ReplicationRule[] =>
  (properties.ReplicationConfiguration?.Rules ?? [])
    .filter(({ Status }) => Status === "Enabled")
    .map(({ Destination, Filter, Prefix }) => ({
      bucket: name,
      prefix: Filter?.Prefix ?? Filter?.And?.Prefix ?? Prefix ?? "",
      destination: Destination.Bucket.split(":").at(-1) ?? "",
    }));

const TABLE_PROPERTIES = [
  "AttributeDefinitions",
  "KeySchema",
  "GlobalSecondaryIndexes",
  "LocalSecondaryIndexes",
] as const;

const createTable = async ({ name, region, properties }: AppResource, moto: Upstream): Promise<void> => {
  const client = new DynamoDBClient({ endpoint: moto.url.href, region, credentials: moto.credentials });
  const shape = Object.fromEntries(
    TABLE_PROPERTIES.filter((field) => field in properties).map((field) => [field, properties[field]]),
  );
  const input: CreateTableCommandInput = { TableName: name, BillingMode: "PAY_PER_REQUEST", ...shape };
  await client.send(new CreateTableCommand(input));
};
