/** Changes of what an alarm watches, and of when it rings. */
import type { TemplateChange } from "./harmless-changes";
import type { Changed } from "./template-changes";

export const ALARM_CHANGES: readonly TemplateChange[] = [
  {
    change: "an alarm waits for 3 of 5, and takes missing data for an alarm",
    make: (changed) => {
      const rings = (
        of: Changed,
        EvaluationPeriods: number,
        DatapointsToAlarm: number,
        TreatMissingData: string,
      ): void => {
        const alarm = of.properties("Primary-Osaka", "AWS::CloudWatch::Alarm", "backup-failed");
        Object.assign(alarm, { EvaluationPeriods, DatapointsToAlarm, TreatMissingData });
      };
      changed.before = (earlier) => rings(earlier, 1, 1, "notBreaching");
      rings(changed, 5, 3, "breaching");
    },
    says: [
      'In Osaka, the alarm "backup-failed" rings when 3 of 5 periods are beyond it, instead of when 1 of 1 period is beyond it.',
      'In Osaka, the alarm "backup-failed" takes missing data for breaching instead of notBreaching.',
    ],
  },
  {
    change: "an alarm watches another dimension and statistic",
    make: (changed) => {
      const watches = (of: Changed, Statistic: string, Value: string): void => {
        const alarm = of.properties("Primary-Osaka", "AWS::CloudWatch::Alarm", "backup-failed");
        delete alarm.Metrics;
        Object.assign(alarm, { Namespace: "N", MetricName: "M", Statistic, Dimensions: [{ Name: "by", Value }] });
      };
      changed.before = (earlier) => watches(earlier, "Sum", "ENVIRONMENT");
      watches(changed, "Maximum", "REGION");
    },
    says: [
      'In Osaka, the alarm "backup-failed" watches the maximum of N M for by=REGION by GreaterThanOrEqualToThreshold, instead of the sum of N M for by=ENVIRONMENT by GreaterThanOrEqualToThreshold.',
    ],
  },
  {
    change: "an alarm's expression adds up another metric",
    make: (changed) => {
      const watches = (of: Changed, MetricName: string): void => {
        const alarm = of.properties("Primary-Osaka", "AWS::CloudWatch::Alarm", "backup-failed");
        const Metric = { Namespace: "N", MetricName, Dimensions: [{ Name: "region", Value: "here" }] };
        alarm.Metrics = [
          { Id: "all", Expression: "FILL(failed, 0)" },
          { Id: "failed", MetricStat: { Metric, Period: 300, Stat: "Sum" }, ReturnData: false },
        ];
      };
      changed.before = (earlier) => watches(earlier, "Failed");
      watches(changed, "Lost");
    },
    says: [
      'In Osaka, the alarm "backup-failed" watches FILL(failed, 0), where failed is the sum of N Lost for region=here in 300 s, by GreaterThanOrEqualToThreshold, instead of FILL(failed, 0), where failed is the sum of N Failed for region=here in 300 s, by GreaterThanOrEqualToThreshold.',
    ],
  },
];
