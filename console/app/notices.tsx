/**
 * Sentences about what has just happened, above everything else; screen readers are told. Each piece of work has one
 * notice, which changes with it, so that no two contradict each other.
 */
import Flashbar, { type FlashbarProps } from "@cloudscape-design/components/flashbar";
import Link from "@cloudscape-design/components/link";
import { sentenceOf } from "../api/client";
import { createStore, useStore } from "./store";

export interface Notice {
  /** Takes the place of the notice with the same one. */
  readonly id: string;
  readonly type: "success" | "error" | "info" | "warning" | "in-progress";
  readonly content: string;
  readonly link?: { readonly hash: string; readonly text: string };
}
const MOST = 4;
const notices = createStore<readonly Notice[]>([]);
let last = 0;

export const show = (notice: Notice): void => {
  const known = notices.get();
  notices.set(
    known.some(({ id }) => id === notice.id)
      ? known.map((one) => (one.id === notice.id ? notice : one))
      : [notice, ...known].slice(0, MOST),
  );
};
export const notify = (type: Notice["type"], content: string): void => {
  last += 1;
  show({ id: String(last), type, content });
};
export const notifyFailure = (error: unknown): void => notify("error", sentenceOf(error));
export const dismiss = (id: string): void => notices.set(notices.get().filter((one) => one.id !== id));
/** Whether it still stands: nobody is told again what they have dismissed. */
export const isShown = (id: string): boolean => notices.get().some((one) => one.id === id);
export const clearNotices = (): void => notices.set([]);

export const Notices = () => {
  const items: FlashbarProps.MessageDefinition[] = useStore(notices).map(({ id, type, content, link }) => ({
    id,
    ...(type === "in-progress" ? { type: "info", loading: true } : { type }),
    content:
      link === undefined ? (
        content
      ) : (
        <>
          {content}{" "}
          <Link href={link.hash} color="inverted">
            {link.text}
          </Link>
        </>
      ),
    dismissible: true,
    dismissLabel: "Dismiss this message",
    onDismiss: () => dismiss(id),
    ariaRole: type === "error" ? "alert" : "status",
  }));
  return <Flashbar items={items} />;
};
