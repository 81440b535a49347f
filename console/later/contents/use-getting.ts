/** Asks for one thing at a time, and tells why it couldn't be asked for. */
import { useState } from "react";
import { sentenceOf } from "../../api/client";
import type { Part } from "./contents-dialog";

export const useGetting = (onGet: (part: Part) => Promise<void>) => {
  const [waiting, setWaiting] = useState<string>();
  const [failure, setFailure] = useState<string>();
  const get = async (part: Part, name: string): Promise<void> => {
    setWaiting(name);
    setFailure(undefined);
    try {
      await onGet(part);
    } catch (error) {
      setFailure(sentenceOf(error));
    } finally {
      setWaiting(undefined);
    }
  };
  return { waiting, failure, get };
};
