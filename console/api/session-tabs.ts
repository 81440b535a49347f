/**
 * One sign-in for all tabs of this page in a browser, without keeping it on disk: a tab that has none asks the others,
 * over a channel that only pages of the same origin hear. Signing out ends it in every tab.
 */
import { endSession, readSession, writeSession, type Session } from "./session";

type Message =
  | { readonly kind: "ask" }
  /** To those who asked, and to nobody who is signed in. */
  | { readonly kind: "answer"; readonly session: Session }
  /** Somebody has just signed in. */
  | { readonly kind: "new"; readonly session: Session }
  | { readonly kind: "end" };

/** Nobody notices so long a wait, and an open tab answers in a few milliseconds. */
const ANSWER_MS = 150;

const channel = new BroadcastChannel("backups.session");
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- A channel has one origin, and no such argument.
const say = (message: Message): void => channel.postMessage(message);
let changed: () => void = () => undefined;
/** `listener` is called when another tab has signed this one in or out. */
export const onTabsChanged = (listener: () => void): void => {
  changed = listener;
};

channel.addEventListener("message", ({ data }: MessageEvent<Message>) => {
  const own = readSession();
  if (data.kind === "ask" && own !== undefined) say({ kind: "answer", session: own });
  // Whoever is signed in here as somebody else stays so; a new key takes the place of the same person's old one.
  const isWanted =
    own === undefined ? data.kind === "answer" || data.kind === "new" : data.kind === "new" && isOf(own, data.session);
  if (isWanted && "session" in data) {
    writeSession(data.session);
    changed();
  }
  if (data.kind === "end" && own !== undefined) {
    endSession();
    changed();
  }
});

const isOf = (one: Session, other: Session): boolean =>
  one.kind === "key" && other.kind === "key" && one.userName === other.userName;

export const offerToTabs = (session: Session): void => say({ kind: "new", session });
export const endInTabs = (): void => say({ kind: "end" });

/** Once another tab has handed over its sign-in, or none has. */
export const askTabs = (): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      channel.removeEventListener("message", look);
      resolve();
    };
    // Comes after the listener above, which has taken the session in.
    const look = (): void => {
      if (readSession() !== undefined) end();
    };
    const timer = setTimeout(end, ANSWER_MS);
    channel.addEventListener("message", look);
    say({ kind: "ask" });
  });
