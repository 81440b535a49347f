/**
 * The resource types of our templates: how a resource is named, what Ref and GetAtt give, and what the local run
 * makes of it. A type that is not listed here is an error, so that nothing new goes unnoticed.
 */
import { createHash } from "node:crypto";

export interface Place {
  readonly account: string;
  readonly region: string;
}
export interface ResourceKind {
  /** The property that holds the physical name, where the template may choose it. */
  readonly nameProperty?: string;
  readonly ref: (name: string, place: Place) => string;
  readonly attributes: (name: string, place: Place) => Readonly<Record<string, string>>;
}

const arnOf =
  (service: string, prefix = "", suffix = "") =>
  (name: string, { account, region }: Place): string =>
    `arn:aws:${service}:${service === "iam" ? "" : region}:${account}:${prefix}${name}${suffix}`;

const kind = (
  nameProperty: string | undefined,
  ref: ResourceKind["ref"],
  attributes: ResourceKind["attributes"] = () => ({}),
): ResourceKind => ({ ...(nameProperty === undefined ? {} : { nameProperty }), ref, attributes });

const byName = (name: string): string => name;
const arnAs =
  (attribute: string, arn: (name: string, place: Place) => string) =>
  (name: string, place: Place): Record<string, string> => ({ [attribute]: arn(name, place) });

/** API Gateway makes its ids up: ten letters and digits. Here the same resource has the same id in every run. */
const gatewayId = (name: string): string => {
  const digest = createHash("sha256").update(name).digest().readBigUInt64BE();
  return `a${digest.toString(36).padStart(9, "0").slice(0, 9)}`;
};

export const RESOURCE_KINDS: Readonly<Record<string, ResourceKind>> = {
  "AWS::S3::Bucket": kind("BucketName", byName, (name, { region }) => ({
    Arn: `arn:aws:s3:::${name}`,
    DomainName: `${name}.s3.amazonaws.com`,
    RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
  })),
  "AWS::S3::BucketPolicy": kind(undefined, byName),
  "AWS::Backup::BackupVault": kind("BackupVaultName", byName, (name, place) => ({
    BackupVaultArn: arnOf("backup", "backup-vault:")(name, place),
    BackupVaultName: name,
  })),
  "AWS::DynamoDB::Table": kind("TableName", byName, arnAs("Arn", arnOf("dynamodb", "table/"))),
  "AWS::Lambda::Function": kind("FunctionName", byName, arnAs("Arn", arnOf("lambda", "function:"))),
  "AWS::Lambda::Permission": kind(undefined, byName),
  "AWS::Lambda::EventInvokeConfig": kind(undefined, byName),
  "AWS::StepFunctions::StateMachine": kind("StateMachineName", arnOf("states", "stateMachine:"), (name, place) => ({
    Arn: arnOf("states", "stateMachine:")(name, place),
    Name: name,
  })),
  "AWS::Scheduler::Schedule": kind("Name", byName, arnAs("Arn", arnOf("scheduler", "schedule/default/"))),
  "AWS::Scheduler::ScheduleGroup": kind("Name", byName, arnAs("Arn", arnOf("scheduler", "schedule-group/"))),
  "AWS::ECS::Cluster": kind("ClusterName", byName, arnAs("Arn", arnOf("ecs", "cluster/"))),
  "AWS::ECS::ClusterCapacityProviderAssociations": kind(undefined, byName),
  "AWS::ECS::TaskDefinition": kind(
    "Family",
    arnOf("ecs", "task-definition/", ":1"),
    arnAs("TaskDefinitionArn", arnOf("ecs", "task-definition/", ":1")),
  ),
  "AWS::IAM::Role": kind("RoleName", byName, (name, place) => ({
    Arn: arnOf("iam", "role/")(name, place),
    RoleId: `AROA${name}`,
  })),
  "AWS::IAM::Policy": kind("PolicyName", byName),
  "AWS::IAM::ManagedPolicy": kind(
    "ManagedPolicyName",
    arnOf("iam", "policy/"),
    arnAs("PolicyArn", arnOf("iam", "policy/")),
  ),
  "AWS::KMS::Key": kind(undefined, byName, (name, place) => ({ Arn: arnOf("kms", "key/")(name, place), KeyId: name })),
  "AWS::KMS::Alias": kind("AliasName", byName, arnAs("Arn", arnOf("kms"))),
  "AWS::SNS::Topic": kind("TopicName", arnOf("sns"), (name, place) => ({
    TopicArn: arnOf("sns")(name, place),
    TopicName: name,
  })),
  "AWS::SNS::TopicPolicy": kind(undefined, byName),
  "AWS::SNS::Subscription": kind(undefined, byName),
  "AWS::SQS::Queue": kind(
    "QueueName",
    (name, { account, region }) => `https://sqs.${region}.amazonaws.com/${account}/${name}`,
    (name, place) => ({
      Arn: arnOf("sqs")(name, place),
      QueueName: name,
    }),
  ),
  "AWS::SQS::QueuePolicy": kind(undefined, byName),
  "AWS::Events::Rule": kind("Name", byName, arnAs("Arn", arnOf("events", "rule/"))),
  "AWS::Logs::LogGroup": kind("LogGroupName", byName, arnAs("Arn", arnOf("logs", "log-group:", ":*"))),
  "AWS::Logs::ResourcePolicy": kind("PolicyName", byName),
  "AWS::Logs::MetricFilter": kind("FilterName", byName),
  "AWS::CloudWatch::Alarm": kind("AlarmName", byName, arnAs("Arn", arnOf("cloudwatch", "alarm:"))),
  "AWS::CloudWatch::CompositeAlarm": kind("AlarmName", byName, arnAs("Arn", arnOf("cloudwatch", "alarm:"))),
  "AWS::CloudWatch::Dashboard": kind("DashboardName", byName),
  "AWS::ApiGateway::RestApi": kind(undefined, gatewayId, (name) => ({
    RestApiId: gatewayId(name),
    RootResourceId: gatewayId(`${name} /`),
  })),
  "AWS::ApiGateway::Resource": kind(undefined, gatewayId, (name) => ({ ResourceId: gatewayId(name) })),
  "AWS::ApiGateway::Method": kind(undefined, gatewayId),
  "AWS::ApiGateway::Deployment": kind(undefined, gatewayId, (name) => ({ DeploymentId: gatewayId(name) })),
  "AWS::ApiGateway::Stage": kind("StageName", byName),
  "AWS::ApiGateway::Account": kind(undefined, gatewayId),
  "AWS::ApiGateway::GatewayResponse": kind(undefined, gatewayId),
  "AWS::WAFv2::WebACLAssociation": kind(undefined, byName),
  "AWS::CDK::Metadata": kind(undefined, byName),
};
