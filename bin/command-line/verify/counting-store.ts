/** A store that tells how many bytes have been read from it, for a bar. */
import type { ObjectStore } from "../../../lambda/storage/object-store";

export function countingStore(store: ObjectStore, onBytes: (soFar: number) => void): ObjectStore {
  let read = 0;
  async function* counted(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of body) {
      read += piece.length;
      onBytes(read);
      yield piece;
    }
  }
  const get: ObjectStore["get"] = async (ref, options) => {
    const content = await store.get(ref, options);
    return { ...content, body: counted(content.body) };
  };
  return new Proxy(store, {
    get: (target, name) => {
      if (name === "get") return get;
      const found: unknown = Reflect.get(target, name);
      return typeof found === "function" ? (found.bind(target) as unknown) : found;
    },
  });
}
