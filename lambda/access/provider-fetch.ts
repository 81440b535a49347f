/** Reads a small public document of the identity provider: over TLS, without redirects, with limits in time and size. */

/** Answers with the document, or throws ProviderUnreachable. */
export type ProviderFetch = (address: string) => Promise<ArrayBuffer>;

export class ProviderUnreachable extends Error {
  override name = "ProviderUnreachable";
}

const ANSWER_MS = 3_000;
const SIZE_LIMIT = 512 * 1024;
/** A provider on this machine, for trying out. */
const LOOPBACK = new Set(["127.0.0.1", "[::1]", "localhost"]);

/** A broken connection is tried once more: the second try meets a provider that was just restarted. */
export const createProviderFetch =
  (answerMs = ANSWER_MS): ProviderFetch =>
  async (address) => {
    try {
      return await fetchOnce(address, answerMs).catch((error: unknown) =>
        isFinal(error) ? Promise.reject(error) : fetchOnce(address, answerMs),
      );
    } catch (cause) {
      if (cause instanceof ProviderUnreachable) throw cause;
      throw new ProviderUnreachable(`${address} can't be read.`, { cause });
    }
  };

/** It has said no, or has had all its time (a DOMException, which not every realm counts among the errors). */
const isFinal = (error: unknown): boolean =>
  error instanceof ProviderUnreachable || (error as { name?: unknown } | null)?.name === "TimeoutError";

async function fetchOnce(address: string, answerMs: number): Promise<ArrayBuffer> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || (url.protocol !== "https:" && !(url.protocol === "http:" && LOOPBACK.has(url.hostname)))) {
    throw new ProviderUnreachable(`${address} is no https address.`);
  }
  const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(answerMs) });
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body ?? []) {
    size += piece.length;
    if (size > SIZE_LIMIT) throw new ProviderUnreachable(`${address} answers with more than ${SIZE_LIMIT} bytes.`);
    pieces.push(piece);
  }
  if (response.status !== 200) throw new ProviderUnreachable(`${address} answers with status ${response.status}.`);
  return new Uint8Array(Buffer.concat(pieces)).buffer;
}
