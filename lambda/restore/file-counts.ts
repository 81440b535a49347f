/** How many files a restore has put, kept, put over what stood there, removed, and had to leave, so far. Pure. */
import type { FilesLeft, RestoreItem } from "../catalog/items";

export interface FileCounts {
  readonly put: number;
  readonly replaced: number;
  readonly kept: number;
  readonly removed: number;
  readonly left: number;
}

export const fileCounts = (files: RestoreItem["files"], database: RestoreItem["database"]): FileCounts => {
  const left = database?.left?.count ?? 0;
  return {
    put: files.put,
    replaced: files.replaced ?? 0,
    kept: files.kept,
    removed: (database?.removed ?? 0) - left,
    left,
  };
};

/** Nothing names these files any more, so they harm nothing. */
export const leftSentence = ({ count, keys, reason }: FilesLeft): string => {
  const [first = ""] = keys;
  const one = count === 1;
  return (
    `${count.toLocaleString("en")} ${one ? "file" : "files"} that the restored database no longer names could not be removed and ` +
    `${one ? "is" : "are"} left, ${one ? "" : "such as "}${JSON.stringify(first)} (${reason.replace(/\.$/, "")}): ` +
    `nothing refers to ${one ? "it" : "them"}; remove ${one ? "it" : "them"} by hand, by the restore's records.`
  );
};
