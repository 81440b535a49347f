/**
 * Tells the catalog how old the image is that this task runs, when that is news: one reading a task, one write an image.
 * The template can't know: an image of one's own is a digest to it. Never fails the task.
 */
import { isoSeconds } from "../catalog/catalog";
import type { TaskContext } from "./task-context";

/** What the Dockerfile leaves. */
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export const tellImage = async (
  { catalog, clock, log }: Pick<TaskContext, "catalog" | "clock" | "log">,
  variable: string | undefined,
): Promise<void> => {
  const refreshed =
    variable !== undefined && DAY.test(variable) && !Number.isNaN(Date.parse(variable)) ? variable : null;
  try {
    const standing = await catalog.getTaskImage();
    if (standing?.refreshed === refreshed) return;
    await catalog.replaceTaskImage({ refreshed, since: isoSeconds(clock.now()) }, standing);
  } catch (error) {
    log.warn("How old the task's image is can't be written to the catalog.", { error: String(error) });
  }
};
