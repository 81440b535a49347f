/** Why a file can't be read, as S3 says it, and what the sentence says: the cause, and what mends it. */
import { explained } from "../../lambda/pack/file-refusals";
import { ServiceFailure } from "../../lambda/runtime/collaborators";
import { refusalOf } from "../../lambda/storage/refusals";
import { toStorageError } from "../../lambda/storage/s3-errors";
import { StoreUnavailable } from "../../lambda/storage/storage-errors";

const answered = (status: number, code: string, message: string, more: object = {}, key = "app/cold"): unknown =>
  toStorageError(Object.assign(new Error(message), { name: code, $metadata: { httpStatusCode: status }, ...more }), {
    action: "Reading",
    bucket: "files",
    key,
  });
const failureOf = (error: unknown, key = "app/cold"): unknown => explained(error, "Reading", { bucket: "files", key });
const DENIED = "User: arn:aws:sts::1:assumed-role/pack/x is not authorized to perform: ";
const STATE = "The operation is not valid for the object's storage class";

test.each([
  [
    403,
    "InvalidObjectState",
    STATE,
    { StorageClass: "GLACIER" },
    "FileArchived",
    "the file is archived (GLACIER) and can't be read; restore it there, or leave it out.",
  ],
  [
    403,
    "InvalidObjectState",
    STATE,
    { StorageClass: "DEEP_ARCHIVE" },
    "FileArchived",
    "the file is archived (DEEP_ARCHIVE) and can't be read; restore it there, or leave it out.",
  ],
  [
    403,
    "InvalidObjectState",
    STATE,
    { StorageClass: "INTELLIGENT_TIERING", AccessTier: "ARCHIVE_ACCESS" },
    "FileArchived",
    "the file is archived (INTELLIGENT_TIERING ARCHIVE_ACCESS) and can't be read; restore it there, or leave it out.",
  ],
  [
    403,
    "InvalidObjectState",
    STATE,
    {},
    "FileArchived",
    "the file is archived and can't be read; restore it there, or leave it out.",
  ],
  [
    400,
    "InvalidRequest",
    "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.",
    {},
    "FileOfClientKey",
    "the file is encrypted with a key that only the app has (SSE-C); have the app write it with SSE-S3 or SSE-KMS, or leave it out.",
  ],
  [
    400,
    "KMS.DisabledException",
    "arn:aws:kms:eu-central-1:1:key/k is disabled.",
    {},
    "FileKeyDisabled",
    "the KMS key of the file is disabled; enable the key.",
  ],
  [
    403,
    "KMS.DisabledException",
    "arn:aws:kms:eu-central-1:1:key/k is disabled.",
    {},
    "FileKeyDisabled",
    "the KMS key of the file is disabled; enable the key.",
  ],
  [
    400,
    "KMS.KMSInvalidStateException",
    "arn:aws:kms:eu-central-1:1:key/k is pending deletion.",
    {},
    "FileKeyPendingDeletion",
    "the KMS key of the file can't be used, as when it is about to be deleted; cancel the key's deletion and enable it.",
  ],
  [
    400,
    "KMS.NotFoundException",
    "Invalid keyId k",
    {},
    "FileKeyMissing",
    "the KMS key of the file does not exist any more; nobody can read the file: leave it out.",
  ],
  [
    403,
    "AccessDenied",
    `${DENIED}kms:Decrypt on the resource`,
    {},
    "FileKeyForbidden",
    "the KMS key of the file forbids it; give the key the stage's tag, and let its policy leave permissions to IAM.",
  ],
  [
    403,
    "AccessDenied",
    "The ciphertext refers to a customer master key that does not exist: KMS ciphertext",
    {},
    "FileKeyForbidden",
    "the KMS key of the file forbids it; give the key the stage's tag, and let its policy leave permissions to IAM.",
  ],
  [
    301,
    "PermanentRedirect",
    "The bucket you are attempting to access must be addressed using the specified endpoint.",
    {},
    "FileBucketElsewhere",
    "the bucket is in another region; register a bucket of the environment's region.",
  ],
  [
    400,
    "AuthorizationHeaderMalformed",
    "the region 'eu-central-1' is wrong; expecting 'eu-west-1'",
    {},
    "FileBucketElsewhere",
    "the bucket is in another region; register a bucket of the environment's region.",
  ],
  [
    403,
    "AccessDenied",
    `${DENIED}s3:GetObject with an explicit deny in a resource-based policy`,
    {},
    "FileBucketDenies",
    `a policy denies it explicitly, whatever else allows it; except the service's roles from that statement (${DENIED}s3:GetObject with an explicit deny in a resource-based policy).`,
  ],
  [
    403,
    "AccessDenied",
    "Bucket is a requester pays bucket",
    {},
    "FileBucketRequesterPays",
    "whoever reads from the bucket has to pay for it, which the service doesn't; let the bucket's owner pay.",
  ],
  [
    403,
    "AllAccessDisabled",
    "All access to this object has been disabled",
    {},
    "FileBucketClosed",
    "AWS has closed the bucket or its account; ask AWS.",
  ],
  [
    403,
    "RequestTimeTooSkewed",
    "The difference between the request time and the current time is too large.",
    {},
    "ClockWrong",
    "the clock of the machine that asked is wrong; set it, and try again.",
  ],
])("%d %s: %s", (status, code, message, more, expected, sentence) => {
  const failure = failureOf(answered(status, code, message, more));
  expect(failure).toBeInstanceOf(ServiceFailure);
  expect(failure).toMatchObject({
    code: expected,
    message: `Reading "app/cold" in the file bucket "files" failed: ${sentence}`,
  });
});

test("a plain refusal names the permissions", () => {
  expect(failureOf(answered(403, "AccessDenied", "Access Denied"))).toMatchObject({
    code: "FileBucketForbidden",
    message: expect.stringContaining("allow the packing role s3:GetObject, s3:GetObjectVersion, s3:GetObjectTagging"),
  });
});

test("another answer is said as it is, with the file's name", () => {
  expect(failureOf(answered(400, "InvalidArgument", "Something new"))).toMatchObject({
    code: "FileUnreadable",
    message:
      'Reading "app/cold" in the file bucket "files" failed: Reading of app/cold in the bucket files failed (400): InvalidArgument: Something new',
  });
});

test("words of a key are no cause", () => {
  const key = "explicit deny kms: SSE-C requester pays.txt";
  expect(failureOf(answered(403, "AccessDenied", "Access Denied", {}, key), key)).toMatchObject({
    code: "FileBucketForbidden",
  });
});

test("what may pass is left to be tried again", () => {
  const busy = answered(503, "SlowDown", "kms:Decrypt is throttled");
  expect(busy).toBeInstanceOf(StoreUnavailable);
  expect(refusalOf(busy)).toBeUndefined();
  expect(failureOf(busy)).toBe(busy);
});
