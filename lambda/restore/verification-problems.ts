/** What a verification finds wrong, and how its parts find the objects they read. */
import { StorageError, StoreUnavailable } from "../storage/storage-errors";
import type { Copy } from "./snapshot-reader";

export interface Problem {
  /** Key of the object, and of the file where it is one file's problem. */
  readonly object: string;
  readonly file?: string;
  readonly message: string;
}
const PROBLEMS_LISTED = 1_000;

/** Finds the version of an object that counts in this region. */
export type Locate = (entry: { readonly key: string; readonly versionId: string }) => Promise<Copy>;

export class ProblemList {
  readonly listed: Problem[] = [];
  count = 0;

  add(object: string, message: string, file?: string): void {
    this.count++;
    if (this.listed.length < PROBLEMS_LISTED)
      this.listed.push({ object, message, ...(file === undefined ? {} : { file }) });
  }

  /** Runs `work`; what is missing or damaged becomes a problem of `object` (false), anything else is thrown. */
  async during(object: string, work: () => Promise<void>, file?: string): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof StorageError) || error instanceof StoreUnavailable) throw error;
      this.add(object, error.message, file);
      return false;
    }
  }
}
