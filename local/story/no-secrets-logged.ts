/** Looks for every key, password and link of this run in every log of this run. */
import { part, type StoryContext } from "./story-context";

export const showNoSecretsLogged = (context: StoryContext): Promise<void> =>
  part(context, "Looking for secrets in the logs", async () => {
    const { report, secrets, logFolder } = context;
    report.checkNone(
      "logs",
      "no key, password or link is in any log",
      await secrets.findIn(logFolder),
      `${secrets.count} spellings looked for`,
    );
  });
