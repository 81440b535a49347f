/** Which image the region's database tasks run, as the last task that saw a new one told. Every method is one request. */
import { CatalogBase } from "./catalog-base";
import { ConditionFailed } from "./catalog-table";

export interface TaskImage {
  /** Day on which its base, PostgreSQL programs and certificates were last renewed, `2026-10-04`; null: it doesn't say. */
  readonly refreshed: string | null;
  /** When a task first ran it. */
  readonly since: string;
}

const TYPE = "TASK-IMAGE";
const KEY = { pk: TYPE, sk: TYPE };

export class TaskImageCatalog extends CatalogBase {
  /** Undefined: no task has run in this region. */
  async getTaskImage(): Promise<TaskImage | undefined> {
    return this.read(KEY);
  }
  /** Through the index, as gauges read. */
  async findTaskImage(): Promise<TaskImage | undefined> {
    const [item] = (await this.table.queryType(TYPE, { limit: 1 })).items;
    return item === undefined
      ? undefined
      : { refreshed: item["refreshed"] as string | null, since: String(item["since"]) };
  }
  /** In place of `standing`; nothing happens where another task was faster. */
  async replaceTaskImage(image: TaskImage, standing: TaskImage | undefined): Promise<void> {
    try {
      await this.table.update(
        KEY,
        { set: { type: TYPE, sortKey: TYPE, ...image } },
        { equals: { refreshed: standing?.refreshed ?? null } },
      );
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
}
