/** What an entry of an archive is by its name: every name has one meaning, or the archive is refused. Pure. */
import { keyOfTarPath } from "../pack/tar-path";
import { AS_CUSTOM } from "./objection";
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

/**
 * A key may be anything that S3 takes, such as `/a`, `..` or a line break: it never becomes a path of ours, and the
 * entry's own name holds it encoded.
 */
function refuseKey(key: string): void {
  if (Buffer.byteLength(key) > LONGEST_KEY)
    throw new UploadRefused(`its file ${quoted(key)} has a name of more than ${LONGEST_KEY} bytes`, MAKE_AGAIN);
}
