/** Every article can be used at 3 a.m. as it stands: where to begin, when not to use it, and commands that lack nothing. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { anchorsOf } from "./anchors";
import { articles, commandsOf, RUNBOOK, SCRIPTS, textOf } from "./articles";

const ARTICLES = articles().filter((name) => name !== "README.md");
/** Of the account, not of a region, or of the machine. https://docs.aws.amazon.com/general/latest/gr/rande.html */
const OF_NO_REGION = /^aws (iam|sts|organizations|configure) /;
/** They ask the API, whose address has its region in it; `BACKUPS_URL` is what they need. */
const ASKS_THE_API: ReadonlySet<string> = new Set(["keep-failed.md", "last-snapshot-expiring.md"]);

describe.each(ARTICLES)("%s", (article) => {
  const text = textOf(article);

  test("begins with the one place that says what is needed", () => {
    expect(text.split("\n").slice(1, 4).join("\n")).toContain("[Before you begin](README.md#before-you-begin)");
  });

  test("says what it is not for", () => {
    expect(text).toMatch(/^\*\*Not for\*\* /m);
  });

  test("names other articles by links", () => {
    const words = proseOf(text).replace(/\[[^\]]*\]\([^)]*\)/g, "");
    const named = ARTICLES.map((name) => name.replace(/\.md$/, ""))
      .filter((name) => `${name}.md` !== article && !ALSO_A_ROLE.has(name))
      .filter((name) => new RegExp(`(?<![\\w/-])${name}(?![\\w-])`).test(words));
    expect(named).toEqual([]);
  });
});

/** The break-glass role is a name of its own. */
const ALSO_A_ROLE: ReadonlySet<string> = new Set(["break-glass"]);
const proseOf = (text: string): string => text.replace(/^ *```[\s\S]*?^ *```$/gm, "");

test.each(articles())("the links of %s lead somewhere", (article) => {
  const links = [...textOf(article).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  const broken = links
    .filter((link) => !/^https?:/.test(link))
    .filter((link) => {
      const [file = "", anchor] = link.split("#");
      const path = join(RUNBOOK, file === "" ? article : file);
      return !existsSync(path) || (anchor !== undefined && !anchorsOf(path).includes(anchor));
    });
  expect(broken).toEqual([]);
});

/** A name in a sentence, such as `npx backups delete`, is none that anybody runs. */
const isWhole = (command: string): boolean => command.split(" ").length > 3 && !command.includes("…");
const commands = articles()
  .filter((article) => SCRIPTS[article] === undefined)
  .flatMap(commandsOf)
  .filter(({ command }) => isWhole(command));

test("each command of AWS's names its region", () => {
  const asked = commands.filter(({ command }) => command.startsWith("aws ") && !OF_NO_REGION.test(command));
  expect(asked.length).toBeGreaterThan(20);
  expect(asked.filter(({ command }) => !/ --region [\w-]+/.test(command))).toEqual([]);
});

test("each command of ours names its region and its stage, or asks the API", () => {
  const asked = commands.filter(
    ({ command, article }) => command.startsWith("npx backups ") && !ASKS_THE_API.has(article),
  );
  expect(asked.length).toBeGreaterThan(20);
  const lacking = asked.filter(
    ({ command }) => !(/ --(region|recovery) [\w-]+/.test(command) && / --stage [\w-]+/.test(command)),
  );
  expect(lacking.filter(({ command }) => !ASKS_AN_API.test(command))).toEqual([]);
});
/** The list of restores is the API's alone; and a recovery's last steps go from one region's API to another's. */
const ASKS_AN_API = /^npx backups (restores ENVIRONMENT|download shop-dublin|upload shop-production|restore UPLOADED)/;

test("each command of CDK names its stage", () => {
  const asked = commands.filter(({ command }) => /^(npx cdk|npm run) /.test(command) && !IN_A_FOLDER.test(command));
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter(({ command }) => !/ -c stage=[\w-]+/.test(command))).toEqual([]);
});
/** They read templates that a command before them has synthesized for the stage, or all stages' reviewed state. */
const IN_A_FOLDER = /--app |import-mapping|npm run (review|drill:region)|^npx cdk bootstrap/;
