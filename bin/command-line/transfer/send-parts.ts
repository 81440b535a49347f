/**
 * The parts of an upload that have not arrived, a few at once, each to an address of its own that is asked for shortly
 * before. A part that fails is sent again to a fresh address. Memory: what the connections hold, whatever the size.
 */
import { atOnce } from "../../../lambda/runtime/at-once";
import { partAddresses, type ApiUpload } from "../api/answers";
import { type ApiClient, reasonOf } from "../api/api-client";
import { CommandFailure, type ProgressBar, type Surroundings } from "../surroundings";
import type { UploadSource } from "./upload-source";

export interface PartsToSend {
  readonly upload: Pick<ApiUpload, "size" | "partSize" | "partCount">;
  /** Part number → bytes that have arrived. */
  readonly arrived: ReadonlyMap<number, number>;
  readonly source: UploadSource;
  /** Of the upload. */
  readonly path: string;
  readonly client: ApiClient;
  readonly show: ProgressBar["show"];
}

const AT_ONCE = 4;
/** Addresses asked for at once: few, so that none is old when its turn comes. */
const ADDRESSES = 20;
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 1_000;
/** At least 64 KiB a second, and a minute at least. */
const SLOWEST = 64 * 1024;
const SHORTEST_MS = 60_000;

/** Throws CommandFailure. */
export async function sendParts(
  { upload, arrived, source, path, client, show }: PartsToSend,
  { fetch, sleep }: Pick<Surroundings, "fetch" | "sleep">,
): Promise<void> {
  const { size, partSize, partCount } = upload;
  const sizeOf = (part: number): number => Math.min(partSize, size - (part - 1) * partSize);
  const all = Array.from({ length: partCount }, (_, at) => at + 1);
  const open = all.filter((part) => arrived.get(part) !== sizeOf(part));
  let done = size - open.reduce((sum, part) => sum + sizeOf(part), 0);
  show(done, size);

  const addressesOf = async (parts: readonly number[]): Promise<ReadonlyMap<number, string>> => {
    const answer = await client.ask("POST", `${path}/parts`, partAddresses, { body: { part_numbers: parts } });
    return new Map(answer.parts.map(({ partNumber, url }) => [partNumber, url]));
  };
  const send = async (part: number, first: string | undefined): Promise<void> => {
    const from = (part - 1) * partSize;
    const bytes = sizeOf(part);
    let address = first;
    for (let attempt = 1; ; attempt++) {
      address ??= (await addressesOf([part])).get(part);
      if (address === undefined) throw new CommandFailure(1, [`The API gave no address for part ${part}.`]);
      const reason = await put(fetch, address, source.slice(from, from + bytes), bytes);
      if (reason === undefined) break;
      if (attempt === ATTEMPTS)
        throw new CommandFailure(1, [`Part ${part} of ${partCount} could not be sent (${reason}).`]);
      address = undefined;
      await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1));
      await source.checkUnchanged();
    }
    done += bytes;
    show(done, size);
  };
  for (let at = 0; at < open.length; at += ADDRESSES) {
    const some = open.slice(at, at + ADDRESSES);
    const addresses = await addressesOf(some);
    await atOnce(AT_ONCE, some, (part) => send(part, addresses.get(part)));
  }
}

/** Why it failed; undefined when it did not. No address appears in it. */
async function put(
  fetch: Surroundings["fetch"],
  address: string,
  body: Blob,
  bytes: number,
): Promise<string | undefined> {
  // Timers take whole milliseconds only.
  const limitMs = Math.max(SHORTEST_MS, Math.ceil((bytes / SLOWEST) * 1000));
  try {
    const response = await fetch(address, { method: "PUT", body, signal: AbortSignal.timeout(limitMs) });
    await response.arrayBuffer();
    return response.ok ? undefined : `the storage answered ${response.status}`;
  } catch (error) {
    return reasonOf(error);
  }
}
