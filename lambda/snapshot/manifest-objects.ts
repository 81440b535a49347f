/** The objects that a manifest names: what has to stand for its snapshot to be whole. Pure. */
import type { Manifest, StoredObjectEntry } from "./manifest";

export const objectsOf = ({ database, files }: Manifest): readonly StoredObjectEntry[] => [
  database,
  ...files.index,
  ...files.packs,
];
