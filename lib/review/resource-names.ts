/** How people call a resource: by what its name ends with. Pure. */
import { at, type ReviewedResource } from "./deployment";
import { tailOf } from "./normal-form";
import { withoutHashes } from "./plain-values";

interface Calling {
  readonly noun: string;
  /** The property that holds the physical name. */
  readonly name: string;
}
const CALLED: Readonly<Record<string, Calling>> = {
  "AWS::S3::Bucket": { noun: "bucket", name: "BucketName" },
  "AWS::S3::BucketPolicy": { noun: "policy of the bucket", name: "Bucket" },
  "AWS::KMS::Key": { noun: "key", name: "" },
  "AWS::KMS::Alias": { noun: "alias", name: "AliasName" },
  "AWS::DynamoDB::Table": { noun: "table", name: "TableName" },
  "AWS::DynamoDB::GlobalTable": { noun: "table", name: "TableName" },
  "AWS::Backup::BackupVault": { noun: "vault", name: "BackupVaultName" },
  "AWS::Lambda::Function": { noun: "function", name: "FunctionName" },
  "AWS::ECS::TaskDefinition": { noun: "task", name: "Family" },
  "AWS::StepFunctions::StateMachine": { noun: "workflow", name: "StateMachineName" },
  "AWS::Scheduler::Schedule": { noun: "schedule", name: "Name" },
  "AWS::Events::Rule": { noun: "rule", name: "Name" },
  "AWS::CloudWatch::Alarm": { noun: "alarm", name: "AlarmName" },
  "AWS::CloudWatch::Dashboard": { noun: "dashboard", name: "" },
  "AWS::Logs::LogGroup": { noun: "log group", name: "LogGroupName" },
  "AWS::SNS::Topic": { noun: "topic", name: "TopicName" },
  "AWS::SNS::TopicPolicy": { noun: "policy of the topic", name: "" },
  "AWS::SQS::Queue": { noun: "queue", name: "QueueName" },
  "AWS::SQS::QueuePolicy": { noun: "policy of the queue", name: "" },
  "AWS::ApiGateway::RestApi": { noun: "API", name: "Name" },
  "AWS::ApiGateway::Stage": { noun: "stage of the API", name: "StageName" },
  "AWS::ECS::Cluster": { noun: "cluster", name: "ClusterName" },
  Role: { noun: "role", name: "RoleName" },
  Output: { noun: "output", name: "" },
};

/** The physical name, or undefined where CloudFormation makes one up. */
export const physicalName = ({ type, properties }: ReviewedResource): string | undefined => {
  const name = at(properties, CALLED[type]?.name ?? "");
  return typeof name === "string" ? name : undefined;
};

/** `the bucket "primary"`, `the key "Snapshots of <place>"`, which has no name but says what it is for. */
export const call = (key: string, resource: ReviewedResource): string => {
  const noun = CALLED[resource.type]?.noun ?? resource.type;
  const name = physicalName(resource);
  const tail = tailOf(name) ?? (name?.startsWith("<") === false ? name : undefined);
  if (tail !== undefined) return `the ${noun} "${tail}"`;
  const purpose = resource.type === "AWS::KMS::Key" ? at(resource.properties, "Description") : undefined;
  if (typeof purpose === "string") return `the ${noun} "${purpose}"`;
  return `the ${noun} ${withoutHashes(/^<(\w+)>$/.exec(name ?? "")?.[1] ?? key.replace(/^(Role|Output) /, ""))}`;
};

/** A value as a sentence shows it: short texts and numbers as they are. */
export const show = (value: unknown): string => {
  if (value === undefined || value === null) return "nothing";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text === "" ? "nothing" : text;
};
