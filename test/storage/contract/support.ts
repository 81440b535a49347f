/** What the contract's parts share: the store under test, a fresh bucket for each test, and small helpers. */
import { createHash } from "node:crypto";
import type { Lock, ObjectContent, ObjectStore } from "../../../lambda/storage/object-store";

export interface StoreUnderTest {
  readonly store: ObjectStore;
  createBucket(name: string, options?: { objectLock?: boolean; versioned?: boolean }): Promise<void>;
  /** Requests that reached the server so far. */
  requests(): number;
  /** Keys a page holds. */
  readonly pageLimit: number;
  readonly now: () => Date;
  /** Whether the server refuses to shorten a lock; S3 does. */
  readonly refusesShortening: boolean;
  /** Whether the server minds `If-None-Match` on CopyObject; S3 does. */
  readonly conditionalCopies: boolean;
  /** Whether the server keeps metadata beyond ASCII and without values; S3 does. */
  readonly keepsDifficultAttributes: boolean;
}

/** Filled in anew before each test. */
export interface ContractContext {
  under: StoreUnderTest;
  store: ObjectStore;
  /** An empty bucket with Object Lock. */
  bucket: string;
}

export const MIB = 1024 * 1024;
export const HOUR_MS = 3_600_000;
export const bytes = (text: string): Uint8Array => Buffer.from(text);
export const pattern = (size: number, seed = 0): Uint8Array =>
  Uint8Array.from({ length: size }, (_, index) => (index * 31 + seed) & 0xff);
export const readAll = async (content: ObjectContent): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of content.body) pieces.push(piece);
  return Buffer.concat(pieces);
};
export const sha256 = (body: Uint8Array): string => createHash("sha256").update(body).digest("hex");
export const versionOf = (result: { versionId?: string }): string => {
  if (result.versionId === undefined) throw new Error("no version id");
  return result.versionId;
};

/** A governance lock that ends in some hours, at a whole second. */
export const governance = (under: StoreUnderTest, hours: number): Lock => ({
  mode: "GOVERNANCE",
  until: new Date(Math.ceil((under.now().getTime() + hours * HOUR_MS) / 1000) * 1000),
});
