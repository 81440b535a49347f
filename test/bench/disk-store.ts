/** As much of a store as the packer needs, on disk, so that a benchmark measures the packer's memory and not the store's. */
import { createReadStream, mkdirSync } from "node:fs";
import { open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type {
  GetOptions,
  ObjectContent,
  ObjectRef,
  ObjectStore,
  PartResult,
  PutRequest,
  PutResult,
} from "../../lambda/storage/object-store";

type Needed = Pick<
  ObjectStore,
  "put" | "get" | "head" | "createMultipart" | "uploadPart" | "completeMultipart" | "abortMultipart"
>;

class DiskStore implements Needed {
  requests = 0;
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }
  async put({ key, body }: PutRequest): Promise<PutResult> {
    this.requests++;
    await writeFile(this.path(key), body);
    return { versionId: "v1", etag: "e" };
  }
  async get({ key }: ObjectRef, { range }: GetOptions = {}): Promise<ObjectContent> {
    this.requests++;
    const file = await open(this.path(key));
    const { size } = await file.stat();
    await file.close();
    const [start, end] = range ?? [0, size - 1];
    return { body: createReadStream(this.path(key), { start, end }), size: end - start + 1, etag: "e", metadata: {} };
  }
  async head({ key }: ObjectRef): Promise<Omit<ObjectContent, "body">> {
    this.requests++;
    return { size: (await readFile(this.path(key))).length, etag: "e", versionId: "v1", metadata: {} };
  }
  async createMultipart({ key }: ObjectRef): Promise<string> {
    this.requests++;
    await writeFile(this.path(key), "");
    return "upload";
  }
  async uploadPart(_ref: ObjectRef, _uploadId: string, partNumber: number): Promise<PartResult> {
    this.requests++;
    return { partNumber, etag: "e" };
  }
  async completeMultipart(): Promise<PutResult> {
    throw new Error("The benchmark's objects are all smaller than a part.");
  }
  async abortMultipart(): Promise<void> {
    this.requests++;
  }
  private path(key: string): string {
    return join(this.folder, encodeURIComponent(key));
  }
}

export const diskStore = (folder: string): ObjectStore & { readonly requests: number } =>
  new DiskStore(folder) as unknown as ObjectStore & { readonly requests: number };
