/** A list of files against a snapshot's index, both in key order: which of them the snapshot knows. Only reads. */
import { compareKeys } from "../pack/key-order";
import type { IndexLine, ListLine } from "../snapshot/file-index";

export interface KnownLine {
  readonly line: ListLine;
  readonly known: boolean;
}

/** Each line of `list`: files that the snapshot lists as missing are named by its database too, and so are known. */
export async function* withKnown(
  list: AsyncIterable<ListLine>,
  index: AsyncGenerator<IndexLine>,
): AsyncGenerator<KnownLine> {
  try {
    let entry = (await index.next()).value ?? undefined;
    for await (const line of list) {
      while (entry !== undefined && compareKeys(entry.key, line.key) < 0)
        entry = (await index.next()).value ?? undefined;
      yield { line, known: entry?.key === line.key };
    }
  } finally {
    await index.return(undefined);
  }
}
