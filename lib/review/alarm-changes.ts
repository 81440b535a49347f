/** What changes about an alarm: what it watches, when it rings, whom it tells. Pure. */
import { at, listOf, same, type Json, type ReviewedResource } from "./deployment";
import { andList, harmful, harmless, type Sentence } from "./finding";
import { call, show } from "./resource-names";
import type { Described } from "./user-changes";

const describe = (key: string, was: ReviewedResource, now: ReviewedResource): readonly Sentence[] => {
  const called = call(key, was);
  const found: Sentence[] = [];
  const differs = (say: (of: ReviewedResource) => unknown): boolean => !same(say(was), say(now));
  const value = (name: string) => (of: ReviewedResource) => of.properties[name];
  if (differs(value("Threshold")))
    found.push(
      harmless(
        `{in}, the threshold of ${called} changes from ${show(was.properties["Threshold"])} to ${show(now.properties["Threshold"])}`,
      ),
    );
  if (differs(periods))
    found.push(harmless(`{in}, ${called} rings when ${periods(now)}, instead of when ${periods(was)}`));
  if (differs(watched)) found.push(harmless(`{in}, ${called} watches ${watched(now)}, instead of ${watched(was)}`));
  if (differs(value("TreatMissingData")))
    found.push(harmless(`{in}, ${called} takes missing data for ${missing(now)} instead of ${missing(was)}`));
  if (differs(value("AlarmActions")))
    found.push(
      listOf(now.properties["AlarmActions"]).length === 0
        ? harmful("silent", called, `{in}, ${called} no longer tells anybody`, "keep its AlarmActions")
        : harmless(
            `{in}, ${called} tells ${show(now.properties["AlarmActions"])} instead of ${show(was.properties["AlarmActions"])}`,
          ),
    );
  if (was.properties["ActionsEnabled"] !== false && now.properties["ActionsEnabled"] === false)
    found.push(harmful("silent", called, `{in}, ${called} no longer tells anybody`, "keep ActionsEnabled"));
  return found;
};

/** CloudWatch's defaults: as many datapoints as there are periods. */
const periods = ({ properties }: ReviewedResource): string => {
  const all = Number(properties["EvaluationPeriods"] ?? 1);
  const beyond = Number(properties["DatapointsToAlarm"] ?? all);
  const seconds = properties["Period"] === undefined ? "" : ` of ${show(properties["Period"])} s`;
  return `${beyond} of ${all} ${all === 1 ? "period" : "periods"}${seconds} ${beyond === 1 ? "is" : "are"} beyond it`;
};

const watched = ({ properties }: ReviewedResource): string => {
  const dimensions = listOf(properties["Dimensions"]).map(dimension);
  const {
    Metrics,
    MetricName,
    Namespace,
    ExtendedStatistic,
    Statistic = ExtendedStatistic,
    ComparisonOperator,
  } = properties;
  return [
    ...(Metrics === undefined ? [] : [expression(listOf(Metrics))]),
    ...(MetricName === undefined
      ? []
      : [`the ${show(Statistic).toLowerCase()} of ${show(Namespace)} ${show(MetricName)}`]),
    ...(dimensions.length === 0 ? [] : [`for ${andList(dimensions)}`]),
    `by ${show(ComparisonOperator)}`,
  ].join(" ");
};

/** `E, where M is the sum of N M for D=V`: the expression that alarms, and what its names stand for. */
const expression = (queries: readonly Json[]): string => {
  const isMath = (query: Json): boolean => at(query, "Expression") !== undefined;
  const named = (query: Json): string =>
    `${show(at(query, "Id"))} is ${isMath(query) ? show(at(query, "Expression")) : measured(at(query, "MetricStat"))}`;
  const alarming = queries.find((query) => at(query, "ReturnData") !== false);
  if (alarming === undefined) return show(queries);
  const others = queries.filter((query) => query !== alarming).map(named);
  const said = isMath(alarming) ? show(at(alarming, "Expression")) : measured(at(alarming, "MetricStat"));
  return others.length === 0 ? said : `${said}, where ${andList(others)},`;
};
const measured = (stat: Json | undefined): string => {
  const dimensions = listOf(at(stat, "Metric", "Dimensions")).map(dimension);
  const what = `${show(at(stat, "Metric", "Namespace"))} ${show(at(stat, "Metric", "MetricName"))}`;
  return `the ${show(at(stat, "Stat")).toLowerCase()} of ${what}${dimensions.length === 0 ? "" : ` for ${andList(dimensions)}`} in ${show(at(stat, "Period"))} s`;
};
const dimension = (one: Json): string => `${show(at(one, "Name"))}=${show(at(one, "Value"))}`;

const missing = ({ properties }: ReviewedResource): string => show(properties["TreatMissingData"] ?? "missing");

export const alarm: Described = {
  describe,
  properties: [
    "Threshold",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "Period",
    "Namespace",
    "MetricName",
    "Dimensions",
    "Metrics",
    "Statistic",
    "ExtendedStatistic",
    "ComparisonOperator",
    "TreatMissingData",
    "AlarmActions",
    "ActionsEnabled",
  ],
};
