/** An archive's entries, read by code that shares nothing with the service: Node's gunzip and a plain walk of the tar. */
import { gunzipSync } from "node:zlib";
import { extract } from "tar-stream";

/** Contents by path, in order. Throws where the gzip file is not exactly one sound member. */
export const entriesOf = async (archive: Buffer): Promise<Map<string, Buffer>> => {
  const entries = new Map<string, Buffer>();
  const tar = extract();
  tar.end(gunzipSync(archive));
  for await (const entry of tar) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    if (entries.has(entry.header.name)) throw new Error(`${entry.header.name} is there twice.`);
    entries.set(entry.header.name, Buffer.concat(chunks));
  }
  return entries;
};
