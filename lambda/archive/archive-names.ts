/** What an archive is called. Pure. */
import type { ArchiveDataType, ArchiveWish, SnapshotItem } from "../catalog/items";

type WholeType = Exclude<ArchiveDataType, "one_file" | "one_table">;
const ENDINGS: Readonly<Record<WholeType, string>> = {
  files_and_database: ".tar.gz",
  files_only: "-files.tar.gz",
  database_only: ".backup",
};
/** File systems take 255 bytes of a name; a browser may add a number. */
const LONGEST_NAME_BYTES = 200;

/**
 * What a browser calls it: `shop-production-20261205T001000Z.tar.gz`, after the environment and the time of the
 * snapshot; a single file after the last part of its key.
 */
export const archiveFileName = (
  { environmentId, createdAt }: Pick<SnapshotItem, "environmentId" | "createdAt">,
  { dataType, file = "", table = "" }: ArchiveWish,
): string => {
  if (dataType === "one_file") return safeName(file.split("/").findLast((part) => part !== "") ?? "");
  const snapshot = `${environmentId}-${createdAt.slice(0, 19).replace(/[-:]/g, "")}Z`;
  return dataType === "one_table"
    ? `${safeName(`${snapshot}-${table.replaceAll('"', "")}`)}.sql`
    : `${snapshot}${ENDINGS[dataType]}`;
};

/** The last part of its key in the transfer bucket: names that people gave could be too long for a key. */
export const storedName = (fileName: string, dataType: ArchiveDataType): string =>
  dataType === "one_file" || dataType === "one_table" ? dataType : fileName;

/**
 * A name that every file system takes and no program understands as a path, an option or a hidden file. Its ending
 * stays, and whole characters.
 */
export const safeName = (name: string): string => {
  const safe = name
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}/\\:*?"<>|]/gu, "_")
    .replace(/^[.\s~-]+/, "_")
    .replace(/[.\s]+$/, "");
  if (safe === "" || safe === "_") return "file";
  if (Buffer.byteLength(safe) <= LONGEST_NAME_BYTES) return safe;
  const ending = /\.[A-Za-z0-9]{1,10}$/.exec(safe)?.[0] ?? "";
  let [kept, bytes] = ["", Buffer.byteLength(ending)];
  for (const character of safe.slice(0, safe.length - ending.length)) {
    bytes += Buffer.byteLength(character);
    if (bytes > LONGEST_NAME_BYTES) break;
    kept += character;
  }
  return kept + ending;
};
