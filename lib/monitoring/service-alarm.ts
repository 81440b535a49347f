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
  /** From which value on. @default 1 */
  readonly threshold?: number;
  /** How many periods in a row have to be at fault. @default 1 */
  readonly periods?: number;
  /** @default greater than or equal to the threshold */
  readonly comparison?: ComparisonOperator;
  /** What a period without a value means. @default nothing happened, so nothing is wrong */
  readonly missingData?: TreatMissingData;
}

export class ServiceAlarm extends Construct {
  readonly alarm: Alarm;

  constructor(scope: Construct, id: string, props: ServiceAlarmProps) {
    super(scope, id);
    const { region, topic, name, metric, impact } = props;
    this.alarm = new Alarm(this, "Alarm", {
      alarmName: region.names.alarm(name),
      alarmDescription: `${impact} Runbook: ${region.stage.runbookUrl}/${name}`,
      metric,
      threshold: props.threshold ?? 1,
      comparisonOperator: props.comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: props.periods ?? 1,
      treatMissingData: props.missingData ?? TreatMissingData.NOT_BREACHING,
    });
    const action = new SnsAction(topic);
    this.alarm.addAlarmAction(action);
    this.alarm.addOkAction(action);
  }
}
