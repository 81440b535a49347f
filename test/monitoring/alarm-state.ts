/**
 * The state of an alarm from the values of its periods, as CloudWatch documents it: the newest values that there are,
 * from farther back where some are missing; only where there are too few, the setting for missing data fills the rest.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

export interface StateRule {
  /** Of the alarm, for errors. */
  readonly name: string;
  /** N. */
  readonly periods: number;
  /** M. */
  readonly toAlarm: number;
  /** `TreatMissingData`. */
  readonly missing: string;
  readonly before: AlarmState;
}
/** Whether it is at fault; undefined: no value. */
type Breaching = boolean | undefined;

/** `values`: the oldest first; as many as the periods, or more. */
export const stateOf = (values: readonly Breaching[], rule: StateRule): AlarmState => {
  const { name, periods, toAlarm, missing, before } = rule;
  const real = values.filter((value) => value !== undefined);
  const alarmFrom = (breaches: number): AlarmState => (breaches >= toAlarm ? "ALARM" : "OK");
  const breaches = real.slice(-periods).filter(Boolean).length;
  if (real.length >= periods) return alarmFrom(breaches);
  switch (missing) {
    case "breaching":
      return alarmFrom(breaches + periods - real.length);
    case "notBreaching":
      return alarmFrom(breaches);
    case "missing":
    case "ignore": {
      if (real.includes(false) || breaches >= toAlarm) return alarmFrom(breaches);
      if (missing === "ignore") return before;
      // All that is there is at fault: long enough ago to be sure, or too new to tell.
      const oldest = values.indexOf(true);
      return oldest >= 0 && values.length - oldest >= toAlarm ? "ALARM" : "INSUFFICIENT_DATA";
    }
    default:
      throw new Error(`${name}: treating missing data as "${missing}" is not known here.`);
  }
};
