/** The calendar of regions as Markdown for people and as CSV for programs. Pure. */
import { startOfDate } from "../../lambda/rules/utc-date";
import { regionCalendar, type CalendarNight, type CalendarRegion } from "./region-calendar";

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const minute = (time: Date): string => time.toISOString().slice(0, 16).replace("T", " ");
const weekday = (night: string): string => WEEKDAYS[startOfDate(night).getUTCDay()] ?? "";
const HEAD = ["night", "opens (UTC)", "closes (UTC)", "opens there", "closes there", "tier", "expires (UTC)"];

const cells = (night: CalendarNight): readonly string[] => [
  `${weekday(night.night)} ${night.night}`,
  minute(night.opensAt),
  minute(night.closesAt),
  night.opensLocal,
  night.closesLocal,
  night.tier,
  minute(night.expiresAt),
];

/** A table for each region. Expiry is that of a backup taken as the window opens. */
export const calendarMarkdown = (regions: readonly CalendarRegion[], from: string, days: number): string =>
  [
    `# Nightly backups from ${from}, ${days} nights`,
    "",
    "A night is named by the UTC date on which its window opens. Times there are on the region's wall clock, with its",
    "distance from UTC. A backup expires as much later than shown as it starts after the window opens.",
    ...regions.flatMap((region) => [
      "",
      `## ${region.name} (${region.region})`,
      "",
      row(HEAD),
      row(HEAD.map(() => "---")),
      ...regionCalendar(region, from, days).map((night) => row(cells(night))),
    ]),
    "",
  ].join("\n");
const row = (values: readonly string[]): string => `| ${values.join(" | ")} |`;

export const calendarCsv = (regions: readonly CalendarRegion[], from: string, days: number): string =>
  [
    "region,name,night,opensAt,closesAt,opensThere,closesThere,tier,expiresAt",
    ...regions.flatMap((region) =>
      regionCalendar(region, from, days).map((night) =>
        [
          region.region,
          region.name,
          night.night,
          night.opensAt.toISOString(),
          night.closesAt.toISOString(),
          night.opensLocal,
          night.closesLocal,
          night.tier,
          night.expiresAt.toISOString(),
        ].join(","),
      ),
    ),
    "",
  ].join("\n");
