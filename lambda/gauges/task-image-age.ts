/** How old the image of the region's database tasks is. Pure. */
import type { TaskImage } from "../catalog/task-image-catalog";

/** An image that doesn't say when it was renewed is as old as can be: it was not built as the runbook says. */
const UNKNOWN = "1970-01-01";

/** Seconds since its base, PostgreSQL programs and certificates were last renewed. */
export const taskImageAge = ({ refreshed }: TaskImage, now: Date): number =>
  Math.max(0, (now.getTime() - Date.parse(refreshed ?? UNKNOWN)) / 1000);
