/**
 * The published API's own words for what completed well, and for what the service makes by itself: scripts compare
 * them. What the service has to say besides follows as further sentences. Pure.
 * https://docs.mendix.com/apidocs-mxsdk/apidocs/backups-api/
 */
import type { SnapshotItem } from "../catalog/items";

export const COMPLETED = {
  backup: "Completed backup creation",
  upload: "Completed extraction",
  archive: "Done preparing download archive",
  restore: "Restore completed",
} as const;

type Said = { readonly state: string; readonly statusMessage: string };

/** An item's message with the published words before it, once it has completed. */
export const withPublished = (words: string, { state, statusMessage }: Said): string => {
  if (state !== "completed") return statusMessage;
  return statusMessage === "" ? words : `${words}. ${statusMessage}`;
};

/** What of a message is the service's own; for people, who see the state beside it. */
export const withoutPublished = (message: string): string => {
  const words = Object.values(COMPLETED).find((one) => message === one || message.startsWith(`${one}. `));
  return words === undefined ? message : message.slice(words.length + 2);
};

const AUTOMATIC_COMMENT = "Automatically created nightly snapshot";

/** An automatic snapshot has a comment of its own until somebody changes it. */
export const shownComment = ({
  comment,
  night,
  firstComment,
}: Pick<SnapshotItem, "comment" | "night" | "firstComment">): string =>
  comment === "" && night !== null && firstComment === undefined ? AUTOMATIC_COMMENT : comment;
