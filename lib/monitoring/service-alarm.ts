/** An alarm that says what it means for the users, and links the runbook's article. */
import { Alarm, ComparisonOperator, TreatMissingData, type IMetric } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { Topic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import type { ServiceRegion } from "../service-region";

export interface ServiceAlarmProps {
  readonly region: ServiceRegion;
  readonly topic: Topic;
  /** Part of the alarm's name and the article's name: `backup-failed`. */
  readonly name: string;
  readonly metric: IMetric;
  /** One sentence: what users lose while this goes on. */
  readonly impact: string;
}

export class ServiceAlarm extends Construct {
  readonly alarm: Alarm;

  constructor(scope: Construct, id: string, { region, topic, name, metric, impact }: ServiceAlarmProps) {
    super(scope, id);
    this.alarm = new Alarm(this, "Alarm", {
      alarmName: region.names.alarm(name),
      alarmDescription: `${impact} Runbook: ${region.stage.runbookUrl}/${name}`,
      metric,
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    const action = new SnsAction(topic);
    this.alarm.addAlarmAction(action);
    this.alarm.addOkAction(action);
  }
}
