/** How old the image of the region's database tasks is. Pure. */
import type { TaskImage } from "../catalog/task-image-catalog";

/** An image that doesn't say when it was renewed is as old as can be: it was not built as the runbook says. */
const UNKNOWN = "1970-01-01";
/** It is a day without a time zone, so it may be tomorrow's. A later one was mistyped, and would keep the alarm silent. */
const LATEST_MS = 86_400_000;

/** Seconds since its base, PostgreSQL programs and certificates were last renewed. */
export const taskImageAge = ({ refreshed }: TaskImage, now: Date): number => {
  const since = Date.parse(refreshed ?? UNKNOWN);
  const isPossible = since <= now.getTime() + LATEST_MS;
  return Math.max(0, (now.getTime() - (isPossible ? since : Date.parse(UNKNOWN))) / 1000);
};
