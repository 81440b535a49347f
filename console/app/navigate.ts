/**
 * Moving about in the page. What is opened from here is a step that Back undoes, and closing it takes that step back; a
 * dialogue that was opened by its address is left for the view below it instead.
 */
const STEP = "backups.step";

/** A new step in the tab's history. */
export const goTo = (hash: string): void => {
  history.pushState({ [STEP]: true }, "", hash);
  tell();
};
/** Takes the place of the present step, so that Back doesn't lead to it again. */
export const replaceBy = (hash: string): void => {
  history.replaceState(null, "", hash);
  tell();
};
/** Back to where this was opened from, else to `hash`. */
export const leaveFor = (hash: string): void => {
  const state = history.state as Record<string, unknown> | null;
  if (state?.[STEP] === true) history.back();
  else replaceBy(hash);
};
/** The browser tells of steps that it makes itself, not of these. */
const tell = (): void => void dispatchEvent(new HashChangeEvent("hashchange"));
