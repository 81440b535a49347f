/** Examines a chosen file, and tells how that stands; choosing another one ends it. */
import { useEffect, useState } from "react";
import { isAbort, sentenceOf } from "../../api/client";
import { examineFile } from "./examine-file";

export interface Examined {
  readonly state: "none" | "examining" | "good" | "refused";
  /** Why it can't be used. */
  readonly problem?: string;
}
const NONE: Examined = { state: "none" };

export const useExamined = (file: File | undefined): Examined => {
  const [found, setFound] = useState<{ readonly file: File; readonly examined: Examined }>();
  useEffect(() => {
    if (file === undefined) return undefined;
    const controller = new AbortController();
    const settle = (examined: Examined): void => {
      if (!controller.signal.aborted) setFound({ file, examined });
    };
    examineFile(file, controller.signal).then(
      (problem) => settle(problem === undefined ? { state: "good" } : { state: "refused", problem }),
      (error: unknown) => {
        if (isAbort(error)) return;
        settle({ state: "refused", problem: `The file "${file.name}" can't be read: ${sentenceOf(error)}` });
      },
    );
    return () => controller.abort();
  }, [file]);
  if (file === undefined) return NONE;
  return found?.file === file ? found.examined : { state: "examining" };
};
