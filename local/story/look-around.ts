/** What the page shows besides backups: its own files, the environment, the calendar, the regions. */
import type { EnvironmentView } from "../../lambda/api/schemas/environments";
import { environmentPath, expectStatus } from "./api-client";
import { nextWindow } from "./night";
import { megabytes } from "./progress";
import { part, snapshotsOf, type StoryContext } from "./story-context";

interface CalendarView {
  readonly runs: readonly { readonly night: string; readonly tier: string; readonly expires_at: string }[];
  readonly lives: readonly { readonly snapshot_id: string; readonly expires_at: string }[];
}

export const lookAround = (context: StoryContext): Promise<void> =>
  part(context, "Looking around", async () => {
    await opensPage(context);
    const { report, api, source, local } = context;
    const path = environmentPath(source.registration.appId, source.environmentId);
    const environment = expectStatus(await api.get<EnvironmentView>(path.slice(0, -1)), 200, "Reading the environment");
    const { database, files, running } = environment;
    const status = database.status?.status ?? null;
    report.check(
      "page",
      "the environment is shown with storage used and database status",
      running &&
        (files.size ?? 0) > 0 &&
        (database.size ?? 0) > 0 &&
        (source.untouched === true || status === "available"),
      `${files.count} files, ${megabytes(files.size ?? 0)}; database ${megabytes(database.size ?? 0)}, ${status ?? "no RDS instance"}`,
    );
    const calendar = expectStatus(await api.get<CalendarView>(`${path}calendar?days=60`), 200, "Reading the calendar");
    const night = nextWindow(context, local.clock.now()).toISOString().slice(0, 10);
    const [first] = calendar.runs;
    report.check(
      "page",
      "the calendar begins with the next night, and has every night of 60 days",
      first?.night === night && calendar.runs.length >= 59 && calendar.runs.length <= 61,
      `${calendar.runs.length} nights, the next one ${first?.night}, ${first?.tier} until ${first?.expires_at}`,
    );
    const standing = await snapshotsOf(context, source.environmentId);
    report.check(
      "page",
      "it shows the life of every snapshot, to its second",
      lifeLines(calendar.lives) ===
        lifeLines(standing.map(({ snapshotId, expiresAt }) => ({ snapshot_id: snapshotId, expires_at: expiresAt }))),
      `${calendar.lives.length} snapshots`,
    );
    const regions = expectStatus(await api.get<{ regions: readonly unknown[] }>("regions"), 200, "Reading the regions");
    report.check("page", "all 17 regions with their windows are there", regions.regions.length === 17);
  });

const lifeLines = (lives: CalendarView["lives"]): string =>
  lives
    .map(({ snapshot_id: id, expires_at: expiresAt }) => `${id} ${Date.parse(expiresAt)}`)
    .toSorted()
    .join("\n");

/** The page and every file that it names. */
const opensPage = async ({ report, api }: StoryContext): Promise<void> => {
  const response = await fetch(api.address);
  const html = await response.text();
  const files = [...html.matchAll(/(?:src|href)="([^":]+)"/g)].map(([, file = ""]) => file);
  const answers = await Promise.all(
    files.map(async (file) => {
      const answer = await fetch(new URL(file, api.address));
      return { file, status: answer.status, bytes: (await answer.arrayBuffer()).byteLength };
    }),
  );
  const broken = answers.filter(({ status, bytes }) => status !== 200 || bytes === 0).map(({ file }) => file);
  const isPage = response.status === 200 && (response.headers.get("content-type") ?? "").startsWith("text/html");
  report.check(
    "page",
    "the page is there with all its files",
    isPage && files.length > 0 && broken.length === 0,
    broken.length > 0
      ? broken.join(", ")
      : `${files.length} files, ${answers.reduce((sum, { bytes }) => sum + bytes, 0)} bytes`,
  );
};
