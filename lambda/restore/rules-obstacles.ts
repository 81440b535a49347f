/**
 * What stands in the way of putting a restored database in the live one's place, and what goes with the live one. The
 * swap names its causes by the same rules, so that it never says less than the plan. Pure.
 */
import type { DatabaseObstacles } from "../catalog/target-details";
import type { PlanFinding as Finding } from "./plan-findings";
import { counted, lacking, named } from "./words";

export interface Obstacle {
  readonly code: Finding["code"];
  /** Begins a sentence. */
  readonly what: string;
  readonly mend: string;
}

/** They hold the database, or come back as soon as they are ended. */
export const inTheWay = (obstacles: DatabaseObstacles, where: string): Obstacle[] => {
  const { preparedTransactions, replicationConnections, slots, subscriptions, workers } = obstacles;
  const active = slots.filter((slot) => slot.active).map(({ name }) => name);
  const enabled = subscriptions.filter((one) => one.enabled).map(({ name }) => name);
  const foreign = subscriptions.filter((one) => !one.enabled && !one.ours).map(({ name }) => name);
  const found: (Obstacle | false)[] = [
    preparedTransactions.length > 0 && {
      code: "PreparedTransactions",
      what: `Prepared transactions wait in ${where} (${named(preparedTransactions.map(({ gid, owner }) => `${JSON.stringify(gid)} of ${owner}`))})`,
      mend: "connect to it as their owner and end each with COMMIT PREPARED or ROLLBACK PREPARED",
    },
    (active.length > 0 || replicationConnections > 0) && {
      code: "ReplicationActive",
      what: `Logical replication reads ${where} (${active.length > 0 ? `by ${named(active)}` : counted(replicationConnections, "connection")})`,
      mend: "stop who reads it",
    },
    enabled.length > 0 && {
      code: "SubscriptionsEnabled",
      what: `Subscriptions of ${where} are enabled (${named(enabled)}), and their workers keep connecting to it`,
      mend: "switch them off with ALTER SUBSCRIPTION … DISABLE",
    },
    foreign.length > 0 && {
      code: "SubscriptionsOfOthers",
      what: `Subscriptions of ${where} belong to others than the registered user (${named(foreign)}), and a database that has one can't be dropped`,
      mend: "drop them, or make them its own",
    },
    workers.length > 0 && {
      code: "WorkersPresent",
      what: `Processes of the server itself are connected to ${where} (${named(workers)})`,
      mend: "stop them, or have their extension use another database",
    },
  ];
  return found.filter((obstacle) => obstacle !== false);
};

export const obstacleRefusals = (obstacles: DatabaseObstacles, where: string): Finding[] =>
  inTheWay(obstacles, where).map(({ code, what, mend }) => ({ code, message: `${what}: ${mend}, then restore.` }));

/** What is lost with the replaced database, though it is in no snapshot. */
export const obstacleWarnings = ({ slots, subscriptions }: DatabaseObstacles, where: string): Finding[] => {
  const idle = slots.filter(({ active }) => !active).map(({ name }) => name);
  const disabled = subscriptions.filter(({ enabled, ours }) => !enabled && ours).map(({ name }) => name);
  const found: (Finding | false)[] = [
    idle.length > 0 && {
      code: "ReplicationSlotsGo",
      message: `Logical replication slots of ${where} go with the old database (${named(idle)}): whoever reads them has to begin anew, with slots in the restored one.`,
    },
    disabled.length > 0 && {
      code: "SubscriptionsGo",
      message: `Subscriptions of ${where} go with the old database (${named(disabled)}), and their slots stay at their publishers: use those slots again in the restored one, or drop them there.`,
    },
  ];
  return found.filter((finding) => finding !== false);
};

/** What would go with the old database now, and was not there when the plan told what does. */
export const notTold = (planned: DatabaseObstacles, now: DatabaseObstacles): string[] => {
  const names = (of: readonly { readonly name: string }[]): string[] => of.map(({ name }) => name);
  return [
    ...lacking(names(now.slots), names(planned.slots)).map((name) => `the replication slot ${name}`),
    ...lacking(names(now.subscriptions), names(planned.subscriptions)).map((name) => `the subscription ${name}`),
  ];
};

/** Why the server says that a database is in use; `where` is its name in a sentence. */
export const whyInUse = (obstacles: DatabaseObstacles, where: string): string => {
  const found = inTheWay(obstacles, where).map(({ what, mend }) => `${what}: ${mend}.`);
  const { unendableSessions } = obstacles;
  if (unendableSessions > 0)
    found.push(
      `The registered user can't end ${counted(unendableSessions, "session")} in ${where}, such as a superuser's: end what is connected to it.`,
    );
  return found.length > 0
    ? found.join(" ")
    : `Clients keep connecting to ${where}: stop the app and whatever else connects to it.`;
};
