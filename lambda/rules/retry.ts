/** Rule 5: a failed nightly is tried two more times, then recorded as failed, and someone is told. Pure. */

/** The first attempt and two more. */
export const ATTEMPTS = 3;

export interface FailedAttempt {
  readonly trigger: "nightly" | "on-demand" | "upload";
  /** 1 to 3. */
  readonly attempt: number;
  /** False when trying again cannot help. */
  readonly retryable: boolean;
}
export type AfterFailure =
  | { readonly next: number }
  /** Recorded as failed; `why` ends the sentence that someone is told. */
  | { readonly next: null; readonly why: string };

export function afterFailure(failed: FailedAttempt): AfterFailure {
  if (failed.trigger === "on-demand") return { next: null, why: "backups on demand are not repeated by themselves" };
  if (failed.trigger === "upload") return { next: null, why: "the same upload would fail again" };
  if (failed.attempt >= ATTEMPTS) return { next: null, why: `all ${ATTEMPTS} attempts of this night have failed` };
  if (!failed.retryable) return { next: null, why: "trying again cannot help" };
  return { next: failed.attempt + 1 };
}
