/** Conditions of writes and copies, as the S3 client wants them. */
import type { CopySource, WriteCondition } from "./object-store";
import { plainEtag } from "./s3-answers";
import { copySource } from "./s3-keys";

export const conditions = ({ onlyIfAbsent, onlyIfMatch }: WriteCondition) => ({
  ...(onlyIfAbsent === true ? { IfNoneMatch: "*" } : {}),
  ...(onlyIfMatch === undefined ? {} : { IfMatch: `"${plainEtag(onlyIfMatch)}"` }),
});

export const sourceOf = (source: CopySource) => ({
  CopySource: copySource(source),
  ...(source.ifMatch === undefined ? {} : { CopySourceIfMatch: `"${plainEtag(source.ifMatch)}"` }),
});
