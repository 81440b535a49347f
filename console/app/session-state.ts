/** Signing in and out, as the page's components follow it. */
import { forgetEarly } from "../api/early";
import { endSession, readSession, writeSession, type Session } from "../api/session";
import { createStore } from "./store";

export interface SessionState {
  readonly session: Session | undefined;
  /** Why someone has to sign in again. */
  readonly message: string | undefined;
}
export const sessionState = createStore<SessionState>({ session: readSession(), message: undefined });

export const signIn = (session: Session): void => {
  forgetEarly();
  writeSession(session);
  sessionState.set({ session, message: undefined });
};
export const signOut = (message?: string): void => {
  forgetEarly();
  endSession();
  sessionState.set({ session: undefined, message });
};
