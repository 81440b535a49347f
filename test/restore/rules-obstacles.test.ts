/** What stands in the way of a swap, and what goes with the old database: each rule by itself, and what it says. */
import type { DatabaseObstacles } from "../../lambda/catalog/target-details";
import { inTheWay, notTold, obstacleRefusals, obstacleWarnings, whyInUse } from "../../lambda/restore/rules-obstacles";

const WHERE = "the database shop";
const none: DatabaseObstacles = {
  preparedTransactions: [],
  slots: [],
  subscriptions: [],
  replicationConnections: 0,
  workers: [],
  unendableSessions: 0,
};
const slots = [
  { name: "cdc", active: true },
  { name: "idle", active: false },
];
const subscriptions = [
  { name: "on", enabled: true, ours: true },
  { name: "on_of_others", enabled: true, ours: false },
  { name: "off", enabled: false, ours: true },
  { name: "off_of_others", enabled: false, ours: false },
];
const prepared: Partial<DatabaseObstacles> = { preparedTransactions: [{ gid: 'a"b', owner: "shop" }] };
const PREPARED =
  'Prepared transactions wait in the database shop ("a\\"b" of shop): connect to it as their owner and end each with COMMIT PREPARED or ROLLBACK PREPARED';

test.each<[string, Partial<DatabaseObstacles>, string[]]>([
  ["nothing", {}, []],
  ["a prepared transaction", prepared, [`PreparedTransactions: ${PREPARED}`]],
  [
    "replication that has a slot",
    { slots, replicationConnections: 1 },
    [`ReplicationActive: Logical replication reads ${WHERE} (by cdc): stop who reads it`],
  ],
  [
    "a slot whose connection nobody sees",
    { slots: slots.slice(0, 1) },
    [`ReplicationActive: Logical replication reads ${WHERE} (by cdc): stop who reads it`],
  ],
  [
    "one subscription that runs",
    { subscriptions: subscriptions.slice(0, 1) },
    [
      `SubscriptionsEnabled: Subscriptions of ${WHERE} are enabled (on), and their workers keep connecting to it: switch them off with ALTER SUBSCRIPTION … DISABLE`,
    ],
  ],
  ["an idle slot", { slots: slots.slice(1) }, []],
  [
    "a connection of replication without a slot",
    { replicationConnections: 1 },
    [`ReplicationActive: Logical replication reads ${WHERE} (1 connection): stop who reads it`],
  ],
  [
    "subscriptions, by whether they run and whose they are",
    { subscriptions },
    [
      `SubscriptionsEnabled: Subscriptions of ${WHERE} are enabled (on, on_of_others), and their workers keep connecting to it: switch them off with ALTER SUBSCRIPTION … DISABLE`,
      `SubscriptionsOfOthers: Subscriptions of ${WHERE} belong to others than the registered user (off_of_others), and a database that has one can't be dropped: drop them, or make them its own`,
    ],
  ],
  [
    "a process of the server",
    { workers: ["pg_cron"] },
    [
      `WorkersPresent: Processes of the server itself are connected to ${WHERE} (pg_cron): stop them, or have their extension use another database`,
    ],
  ],
])("in the way: %s", (_, change, expected) => {
  const obstacles = { ...none, ...change };
  expect(inTheWay(obstacles, WHERE).map(({ code, what, mend }) => `${code}: ${what}: ${mend}`)).toStrictEqual(expected);
  expect(obstacleRefusals(obstacles, WHERE).map(({ code, message }) => `${code}: ${message}`)).toStrictEqual(
    expected.map((sentence) => `${sentence}, then restore.`),
  );
});

test("goes with the old database: idle slots, and the user's own subscriptions that are off", () => {
  const warned = (change: Partial<DatabaseObstacles>): string[] =>
    obstacleWarnings({ ...none, ...change }, WHERE).map(({ code, message }) => `${code}: ${message}`);
  expect(warned({})).toStrictEqual([]);
  expect(warned({ slots })).toStrictEqual([
    `ReplicationSlotsGo: Logical replication slots of ${WHERE} go with the old database (idle): whoever reads them has to begin anew, with slots in the restored one.`,
  ]);
  expect(warned({ subscriptions })).toStrictEqual([
    `SubscriptionsGo: Subscriptions of ${WHERE} go with the old database (off), and their slots stay at their publishers: use those slots again in the restored one, or drop them there.`,
  ]);
});

test("what the plan has not told is named, the rest is not", () => {
  const now = { ...none, slots, subscriptions: subscriptions.slice(2) };
  expect(notTold(none, none)).toStrictEqual([]);
  expect(notTold(now, none)).toStrictEqual([]);
  expect(notTold({ ...none, slots: slots.slice(1), subscriptions }, now)).toStrictEqual(["the replication slot cdc"]);
  expect(notTold({ ...now, subscriptions: [] }, now)).toStrictEqual([
    "the subscription off",
    "the subscription off_of_others",
  ]);
});

test.each<[string, Partial<DatabaseObstacles>, string]>([
  ["nothing that is known", {}, `Clients keep connecting to ${WHERE}: stop the app and whatever else connects to it.`],
  [
    "a session of another's",
    { unendableSessions: 1 },
    `The registered user can't end 1 session in ${WHERE}, such as a superuser's: end what is connected to it.`,
  ],
  [
    "several causes",
    { ...prepared, unendableSessions: 2 },
    `${PREPARED}. The registered user can't end 2 sessions in ${WHERE}, such as a superuser's: end what is connected to it.`,
  ],
])("in use because of %s", (_, change, expected) => {
  expect(whyInUse({ ...none, ...change }, WHERE)).toBe(expected);
});
