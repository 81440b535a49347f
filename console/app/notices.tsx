/** Sentences about what has just happened, above everything else; screen readers are told. */
import Flashbar, { type FlashbarProps } from "@cloudscape-design/components/flashbar";
import { sentenceOf } from "../api/client";
import { createStore, useStore } from "./store";

interface Notice {
  readonly id: string;
  readonly type: "success" | "error" | "info" | "warning";
  readonly content: string;
}
const MOST = 4;
const notices = createStore<readonly Notice[]>([]);
let last = 0;

export const notify = (type: Notice["type"], content: string): void => {
  last += 1;
  notices.set([{ id: String(last), type, content }, ...notices.get()].slice(0, MOST));
};
export const notifyFailure = (error: unknown): void => notify("error", sentenceOf(error));
const dismiss = (id: string): void => notices.set(notices.get().filter((one) => one.id !== id));

export const Notices = () => {
  const items: FlashbarProps.MessageDefinition[] = useStore(notices).map((notice) => ({
    ...notice,
    dismissible: true,
    dismissLabel: "Dismiss this message",
    onDismiss: () => dismiss(notice.id),
    ariaRole: notice.type === "error" ? "alert" : "status",
  }));
  return <Flashbar items={items} />;
};
