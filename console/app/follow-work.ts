/**
 * Tells how a piece of work goes on that runs in the service, whatever is looked at meanwhile: one notice from asked for
 * to completed or failed. It ends when it is dismissed, and when its asker signs out.
 */
import { ApiFailure, request } from "../api/client";
import { isSameSession, readSession } from "../api/session";
import { isShown, show, type Notice } from "./notices";

interface Progress {
  readonly state: "queued" | "running" | "completed" | "failed";
  readonly status_message: string | null;
}
export interface Work<T extends Progress> {
  /** Of the work's own, such as a snapshot's id. */
  readonly id: string;
  /** As it was asked for. */
  readonly first: T;
  /** Where it is found. */
  readonly path: string;
  /** `The backup of shop-production` */
  readonly what: string;
  /** `is being taken` */
  readonly running: string;
  /** What it came to. */
  readonly completed: (value: T) => string;
  readonly link: Notice["link"];
}

const ASK_MS = 2500;
/** No work takes longer; whoever looks later finds it where its link leads. */
const MOST_ASKS = (48 * 3_600_000) / ASK_MS;

export const followWork = async <T extends Progress>(work: Work<T>): Promise<void> => {
  const session = readSession();
  show(noticeOf(work, work.first));
  for (let asks = 0, value = work.first; asks < MOST_ASKS && !hasEnded(value); asks++) {
    await new Promise((resolve) => {
      setTimeout(resolve, ASK_MS);
    });
    if (!isShown(work.id) || !isSameSession(session, readSession())) return;
    if (document.visibilityState !== "visible") continue;
    try {
      value = await request<T>("GET", work.path);
      if (isShown(work.id)) show(noticeOf(work, value));
    } catch (error) {
      // What is gone tells nothing any more; whatever else fails is asked for again.
      if (error instanceof ApiFailure && !error.passes) {
        if (isShown(work.id))
          show({ ...noticeOf(work, value), type: "warning", content: `${work.what}: ${error.message}` });
        return;
      }
    }
  }
};

const hasEnded = ({ state }: Progress): boolean => state === "completed" || state === "failed";

const noticeOf = <T extends Progress>(work: Work<T>, value: T): Notice => {
  const { id, what, running, completed, link } = work;
  const common = { id, ...(link === undefined ? {} : { link }) };
  switch (value.state) {
    case "queued":
      return { ...common, type: "in-progress", content: `${what} has been asked for and waits for its turn.` };
    case "running":
      return { ...common, type: "in-progress", content: `${what} ${running}.` };
    case "failed":
      return {
        ...common,
        type: "error",
        content: `${what} failed. ${value.status_message ?? "The service gave no reason."}`,
      };
    default:
      return { ...common, type: "success", content: completed(value) };
  }
};
