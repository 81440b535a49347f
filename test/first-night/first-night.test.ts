import { NIGHT, playNight, WINDOW, type PlayedNight } from "./played-night";
import { API_SETTINGS } from "../support/api-world";
import { API_SETTINGS_VARIABLE } from "../../lambda/api/contract";
import { WINDOW_VARIABLE } from "../../lambda/nightly-window/contract";

jest.mock("../../lambda/runtime/create-collaborators", () => jest.requireActual("../crash/handler-collaborators"));
process.env[WINDOW_VARIABLE] = JSON.stringify(WINDOW);
process.env[API_SETTINGS_VARIABLE] = JSON.stringify(API_SETTINGS);

const few = (random: () => number) =>
  Array.from({ length: 5 + Math.floor(25 * random()) }, (_, n) => ({ name: `file-${String(n).padStart(4, "0")}` }));

test("a night", async () => {
  const t = Date.now();
  const night = await playNight({
    seed: 1,
    environments: 200,
    files: few,
    concurrency: { quota: 10, reserved: {} },
    fargate: { quota: 6, taskVcpu: 2 },
    failing: (seconds) => (seconds < 7200 ? 0.5 : 0),
    limitHours: 48,
  });
  console.log(JSON.stringify(await figures(night), null, 1), NIGHT, Date.now() - t, process.memoryUsage().rss / 1e6);
}, 600_000);
async function figures(n: PlayedNight) {
  const s = await n.snapshots();
  const reasons: Record<string, number> = {};
  for (const x of s) {
    const k = `${x.state} ${x.attempt} ${x.statusMessage.slice(0, 140)}`;
    reasons[k] = (reasons[k] ?? 0) + 1;
  }
  return {
    hours: n.hours,
    reasons,
    lambda: n.region.lambda.calls.total,
    mostpm: n.region.lambda.calls.most,
    refused: [...n.region.lambda.refused],
    most: [...n.region.lambda.most],
    launches: n.region.fargate.launches,
    ecs: n.region.fargate.calls.total,
    ecsmost: n.region.fargate.calls.most,
    ecsrefused: [...n.region.fargate.refused],
    traffic: { ...n.traffic, asked: n.traffic.asked.length, unanswered: n.traffic.unanswered.slice(0, 8) },
  };
}
