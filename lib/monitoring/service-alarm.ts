/** An alarm that says what it means for the users, and links the runbook's article. */
import { Alarm, ComparisonOperator, TreatMissingData, type IMetric } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { Topic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import type { ServiceRegion } from "../service-region";

/** How many of the newest periods have to be at fault, and what a period without a value means. */
export interface AlarmEvaluation {
  /** M. */
  readonly datapoints: number;
  /** N. */
  readonly periods: number;
  readonly missingData: TreatMissingData;
  /** Somebody is told, too, when values have stopped; not when none has come yet. @default false */
  readonly tellsOfSilence?: boolean;
}

/**
 * Values come late: Step Functions', and those of log lines, by minutes. CloudWatch does not look again at what it has
 * passed, least of all where FILL has put a zero in its place. So one bad period of the newest three is enough: a value
 * that is two periods late is seen, one that stays bad raises the alarm once, and a gap within three periods does not
 * end it. No value is no fault. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
 */
export const ONE_OF_THREE: AlarmEvaluation = {
  datapoints: 1,
  periods: 3,
  missingData: TreatMissingData.NOT_BREACHING,
};

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
  /** @default ONE_OF_THREE */
  readonly evaluation?: AlarmEvaluation;
}

export class ServiceAlarm extends Construct {
  readonly alarm: Alarm;

  constructor(scope: Construct, id: string, props: ServiceAlarmProps) {
    super(scope, id);
    const { region, topic, name, metric, impact, evaluation = ONE_OF_THREE } = props;
    this.alarm = new Alarm(this, "Alarm", {
      alarmName: region.names.alarm(name),
      alarmDescription: `${impact} Runbook: ${region.stage.runbookUrl}/${name}`,
      metric,
      threshold: props.threshold ?? 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: evaluation.periods,
      datapointsToAlarm: evaluation.datapoints,
      treatMissingData: evaluation.missingData,
    });
    const action = new SnsAction(topic);
    this.alarm.addAlarmAction(action);
    this.alarm.addOkAction(action);
    if (evaluation.tellsOfSilence === true) this.alarm.addInsufficientDataAction(action);
  }
}
