/** Signing in and out, as the page's components follow it. */
import { ApiFailure, request } from "../api/client";
import { forgetEarly } from "../api/early";
import { endSession, isSameSession, onRefused, readSession, writeSession, type Session } from "../api/session";
import { endInTabs, offerToTabs, onTabsChanged } from "../api/session-tabs";
import { clearNotices } from "./notices";
import { createStore } from "./store";

export interface SessionState {
  readonly session: Session | undefined;
  /** Why someone has to sign in again. */
  readonly message: string | undefined;
  /** Who was signed in, for the form. */
  readonly before: Pick<Session, "kind"> & { readonly userName?: string };
}
const NOBODY: SessionState["before"] = { kind: "key" };
export const sessionState = createStore<SessionState>({ session: undefined, message: undefined, before: NOBODY });

const ENDED: Readonly<Record<Session["kind"], string>> = {
  key: "Your sign-in has ended: the API key has expired or was revoked. Sign in again to go on where you were.",
  token: "Your sign-in has ended: the token has expired. Sign in with a new one to go on where you were.",
};
const WRONG: Readonly<Record<Session["kind"], string>> = {
  key: "This user name and key don't belong together, or the key has expired or was revoked: check both.",
  token: "This token is not accepted: it has expired, or was made for something else.",
};

/** Before the first picture, once `startEarly` has found out whether somebody is signed in. */
export const followSession = (): void => {
  const follow = (): void => {
    forgetEarly();
    sessionState.set({ ...sessionState.get(), session: readSession(), message: undefined });
  };
  sessionState.set({ ...sessionState.get(), session: readSession() });
  onTabsChanged(follow);
  onRefused((refused) => {
    // Somebody may have signed in anew while the answer was on its way.
    if (isSameSession(refused, readSession())) leave(ENDED[refused.kind]);
  });
};

/** Nothing changes where the service refuses; the failure's sentence is for people. */
export const signIn = async (session: Session): Promise<void> => {
  try {
    await request("GET", "me", { session });
  } catch (error) {
    if (error instanceof ApiFailure && error.code === "NO_ACCESS")
      throw new Error(WRONG[session.kind], { cause: error });
    throw error;
  }
  forgetEarly();
  writeSession(session);
  sessionState.set({ session, message: undefined, before: NOBODY });
  offerToTabs(session);
};
/** In every tab. */
export const signOut = (): void => {
  leave(undefined);
  clearNotices();
  endInTabs();
};
const leave = (message: string | undefined): void => {
  const session = readSession();
  const before = session === undefined || message === undefined ? NOBODY : nameOf(session);
  forgetEarly();
  endSession();
  sessionState.set({ session: undefined, message, before });
};
const nameOf = (session: Session): SessionState["before"] =>
  session.kind === "key" ? { kind: "key", userName: session.userName } : { kind: "token" };
