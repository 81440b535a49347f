/**
 * Where failures are told: one encrypted topic, with the e-mail addresses of the stage. Three things must agree, or
 * an alarm is silent: the topic's policy must admit CloudWatch and EventBridge (one that only denies plain HTTP
 * shuts them out), and so must the key.
 */
import { AnyPrincipal, Effect, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import { allow, type Grantee } from "../permissions/allow";
import type { ServiceRegion } from "../service-region";
import { ServiceKey } from "../storage/service-key";

/** CloudWatch for alarms; EventBridge for what other services report, such as copies of recovery points. */
const SENDERS = ["cloudwatch.amazonaws.com", "events.amazonaws.com"];

export interface AlarmTopicProps {
  readonly region: ServiceRegion;
}

export class AlarmTopic extends Construct {
  readonly topic: Topic;
  private readonly keyArn: string;

  constructor(scope: Construct, id: string, { region }: AlarmTopicProps) {
    super(scope, id);
    const { key } = new ServiceKey(this, "Key", {
      region,
      kind: "alarm",
      description: `Alarms of the backup service in ${region.row.region}`,
    });
    this.keyArn = key.keyArn;
    this.topic = new Topic(this, "Topic", {
      topicName: region.names.alarmTopic(),
      displayName: `Backups in ${region.row.name}`,
      masterKey: key,
    });
    for (const email of region.stage.notify) this.topic.addSubscription(new EmailSubscription(email));

    const senders = SENDERS.map((name) => new ServicePrincipal(name));
    const fromThisAccount = { StringEquals: { "aws:SourceAccount": region.account } };
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: "AlarmsAndEventsMayPublish",
        principals: senders,
        actions: ["sns:Publish"],
        resources: [this.topic.topicArn],
        conditions: fromThisAccount,
      }),
    );
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: "NobodyPublishesWithoutTls",
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ["sns:Publish"],
        resources: [this.topic.topicArn],
        conditions: { Bool: { "aws:SecureTransport": "false" } },
      }),
    );
    /** Without a condition: not every event source sends one to KMS, and the topic's policy has it already. */
    key.addToResourcePolicy(
      new PolicyStatement({
        sid: "AlarmsAndEventsMayEncrypt",
        principals: senders,
        actions: ["kms:Decrypt", "kms:GenerateDataKey*"],
        resources: ["*"],
      }),
    );
  }

  /** A function that tells someone itself. */
  grantTell(grantee: Grantee): void {
    allow(grantee, { actions: ["sns:Publish"], resources: [this.topic.topicArn] });
    allow(grantee, { actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: [this.keyArn] });
  }
}
