/**
 * Refusals of S3 that are no lack of permission, told apart by the server's code and, where it has only one code for many
 * causes, by its words. Pure.
 */
import { isError } from "../runtime/is-error";
import { codeOf } from "./s3-errors";
import { ObjectArchived, StorageError, StoreUnavailable } from "./storage-errors";

export interface Refusal {
  readonly code: string;
  /** What is wrong and what to do, without a full stop. */
  readonly sentence: string;
}
interface Cause extends Refusal {
  readonly codes?: readonly string[];
  readonly words?: RegExp;
}

const CAUSES: readonly Cause[] = [
  {
    code: "FileOfClientKey",
    words: /stored using a form of Server Side Encryption|SSE-C|customer[- ]provided|customer encryption key/i,
    sentence:
      "the file is encrypted with a key that only the app has (SSE-C); have the app write it with SSE-S3 or SSE-KMS, or leave it out",
  },
  {
    code: "FileKeyDisabled",
    codes: ["KMS.DisabledException"],
    sentence: "the KMS key of the file is disabled; enable the key",
  },
  {
    code: "FileKeyPendingDeletion",
    codes: ["KMS.KMSInvalidStateException", "KMS.InvalidStateException"],
    sentence:
      "the KMS key of the file can't be used, as when it is about to be deleted; cancel the key's deletion and enable it",
  },
  {
    code: "FileKeyMissing",
    codes: ["KMS.NotFoundException"],
    sentence: "the KMS key of the file does not exist any more; nobody can read the file: leave it out",
  },
  {
    code: "FileKeyForbidden",
    codes: ["KMS.AccessDeniedException"],
    words: /kms:|KMS ciphertext/i,
    sentence:
      "the KMS key of the file forbids it; give the key the stage's tag, and let its policy leave permissions to IAM",
  },
  {
    code: "FileBucketElsewhere",
    codes: ["PermanentRedirect", "IllegalLocationConstraintException"],
    words: /the region '[^']*' is wrong/,
    sentence: "the bucket is in another region; register a bucket of the environment's region",
  },
  {
    code: "FileBucketDenies",
    words: /explicit deny/i,
    sentence: "a policy denies it explicitly, whatever else allows it; except the service's roles from that statement",
  },
  {
    code: "FileBucketRequesterPays",
    words: /requester[- ]?pays/i,
    sentence: "whoever reads from the bucket has to pay for it, which the service doesn't; let the bucket's owner pay",
  },
  {
    code: "FileBucketClosed",
    codes: ["AllAccessDisabled", "AccountProblem", "NotSignedUp"],
    sentence: "AWS has closed the bucket or its account; ask AWS",
  },
  {
    code: "ClockWrong",
    codes: ["RequestTimeTooSkewed"],
    sentence: "the clock of the machine that asked is wrong; set it, and try again",
  },
];

/** Undefined for whatever a permission would mend, and for errors that are no refusal. */
export const refusalOf = (error: unknown): Refusal | undefined => {
  if (!(error instanceof StorageError) || error instanceof StoreUnavailable) return undefined;
  if (error instanceof ObjectArchived) {
    const archive = error.storageClass === "" ? "" : ` (${error.storageClass})`;
    return {
      code: "FileArchived",
      sentence: `the file is archived${archive} and can't be read; restore it there, or leave it out`,
    };
  }
  // Our own sentence names the key, which may hold any words.
  const said = isError(error.cause) ? error.cause : error;
  const code = codeOf(said);
  const cause = CAUSES.find(({ codes, words }) => codes?.includes(code) === true || words?.test(said.message) === true);
  if (cause === undefined) return undefined;
  const told = cause.code === "FileBucketDenies" ? ` (${said.message})` : "";
  return { code: cause.code, sentence: `${cause.sentence}${told}` };
};
