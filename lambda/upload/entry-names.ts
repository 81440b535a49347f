/** What an entry of an archive is by its name: every name has one meaning, or the archive is refused. Pure. */
import { keyOfTarPath } from "../pack/tar-path";
import { AS_CUSTOM } from "./dump-toc";
import { MAKE_AGAIN, quoted, UploadRefused } from "./refusal";
import type { TarEntry } from "./tar-entries";

export type EntryMeaning =
  | { readonly is: "metadata" | "dump" | "directory" }
  | { readonly is: "file"; readonly key: string };

/** S3's own limit. */
const LONGEST_KEY = 1024;
const DIRECTORY = /^(\.|db|tree(\/[A-Za-z0-9_-]{2}(\/[A-Za-z0-9_-]{2}(\/[A-Za-z0-9._%-]+%)*)?)?)$/;
const EXPECTED =
  "an archive holds .metadata, db/db.backup and files named tree/<first two>/<next two>/<id>, and nothing else";

/** Throws UploadRefused. */
export function meaningOf({ name, isDirectory }: Pick<TarEntry, "name" | "isDirectory">): EntryMeaning {
  const said = quoted(name);
  if (name.startsWith("/")) throw new UploadRefused(`its entry ${said} has an absolute name`, MAKE_AGAIN);
  if (name.split("/").includes("..")) throw new UploadRefused(`its entry ${said} leads out of the archive`, MAKE_AGAIN);
  // GNU tar names what it finds in the current folder so.
  const bare = name.replace(/^\.\/(?=.)/, "");
  if (isDirectory) {
    if (DIRECTORY.test(bare.replace(/\/$/, ""))) return { is: "directory" };
    throw new UploadRefused(`its directory ${said} belongs to no backup`, EXPECTED);
  }
  if (bare === ".metadata") return { is: "metadata" };
  if (bare === "db/db.backup") return { is: "dump" };
  if (bare === "toc.dat")
    throw new UploadRefused("it is a dump in tar or directory format instead of the custom one", AS_CUSTOM);
  const key = keyOfTarPath(bare);
  if (key === undefined) throw new UploadRefused(`its entry ${said} belongs to no backup`, EXPECTED);
  refuseKey(key);
  return { is: "file", key };
}

/** Keys that S3 doesn't take, or that its clients could take for another key's. */
function refuseKey(key: string): void {
  if (Buffer.byteLength(key) > LONGEST_KEY)
    throw new UploadRefused(`its file ${quoted(key)} has a name of more than ${LONGEST_KEY} bytes`, MAKE_AGAIN);
  const parts = key.split("/");
  if (key.startsWith("/") || parts.includes("..") || parts.includes("."))
    throw new UploadRefused(`its file ${quoted(key)} leads out of the bucket it would be put into`, MAKE_AGAIN);
  if (/\p{Cc}/u.test(key))
    throw new UploadRefused(`its file ${quoted(key)} has control characters in its name`, MAKE_AGAIN);
}
