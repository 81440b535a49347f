/** Files to back up and restore, and ways to damage what is stored of them. */
import { createCipheriv, createHash } from "node:crypto";
import type { FakeCollaborators } from "../support/collaborators";

export const text = (key: string, bytes = 50): Buffer =>
  Buffer.from(
    createHash("sha512")
      .update(key)
      .digest("hex")
      .repeat(1 + bytes / 128)
      .slice(0, bytes),
  );
/** Bytes that don't compress, the same every time. */
export const noise = (bytes: number): Buffer =>
  createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(bytes));
export const smallFiles = (count: number): Map<string, Buffer> =>
  new Map(
    Array.from({ length: count }, (_, n) => [createHash("md5").update(String(n)).digest("hex"), text(String(n))]),
  );
export const asStanding = (files: Iterable<readonly [string, Buffer]>): [string, string, boolean][] =>
  [...files].map(([key, body]): [string, string, boolean] => [key, body.toString("latin1"), false]).toSorted(byBytes);
const byBytes = ([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]): number =>
  Buffer.compare(Buffer.from(a), Buffer.from(b));

/** The primary's stored bytes of their own, to be damaged at will: the replica's may be the same memory. */
export const bodyOf = (c: FakeCollaborators, key = ""): { body: Uint8Array } => {
  const [version] = c.store.versions(c.settings.PRIMARY_BUCKET, key);
  if (version === undefined) throw new Error(`no object ${key}`);
  version.body = Uint8Array.from(version.body);
  return version;
};

/** Damages one byte of the primary's copy. */
export const flip = (c: FakeCollaborators, key: string | undefined, share: number): void => {
  const { body } = bodyOf(c, key);
  const at = Math.floor(body.length * share);
  body[at] = (body[at] ?? 0) ^ 0xff;
};
