/** One sentence for the user out of what Step Functions, a function or the database task said. Pure. */
import type { Attempt } from "../catalog/items";
import { withAdvice } from "../storage/storage-advice";
import type { FailInput } from "./contract";
import { notStarted } from "../rules/not-started";

const LONGEST = 600;

export interface FailureReason {
  readonly message: string;
  /** False when trying again cannot help. */
  readonly retryable: boolean;
}

/** Failures that no second attempt can change. */
const HOPELESS: ReadonlySet<string> = new Set(["EnvironmentNotFound", "EnvironmentBusy", "NoPlace", "TooManyFiles"]);

/**
 * A function's own exception comes first. A failed task says nothing of use to Step Functions, but leaves its
 * sentence in the attempt.
 */
export function failureReason(
  error: FailInput["error"],
  failure: Attempt["failure"] | undefined,
  what = "backup",
): FailureReason {
  const name = error.Error ?? "";
  const cause = parsed(error.Cause);
  const thrown = text(cause, "errorMessage");
  if (thrown !== undefined) {
    const type = text(cause, "errorType") ?? name;
    return { message: sentence(withAdvice(type, thrown)), retryable: !HOPELESS.has(type) };
  }
  const fromTask = name === "" || name.startsWith("States.");
  if (failure !== undefined && failure !== null && fromTask)
    // Also what only a person can mend: a rotated password or a closed port may be mended between two attempts.
    return {
      message: sentence(withAdvice(failure.name, failure.message)),
      retryable: notStarted({ Error: failure.name, Cause: failure.message })?.waitedOut !== true,
    };
  const refused = notStarted(error);
  if (refused !== undefined) return { message: sentence(refused.message), retryable: !refused.waitedOut };
  if (name === "States.Timeout")
    return { message: `A step of the ${what} took longer than it may; see its execution's history.`, retryable: true };
  if (cause !== undefined) return { message: sentence(stopReason(cause)), retryable: true };
  if (error.Cause !== undefined && error.Cause !== "")
    return { message: sentence(error.Cause), retryable: !HOPELESS.has(name) };
  return {
    message: `The ${what}'s workflow failed${name === "" ? "" : ` with ${name}`}; see its execution's history.`,
    retryable: true,
  };
}

/** A task that ended without leaving a sentence, as ECS describes it. */
function stopReason(task: Record<string, unknown>): string {
  const reason = text(task, "StoppedReason") ?? text(task, "stoppedReason");
  const containers = task["Containers"] ?? task["containers"];
  const container: unknown = Array.isArray(containers) ? containers[0] : undefined;
  const detail = isRecord(container) ? (text(container, "Reason") ?? text(container, "reason")) : undefined;
  const said = [reason, detail].filter((part) => part !== undefined).join(": ");
  return said === ""
    ? "The database task ended without saying why; see its log."
    : `The database task did not end well: ${said}`;
}

function parsed(cause: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(cause ?? "");
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const text = (from: Record<string, unknown> | undefined, name: string): string | undefined => {
  const value = from?.[name];
  return typeof value === "string" && value !== "" ? value : undefined;
};

/** One line, of bounded length, ended by a full stop. */
function sentence(words: string): string {
  const line = words.replace(/\s+/g, " ").trim();
  const cut = line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
  return /[.!?…]$/.test(cut) ? cut : `${cut}.`;
}
