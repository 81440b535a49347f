/** Whether a database names exactly the files of an index. Both are read in key order, side by side, in bounded memory. */
import { compareKeys } from "../pack/key-order";

export interface ClosureFindings {
  /** The database names it, and the index has no line of it, not even of a missing file. */
  readonly lacking: (key: string) => void;
  /** The index has it, and the database does not name it. */
  readonly surplus: (key: string) => void;
}

/** How many different keys `named` holds. */
export const compareNamed = async (
  named: AsyncIterable<{ readonly key: string }>,
  indexed: AsyncGenerator<{ readonly key: string }>,
  { lacking, surplus }: ClosureFindings,
): Promise<number> => {
  let count = 0;
  let previous: string | undefined;
  try {
    let current = await indexed.next();
    for await (const { key } of named) {
      if (key === previous) continue;
      previous = key;
      count++;
      while (current.done !== true && compareKeys(current.value.key, key) < 0) {
        surplus(current.value.key);
        current = await indexed.next();
      }
      if (current.done !== true && current.value.key === key) current = await indexed.next();
      else lacking(key);
    }
    while (current.done !== true) {
      surplus(current.value.key);
      current = await indexed.next();
    }
  } finally {
    await indexed.return(undefined);
  }
  return count;
};
