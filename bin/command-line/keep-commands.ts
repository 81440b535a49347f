/** `keep`: a snapshot for longer than it was taken for. Asking again with the same date finds it done. */
import { type Command, InvalidArgumentError } from "commander";
import { snapshot as snapshotAnswer } from "./api/answers";
import { requireApi } from "./api/api-connection";
import { answer } from "./common-options";
import { follow } from "./follow";
import type { Surroundings } from "./surroundings";
import { isWaiting, type Wait, waitIfAsked, waitSeconds } from "./wait-option";

/** Ten thousand packs in two regions, behind a backup that is under way. */
const WAIT_SECONDS = 6 * 3600;

export function addKeepCommands(program: Command, surroundings: Surroundings): void {
  const keeping = program
    .command("keep <environment> <snapshot>")
    .description("keep a snapshot longer, in both regions; this can't be taken back: locks can't be shortened (API)")
    .requiredOption(
      "--until <date>",
      "a day, which is midnight UTC at its beginning, or a time such as 2027-12-31T12:00:00Z",
      day,
    );
  waitIfAsked(keeping, "until it is locked and promised", WAIT_SECONDS)
    .addHelpText(
      "after",
      "\nExample: npx backups keep shop-production 3f0c2a51-7d1e-8a42-9c55-0b6a1f3e2d47 --until 2027-12-31 --wait",
    )
    .action(
      async (environmentId: string, snapshotId: string, own: { until: string; wait?: Wait }, command: Command) => {
        const { options, api } = requireApi(command, surroundings);
        const path = await api.pathOf(environmentId, "snapshots", snapshotId);
        const begun = await api.client.ask("PUT", `${path}/keep-until`, snapshotAnswer, { body: { until: own.until } });
        const asked = `Snapshot ${snapshotId} is being locked until ${own.until}; until that is done it still expires on ${begun.expiresAt}.`;
        const later = `See how it goes with: backups snapshot ${environmentId} ${snapshotId}`;
        if (!isWaiting(own.wait)) return answer(options, surroundings, begun, [asked, later]);
        if (options.json !== true) surroundings.out(asked);
        const kept = await follow(
          {
            begun,
            look: () => api.client.ask("GET", path, snapshotAnswer),
            hasEnded: ({ expiresAt }) => Date.parse(expiresAt) >= Date.parse(own.until),
            limitSeconds: waitSeconds(own.wait, WAIT_SECONDS),
            what: `Keeping snapshot ${snapshotId}`,
            later,
          },
          surroundings,
        );
        return answer(options, surroundings, kept, [`Snapshot ${snapshotId} is kept until ${kept.expiresAt}.`]);
      },
    );
}

/** As the API takes it: UTC, to the second. */
function day(text: string): string {
  const whole = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text;
  const time = new Date(whole);
  const isTime = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(whole) && !Number.isNaN(time.getTime());
  // 30 February would be taken for 2 March.
  const isDay = text !== whole && isTime ? time.toISOString().startsWith(text) : isTime;
  if (isDay) return `${time.toISOString().slice(0, 19)}Z`;
  throw new InvalidArgumentError("It must be a day, such as 2027-12-31, or a time, such as 2027-12-31T12:00:00Z.");
}
