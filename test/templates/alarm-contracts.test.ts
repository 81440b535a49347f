/** Named contracts: whoever should be told of a failure is told. */
import { WORKFLOW_NAMES } from "../../lib/names";
import type { Resource } from "../support/synthesized";
import { allows, plain, resourcesOf, statementsOf, type Statement } from "./policies";
import { must } from "../support/must";
import { primaries, each } from "./deployed";

describe("alarms", () => {
  const SENDERS = ["cloudwatch.amazonaws.com", "events.amazonaws.com"];

  test("alarm → topic → key all admit CloudWatch and EventBridge", () => {
    for (const [, template] of primaries) {
      const alarms = resourcesOf(template, "AWS::CloudWatch::Alarm");
      expect(alarms.length).toBeGreaterThanOrEqual(10);
      const [[topicId, topic]] = resourcesOf(template, "AWS::SNS::Topic") as [[string, Resource]];
      for (const [, { Properties }] of alarms) expect(Properties.AlarmActions.map(plain)).toEqual([`<${topicId}>`]);
      const topicPolicy = resourcesOf(template, "AWS::SNS::TopicPolicy").flatMap(([, { Properties }]) =>
        statementsOf(Properties.PolicyDocument),
      );
      const keyId = must(must(/<(.+)\.Arn>/.exec(plain(topic.Properties.KmsMasterKeyId)))[1]);
      const keyPolicy = statementsOf(must(template.Resources[keyId]).Properties.KeyPolicy);
      for (const sender of SENDERS) {
        const admits = (policy: readonly Statement[], action: string): boolean =>
          allows(
            policy.filter(({ principals }) => principals.includes(sender)),
            action,
          );
        expect([
          sender,
          admits(topicPolicy, "sns:Publish"),
          admits(keyPolicy, "kms:Decrypt"),
          admits(keyPolicy, "kms:GenerateDataKey"),
        ]).toEqual([sender, true, true, true]);
      }
      expect(topicPolicy.filter(({ effect }) => effect === "Deny").map(({ conditions }) => conditions)).toEqual([
        { Bool: { "aws:SecureTransport": "false" } },
      ]);
    }
  });

  test("every alarm says its impact and links its article in the runbook", () => {
    each("AWS::CloudWatch::Alarm", ({ Properties }) => {
      const article = plain(Properties.AlarmName).replace(/^backups-<account>-[a-z]+-[a-z]+-\d-/, "");
      expect(Properties.AlarmDescription).toMatch(new RegExp(`^.{40,}\\. Runbook: https://.+/${article}$`));
    });
  });

  test("a failure alone raises the alarm, though nothing timed out or was aborted and CloudWatch has no such value", () => {
    each("AWS::CloudWatch::Alarm", ({ Properties }) => {
      if (Properties.Metrics === undefined || plain(Properties.AlarmName).endsWith("-gauges-failed")) return;
      const metrics = Properties.Metrics as { Id: string; Expression?: string; MetricStat?: { Metric: unknown } }[];
      const terms = metrics.filter(({ MetricStat }) => MetricStat !== undefined).map(({ Id }) => `FILL(${Id}, 0)`);
      const expression = must(metrics.find(({ Expression }) => Expression !== undefined)?.Expression);
      expect(terms.length).toBeGreaterThan(1);
      expect(expression.split(" + ").toSorted()).toEqual(terms.toSorted());
    });
  });

  test("every workflow but the probe has an alarm, and so have the API and the dead-letter queue", () => {
    for (const [, template] of primaries) {
      const watched = JSON.stringify(resourcesOf(template, "AWS::CloudWatch::Alarm"));
      for (const name of WORKFLOW_NAMES.filter((workflow) => workflow !== "probe")) {
        const [id] = must(
          resourcesOf(template, "AWS::StepFunctions::StateMachine").find(([, { Properties }]) =>
            plain(Properties.StateMachineName).endsWith(`-${name}`),
          ),
        );
        expect([name, watched.includes(id)]).toEqual([name, true]);
      }
      expect(watched).toContain("5XXError");
      expect(watched).toContain("ApproximateNumberOfMessagesVisible");
    }
  });
});
