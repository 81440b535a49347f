/** How times, sizes and durations are written. Times are UTC, as the nightly windows and expiry dates are. Pure. */
const DATE_TIME = new Intl.DateTimeFormat("en-GB", {
  day: "2-digit",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
  timeZone: "UTC",
});
const DATE = new Intl.DateTimeFormat("en-GB", {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
  timeZone: "UTC",
});
const COUNT = new Intl.NumberFormat("en");
const MEGABYTE = 1_000_000;

export const NOTHING = "–";

/** `03 Dec 2026, 03:18` */
export const utc = (iso: string | null | undefined): string => (iso ? DATE_TIME.format(new Date(iso)) : NOTHING);
/** `Sunday 6 December 2026` */
export const longDate = (iso: string): string => DATE.format(new Date(iso)).replace(",", "");
/** `00:05` */
export const timeOfDay = (iso: string): string => new Date(iso).toISOString().slice(11, 16);
export const count = (number: number): string => COUNT.format(number);

/** Megabytes with one decimal; small sizes get more, so that something is never shown as nothing. */
export const megabytes = (bytes: number | null | undefined): string => {
  if (bytes === null || bytes === undefined) return NOTHING;
  const size = bytes / MEGABYTE;
  if (size === 0 || size >= 0.1) {
    return size.toLocaleString("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  }
  return size.toLocaleString("en", { maximumSignificantDigits: 2, maximumFractionDigits: 6 });
};
/** `12.3 MB`, `4.1 GB`, for sentences. */
export const size = (bytes: number): string =>
  bytes >= 1000 * MEGABYTE
    ? `${(bytes / (1000 * MEGABYTE)).toLocaleString("en", { maximumFractionDigits: 1 })} GB`
    : `${megabytes(bytes)} MB`;

/** `a few seconds`, `about 3 minutes`, `about 2 hours` */
export const duration = (seconds: number): string => {
  if (seconds < 20) return "a few seconds";
  if (seconds < 60) return "less than a minute";
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `about ${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
  return `about ${Math.round(minutes / 60)} hours`;
};

const TIERS: Readonly<Record<string, string>> = {
  nightly: "Nightly",
  weekly: "Weekly",
  monthly: "Monthly",
  "on-demand": "On demand",
  uploaded: "Uploaded",
};
export const tierName = (tier: string): string => TIERS[tier] ?? tier;
