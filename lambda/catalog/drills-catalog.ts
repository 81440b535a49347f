/** Restore drills: each one, what there is at the drill target, and where that is. Every method is one request. */
import { environmentPk, page, type Page } from "./catalog-base";
import { ConditionFailed } from "./catalog-table";
import { type DrillItem, DRILLS_KEPT, type DrillState, type DrillTarget } from "./drills";
import { PeopleCatalog } from "./people-catalog";

const STATE = { pk: "DRILLS", sk: "STATE" };
const TARGET = { pk: "DRILLS", sk: "TARGET" };
/** Ids begin with the time at which the drill was asked for, so that they are in its order. */
const drillKey = (environmentId: string, drillId: string) => ({
  pk: environmentPk(environmentId),
  sk: `DRILL#${drillId}`,
});

export class DrillsCatalog extends PeopleCatalog {
  /** False when there is a drill of that id. */
  async createDrill(drill: DrillItem): Promise<boolean> {
    try {
      await this.table.put({ ...drillKey(drill.environmentId, drill.drillId), ...drill }, { absent: true });
      return true;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      return false;
    }
  }
  async getDrill(environmentId: string, drillId: string): Promise<DrillItem | undefined> {
    return this.read(drillKey(environmentId, drillId));
  }
  async updateDrill(environmentId: string, drillId: string, change: Partial<DrillItem>): Promise<void> {
    await this.table.update(drillKey(environmentId, drillId), { set: change }, { exists: true });
  }
  /** Newest first. */
  async listDrills(environmentId: string, cursor?: string, limit = DRILLS_KEPT): Promise<Page<DrillItem>> {
    return page(
      await this.table.query(environmentPk(environmentId), {
        skPrefix: "DRILL#",
        descending: true,
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      }),
    );
  }
  async deleteDrill(environmentId: string, drillId: string): Promise<void> {
    await this.table.delete(drillKey(environmentId, drillId));
  }

  async getDrillState(): Promise<DrillState | undefined> {
    return this.read(STATE);
  }
  async putDrillState(state: DrillState): Promise<void> {
    await this.table.put({ ...STATE, ...state });
  }
  /** Throws ConditionFailed unless the state is still that of the lease `leaseToken`. */
  async updateDrillState(leaseToken: string, change: Partial<DrillState>): Promise<void> {
    await this.table.update(STATE, { set: change }, { equals: { leaseToken } });
  }

  /** Undefined: there is none, and no drills run. */
  async getDrillTarget(): Promise<DrillTarget | undefined> {
    return this.read(TARGET);
  }
  /** Null takes it away. */
  async putDrillTarget(target: DrillTarget | null): Promise<void> {
    if (target === null) await this.table.delete(TARGET);
    else await this.table.put({ ...TARGET, ...target });
  }
}
