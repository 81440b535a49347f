/** The objects that a manifest names: what has to stand in the bucket for its snapshot to be whole. Pure. */
import { isRecoveryPoint, type Manifest, type StoredObjectEntry } from "./manifest";

export const objectsOf = ({ database, files }: Pick<Manifest, "database" | "files">): readonly StoredObjectEntry[] => [
  ...(isRecoveryPoint(database) ? [] : [database]),
  ...files.index,
  ...files.packs,
];
