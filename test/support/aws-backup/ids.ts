/** Ids and keys as AWS Backup's double makes them up: the same in every run. */
import { createHash } from "node:crypto";
import { ACCOUNT } from "../iam";

/** Of the instances of a region. */
export const keyArn = (region: string): string =>
  `arn:aws:kms:${region}:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
export const uuid = (text: string): string =>
  createHash("sha256")
    .update(text)
    .digest("hex")
    .slice(0, 32)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
