/** An environment's snapshots, page by page. What moves between two pages is taken once. */
import { type ApiSnapshot, snapshotPage } from "./answers";
import type { ApiClient } from "./api-client";

const PAGE = 500;

export async function listSnapshots(client: ApiClient, path: string): Promise<readonly ApiSnapshot[]> {
  const found = new Map<string, ApiSnapshot>();
  for (let offset = 0; ; offset += PAGE) {
    const { snapshots, total } = await client.ask("GET", path, snapshotPage, { query: { offset, limit: PAGE } });
    for (const one of snapshots) found.set(one.snapshotId, one);
    if (snapshots.length === 0 || offset + snapshots.length >= total) return [...found.values()];
  }
}
