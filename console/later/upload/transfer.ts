/**
 * Sends a file's missing parts straight to storage: a few at once, each at an address that the API presigns, and each
 * tried again a few times. Progress is reported in bytes. Stops at once when `signal` says so; what has arrived stays,
 * and the next call sends the rest.
 */
import { request } from "../../api/client";
import type { PartUrls, UploadView } from "../../api/types";
import { missingParts, rangeOf } from "./missing-parts";

const AT_ONCE = 4;
/** Addresses asked for at once: few enough to be used before they run out. */
const ADDRESSES = 16;
const TRIES = 6;
const FIRST_PAUSE_MS = 500;

export interface TransferOptions {
  /** Of the upload, below the API's address. */
  readonly path: string;
  readonly upload: UploadView;
  readonly file: Blob;
  readonly signal: AbortSignal;
  readonly onProgress: (bytesSent: number) => void;
}

export const sendParts = async ({ path, upload, file, signal, onProgress }: TransferOptions): Promise<void> => {
  const { numbers, bytes } = missingParts(upload);
  const underWay = new Map<number, number>();
  let done = bytes;
  const tell = (): void => onProgress([...underWay.values()].reduce((sum, one) => sum + one, done));
  tell();
  const urlOf = addressBook(path, numbers, signal);
  const queue = [...numbers];
  const sendNext = async (): Promise<void> => {
    for (let number = queue.shift(); number !== undefined; number = queue.shift()) {
      const { from, to } = rangeOf(upload, number);
      await sendOne(number, file.slice(from, to));
      underWay.delete(number);
      done += to - from;
      tell();
    }
  };
  const sendOne = async (number: number, part: Blob): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      try {
        const url = await urlOf(number, attempt > 1);
        return await put(url, part, signal, (loaded) => {
          underWay.set(number, loaded);
          tell();
        });
      } catch (error) {
        underWay.delete(number);
        tell();
        if (signal.aborted || attempt === TRIES) throw error;
        await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1), signal);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sendNext));
};

/** Addresses are fetched a few parts ahead; a fresh one where the last did not work. */
const addressBook = (path: string, numbers: readonly number[], signal: AbortSignal) => {
  const known = new Map<number, Promise<string>>();
  const fetchFrom = (number: number): void => {
    const at = numbers.indexOf(number);
    const wanted = numbers.slice(at, at + ADDRESSES);
    const answer = request<PartUrls>("POST", `${path}/parts`, { body: { part_numbers: wanted }, signal });
    for (const one of wanted) {
      const url = answer.then(({ parts }) => {
        const found = parts.find(({ part_number }) => part_number === one);
        if (found === undefined) throw new Error(`The service gave no address for part ${one}: try again.`);
        return found.url;
      });
      url.catch(() => known.delete(one));
      known.set(one, url);
    }
  };
  return async (number: number, fresh: boolean): Promise<string> => {
    if (fresh || !known.has(number)) fetchFrom(number);
    return await (known.get(number) as Promise<string>);
  };
};

/** XMLHttpRequest, because fetch can't tell how far it has come. */
const put = (url: string, part: Blob, signal: AbortSignal, onLoaded: (bytes: number) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    const abort = (): void => sending.abort();
    const settle = (end: () => void): void => {
      signal.removeEventListener("abort", abort);
      end();
    };
    sending.open("PUT", url);
    sending.upload.addEventListener("progress", ({ loaded }) => onLoaded(loaded));
    sending.addEventListener("load", () =>
      settle(() =>
        sending.status >= 200 && sending.status < 300
          ? resolve()
          : reject(new Error(`Storage refused a part of the file (${sending.status}): try again.`)),
      ),
    );
    sending.addEventListener("error", () =>
      settle(() => reject(new Error("A part of the file could not be sent: check the connection, then resume."))),
    );
    sending.addEventListener("abort", () => settle(() => reject(new DOMException("Paused", "AbortError"))));
    signal.addEventListener("abort", abort);
    sending.send(part);
  });

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("Paused", "AbortError"));
    });
  });
