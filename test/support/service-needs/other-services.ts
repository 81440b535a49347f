/** What S3, Scheduler, ECS and Lambda ask of the roles that the app hands them, read off what they are told to do. */
import type { AppResource, SynthesizedApp } from "../../../local/template/app";
import { ACCOUNT } from "../iam";
import { roleName, type Need, type ServiceRole } from "./need";

export const REPLICATION =
  "https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html";
export const SCHEDULER = "https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html";
export const TASK_EXECUTION =
  "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html";
export const EXECUTION = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html";

interface BucketProperties {
  readonly BucketEncryption?: {
    readonly ServerSideEncryptionConfiguration: readonly {
      readonly ServerSideEncryptionByDefault?: { readonly KMSMasterKeyID?: string };
    }[];
  };
  readonly ObjectLockEnabled?: boolean;
  readonly ReplicationConfiguration?: {
    readonly Role: string;
    readonly Rules: readonly {
      readonly Filter?: { readonly Prefix?: string };
      readonly DeleteMarkerReplication?: { readonly Status?: string };
      readonly Destination: {
        readonly Bucket: string;
        readonly EncryptionConfiguration?: { readonly ReplicaKmsKeyID: string };
      };
    }[];
  };
}

/** Object Lock and bucket keys: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html */
export const replicationRoles = (app: SynthesizedApp): readonly ServiceRole[] =>
  app.all<BucketProperties>("AWS::S3::Bucket").flatMap((bucket) => {
    const configuration = bucket.properties.ReplicationConfiguration;
    return configuration === undefined
      ? []
      : [
          {
            role: roleName(configuration.Role),
            service: "s3.amazonaws.com",
            source: REPLICATION,
            needs: needsOfReplication(bucket, configuration.Rules),
          },
        ];
  });

type ReplicationRule = NonNullable<BucketProperties["ReplicationConfiguration"]>["Rules"][number];

const needsOfReplication = (
  { name, region, properties }: AppResource<BucketProperties>,
  rules: readonly ReplicationRule[],
): readonly Need[] => {
  const sourceKey =
    properties.BucketEncryption?.ServerSideEncryptionConfiguration[0]?.ServerSideEncryptionByDefault?.KMSMasterKeyID;
  const ofAccount = { "aws:ResourceAccount": ACCOUNT };
  return [
    { actions: ["s3:GetReplicationConfiguration", "s3:ListBucket"], on: [`arn:aws:s3:::${name}`] },
    ...rules.flatMap(({ Filter, DeleteMarkerReplication, Destination }): readonly Need[] => {
      const key = `${Filter?.Prefix ?? ""}an-object`;
      const replicaKey = Destination.EncryptionConfiguration?.ReplicaKmsKeyID;
      return [
        {
          actions: [
            "s3:GetObjectVersionAcl",
            "s3:GetObjectVersionForReplication",
            "s3:GetObjectVersionTagging",
            ...(properties.ObjectLockEnabled === true ? ["s3:GetObjectLegalHold", "s3:GetObjectRetention"] : []),
          ],
          on: [`arn:aws:s3:::${name}/${key}`],
        },
        {
          actions: [
            "s3:ReplicateObject",
            "s3:ReplicateTags",
            ...(DeleteMarkerReplication?.Status === "Enabled" ? ["s3:ReplicateDelete"] : []),
          ],
          on: [`${Destination.Bucket}/${key}`],
          context: ofAccount,
        },
        ...(sourceKey === undefined
          ? []
          : [{ actions: ["kms:Decrypt"], on: [keyArn(sourceKey, region)], context: via(region) }]),
        ...(replicaKey === undefined ? [] : [needOfReplicaKey(replicaKey)]),
      ];
    }),
  ];
};
const via = (region: string): Readonly<Record<string, string>> => ({ "kms:ViaService": `s3.${region}.amazonaws.com` });
const keyArn = (key: string, region: string): string =>
  key.startsWith("arn:") ? key : `arn:aws:kms:${region}:${ACCOUNT}:key/${key}`;

/** By its alias: IAM then knows it by that alias among its key's. */
const needOfReplicaKey = (aliasArn: string): Need => {
  const [, , , region = "", , alias = ""] = aliasArn.split(":");
  return {
    actions: ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
    on: [`arn:aws:kms:${region}:${ACCOUNT}:key/a-key`],
    context: { ...via(region), "kms:ResourceAliases": alias },
  };
};

interface ScheduleProperties {
  readonly Target: {
    readonly Arn: string;
    readonly RoleArn: string;
    readonly DeadLetterConfig?: { readonly Arn: string };
  };
}
export const scheduleRoles = (app: SynthesizedApp): readonly ServiceRole[] =>
  app.all<ScheduleProperties>("AWS::Scheduler::Schedule").map(({ properties: { Target } }) => ({
    role: roleName(Target.RoleArn),
    service: "scheduler.amazonaws.com",
    source: SCHEDULER,
    needs: [
      {
        actions: [Target.Arn.includes(":stateMachine:") ? "states:StartExecution" : "lambda:InvokeFunction"],
        on: [Target.Arn],
      },
      ...(Target.DeadLetterConfig === undefined ? [] : needsOfQueue(app, Target.DeadLetterConfig.Arn)),
    ],
  }));

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html, and its key where it has one of its own. */
const needsOfQueue = (app: SynthesizedApp, queueArn: string): readonly Need[] => {
  const queue = app
    .all<{ KmsMasterKeyId?: string }>("AWS::SQS::Queue")
    .find((one) => one.attribute("Arn") === queueArn);
  if (queue === undefined) throw new Error(`no queue ${queueArn}`);
  const { KmsMasterKeyId: key } = queue.properties;
  return [
    { actions: ["sqs:SendMessage"], on: [queueArn] },
    ...(key === undefined
      ? []
      : [{ actions: ["kms:Decrypt", "kms:GenerateDataKey"], on: [keyArn(key, queue.region)] }]),
  ];
};

interface TaskProperties {
  readonly ExecutionRoleArn: string;
  readonly TaskRoleArn: string;
  readonly ContainerDefinitions: readonly {
    readonly Image: string;
    readonly LogConfiguration?: { readonly Options: Readonly<Record<string, string>> };
    readonly Secrets?: readonly unknown[];
  }[];
}
const IMAGE = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.[^/]+\/([^:@]+)/;

export const taskRoles = (app: SynthesizedApp): readonly ServiceRole[] =>
  app.all<TaskProperties>("AWS::ECS::TaskDefinition").flatMap(({ name, region, properties }) => [
    { role: roleName(properties.TaskRoleArn), service: "ecs-tasks.amazonaws.com", source: TASK_EXECUTION, needs: [] },
    {
      role: roleName(properties.ExecutionRoleArn),
      service: "ecs-tasks.amazonaws.com",
      source: TASK_EXECUTION,
      needs: properties.ContainerDefinitions.flatMap(({ Image, LogConfiguration, Secrets = [] }): readonly Need[] => {
        if (Secrets.length > 0) throw new Error(`${name}: the table does not know what a container's secrets need`);
        const [, account, at, repository] = IMAGE.exec(Image) ?? [];
        const group = LogConfiguration?.Options["awslogs-group"];
        return [
          ...(repository === undefined
            ? []
            : [
                { actions: ["ecr:GetAuthorizationToken"], on: ["*"] },
                {
                  actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                  on: [`arn:aws:ecr:${at}:${account}:repository/${repository}`],
                },
              ]),
          ...(group === undefined ? [] : [needOfLog(group, region)]),
        ];
      }),
    },
  ]);

const needOfLog = (group: string, region: string): Need => ({
  actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
  on: [`arn:aws:logs:${region}:${ACCOUNT}:log-group:${group}:*`],
});

interface FunctionProperties {
  readonly Role: string;
  readonly LoggingConfig?: { readonly LogGroup?: string };
  readonly TracingConfig?: { readonly Mode?: string };
  readonly VpcConfig?: unknown;
  readonly DeadLetterConfig?: unknown;
}
export const functionRoles = (app: SynthesizedApp): readonly ServiceRole[] =>
  app.all<FunctionProperties>("AWS::Lambda::Function").map(({ name, region, properties }) => {
    if (properties.VpcConfig !== undefined || properties.DeadLetterConfig !== undefined)
      throw new Error(`${name}: the table does not know what a function's network or dead-letter queue needs`);
    const group = properties.LoggingConfig?.LogGroup;
    return {
      role: roleName(properties.Role),
      service: "lambda.amazonaws.com",
      source: EXECUTION,
      needs: [
        ...(group === undefined ? [] : [needOfLog(group, region)]),
        ...(properties.TracingConfig?.Mode === "Active"
          ? [{ actions: ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], on: ["*"] }]
          : []),
      ],
    };
  });

export const PRESIGNED = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html";

interface SigningProperties {
  readonly Role: string;
  readonly Environment?: {
    readonly Variables?: { readonly DOWNLOAD_ROLE_ARN?: string; readonly TRANSFER_BUCKET?: string };
  };
}
/** A presigned URL may what its signer may, and S3 has the bucket's key used in the signer's name. */
export const downloadRoles = (app: SynthesizedApp): readonly ServiceRole[] =>
  app.all<SigningProperties>("AWS::Lambda::Function").flatMap(({ region, properties }) => {
    const { DOWNLOAD_ROLE_ARN: role, TRANSFER_BUCKET: name } = properties.Environment?.Variables ?? {};
    if (role === undefined || name === undefined) return [];
    const bucket = app.all<BucketProperties>("AWS::S3::Bucket").find((one) => one.name === name);
    const key =
      bucket?.properties.BucketEncryption?.ServerSideEncryptionConfiguration[0]?.ServerSideEncryptionByDefault
        ?.KMSMasterKeyID;
    if (key === undefined) throw new Error(`no key of the bucket ${name}`);
    return [
      {
        role: roleName(role),
        service: properties.Role,
        source: PRESIGNED,
        needs: [
          {
            actions: ["s3:GetObject"],
            on: [`arn:aws:s3:::${name}/archives/an-id/a-file`],
            context: { "aws:ResourceAccount": ACCOUNT },
          },
          { actions: ["kms:Decrypt"], on: [keyArn(key, region)], context: via(region) },
        ],
      },
    ];
  });
