/**
 * When an EventBridge Scheduler expression fires next, in UTC: `cron(minutes hours day-of-month month day-of-week
 * year)`, `rate(value unit)` and `at(time)`.
 */
const DAY_NAMES = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const MONTH_NAMES = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const MINUTE = 60_000;
const DAY = 86_400_000;

/** The first time after `after`, or undefined when there is none within four years. Rates count from the epoch. */
export const nextTime = (expression: string, after: Date): Date | undefined => {
  const [, kind, text = ""] = /^(cron|rate|at)\((.*)\)$/.exec(expression) ?? [];
  if (kind === "rate") return nextRate(text, after);
  if (kind === "at") return new Date(`${text}Z`) > after ? new Date(`${text}Z`) : undefined;
  if (kind === "cron") return nextCron(text, after);
  throw new Error(`${expression} is no schedule expression.`);
};

const nextRate = (text: string, after: Date): Date => {
  const [, value, unit = ""] = /^(\d+) (minute|hour|day)s?$/.exec(text) ?? [];
  const period = Number(value) * (UNIT_MS[unit] ?? NaN);
  if (Number.isNaN(period)) throw new Error(`rate(${text}) is no schedule expression.`);
  return new Date((Math.floor(after.getTime() / period) + 1) * period);
};

const nextCron = (text: string, after: Date): Date | undefined => {
  const fields = text.split(" ");
  if (fields.length !== 6) throw new Error(`cron(${text}) must have six fields.`);
  const [minutes, hours, days, months, weekdays, years] = fields as [string, string, string, string, string, string];
  const isDay = (day: Date): boolean =>
    matches(months, day.getUTCMonth() + 1, MONTH_NAMES, 1) &&
    matches(years, day.getUTCFullYear(), [], 0) &&
    (days === "?" || matches(days, day.getUTCDate(), [], 0)) &&
    (weekdays === "?" || matches(weekdays, day.getUTCDay() + 1, DAY_NAMES, 1));
  const start = Math.floor(after.getTime() / MINUTE + 1) * MINUTE;
  for (let day = Math.floor(start / DAY) * DAY; day < start + 4 * 366 * DAY; day += DAY) {
    if (!isDay(new Date(day))) continue;
    for (let time = Math.max(day, start); time < day + DAY; time += MINUTE) {
      const moment = new Date(time);
      if (matches(hours, moment.getUTCHours(), [], 0) && matches(minutes, moment.getUTCMinutes(), [], 0)) return moment;
    }
  }
  return undefined;
};

const matches = (field: string, value: number, names: readonly string[], firstName: number): boolean =>
  field.split(",").some((part) => {
    const [range = "", step] = part.split("/");
    const number = (text: string): number => {
      const found = names.indexOf(text.toUpperCase());
      const read = found === -1 ? Number(text) : found + firstName;
      if (Number.isNaN(read)) throw new Error(`The local run does not know "${text}" in a cron expression.`);
      return read;
    };
    if (range === "*") return step === undefined || (value - firstName) % Number(step) === 0;
    const [from = "", to] = range.split("-");
    const last = to === undefined ? (step === undefined ? number(from) : Infinity) : number(to);
    return (
      value >= number(from) && value <= last && (step === undefined || (value - number(from)) % Number(step) === 0)
    );
  });
