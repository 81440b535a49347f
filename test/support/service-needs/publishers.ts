/**
 * Services that publish to a topic of the app by themselves: the topic's policy has to admit them, and so has the policy
 * of the key that it is encrypted with.
 *
 * Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html,
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html,
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
import type { AppResource, SynthesizedApp } from "../../../local/template/app";
import { matches } from "../../../local/permissions/evaluate";

interface PolicyStatement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Principal?: { readonly Service?: string | readonly string[] };
}
interface Document {
  readonly Statement: readonly PolicyStatement[];
}
interface Publisher {
  readonly service: string;
  readonly topic: string;
  readonly lacks: readonly string[];
}
const OF_KEY = ["kms:Decrypt", "kms:GenerateDataKey"];

const admits = ({ Statement }: Document, service: string, action: string): boolean =>
  Statement.some(
    ({ Effect, Action, Principal }) =>
      Effect === "Allow" &&
      [Principal?.Service ?? []].flat().includes(service) &&
      [Action].flat().some((pattern) => matches(pattern, action)),
  );

/** Alarms by CloudWatch; rules by EventBridge. */
export const publishers = (app: SynthesizedApp): readonly Publisher[] => {
  const alarms = app
    .all<{ AlarmActions?: readonly string[]; OKActions?: readonly string[] }>("AWS::CloudWatch::Alarm")
    .flatMap(({ properties: { AlarmActions = [], OKActions = [] } }) => [...AlarmActions, ...OKActions])
    .map((topic) => ({ service: "cloudwatch.amazonaws.com", topic }));
  const rules = app
    .all<{ Targets?: readonly { readonly Arn: string }[] }>("AWS::Events::Rule")
    .flatMap(({ properties: { Targets = [] } }) => Targets)
    .map(({ Arn }) => ({ service: "events.amazonaws.com", topic: Arn }));
  const different = new Map([...alarms, ...rules].map((one) => [`${one.service} ${one.topic}`, one]));
  return [...different.values()].map((one) => ({ ...one, lacks: lacksOf(app, one) }));
};

const lacksOf = (
  app: SynthesizedApp,
  { service, topic }: { readonly service: string; readonly topic: string },
): readonly string[] => {
  const policies = app
    .all<{ Topics: readonly string[]; PolicyDocument: Document }>("AWS::SNS::TopicPolicy")
    .filter(({ properties }) => properties.Topics.includes(topic));
  const onTopic = policies.some(({ properties }) => admits(properties.PolicyDocument, service, "sns:Publish"));
  const found = app.all<{ KmsMasterKeyId?: string }>("AWS::SNS::Topic").find(({ ref }) => ref === topic);
  const key = found?.properties.KmsMasterKeyId;
  return [
    ...(onTopic ? [] : [`${topic} does not admit ${service} to sns:Publish`]),
    ...(key === undefined ? [] : OF_KEY.filter((action) => !admits(keyPolicy(app, key), service, action))).map(
      (action) => `the key of ${topic} does not admit ${service} to ${action}`,
    ),
  ];
};

const keyPolicy = (app: SynthesizedApp, key: string): Document => {
  const found: AppResource<{ KeyPolicy: Document }> | undefined = app
    .all<{ KeyPolicy: Document }>("AWS::KMS::Key")
    .find((one) => one.ref === key || one.attribute("Arn") === key);
  if (found === undefined) throw new Error(`no key ${key}`);
  return found.properties.KeyPolicy;
};
