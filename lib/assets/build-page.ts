/**
 * Builds the web page into a folder: scripts and styles minified, named by their hash, and beside each file its
 * compressed forms, so that nothing is compressed while someone waits. Two parts: what the list of backups needs, and
 * everything else, which is loaded once the list stands.
 *
 * Nothing is done when the folder already holds what these sources give. It is replaced in one step: a failure leaves
 * the last page standing.
 */
import { buildSync, type BuildOptions, type Metafile } from "esbuild";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { INDEX_HTML, PAGE_FILES, SUFFIX, type PageFiles } from "../../lambda/console/contract";
import { splitStyles } from "./page-styles";

const PROJECT = join(__dirname, "..", "..");
const SOURCES = join(PROJECT, "console");
/** Rules that page and service share: what of these folders the page imports runs without Node.js. */
const SHARED = ["lambda/cost", "lambda/dump", "lambda/rules", "lambda/upload"].map((name) => join(PROJECT, name));
const STAMP = ".sources";
/** Nearly as small as the highest level, in a tenth of the time. */
const BROTLI_QUALITY = 9;
const GZIP_LEVEL = 9;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

export interface PageSources {
  /** Holds `index.html`. */
  readonly folder: string;
  /** Starts the requests; loads before anything else. @default none */
  readonly start?: string;
  readonly main: string;
}
const PAGE: PageSources = { folder: SOURCES, start: join(SOURCES, "start.ts"), main: join(SOURCES, "main.tsx") };

export const buildPage = (outFolder: string, sources: PageSources = PAGE): void => {
  const stamp = stampOf(sources);
  if (isBuilt(outFolder, stamp)) return;
  // Two levels up: beside the function's folder, which another process may be looking at.
  const aside = dirname(dirname(outFolder));
  mkdirSync(aside, { recursive: true });
  const folder = mkdtempSync(join(aside, "page-"));
  try {
    fillFolder(folder, sources);
    writeFileSync(join(folder, STAMP), stamp);
    takePlace(folder, outFolder, stamp);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const isBuilt = (folder: string, stamp: string): boolean => {
  const file = join(folder, STAMP);
  return existsSync(file) && readFileSync(file, "utf8") === stamp;
};

/** In one step, so that nobody finds half a page; another process that was faster has built the same. */
const takePlace = (folder: string, outFolder: string, stamp: string): void => {
  if (isBuilt(outFolder, stamp)) return;
  rmSync(outFolder, { recursive: true, force: true });
  mkdirSync(dirname(outFolder), { recursive: true });
  try {
    renameSync(folder, outFolder);
  } catch (error) {
    if (!isBuilt(outFolder, stamp)) throw error;
  }
};

const fillFolder = (folder: string, sources: PageSources): void => {
  mkdirSync(join(folder, "assets"));
  const scripts = bundleScripts(sources);
  expectStamped(scripts.metafile, sources);
  const styles = bundleStyles(scripts.metafile, sources);
  const files: Record<string, PageFiles[string]> = {};
  const add = (name: string, contents: Uint8Array, immutable: boolean): void => {
    files[name] = { contentType: contentTypeOf(name), sha256: sha256(contents), immutable };
    const path = join(folder, name);
    writeFileSync(path, contents);
    writeFileSync(`${path}${SUFFIX.gzip}`, gzipSync(contents, { level: GZIP_LEVEL }));
    writeFileSync(
      `${path}${SUFFIX.br}`,
      brotliCompressSync(contents, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
    );
  };
  for (const { path, contents } of scripts.outputs) add(`assets/${path}`, contents, true);
  for (const contents of [styles.first, styles.later]) add(styleName(contents), contents, true);
  const html = readFileSync(join(sources.folder, INDEX_HTML), "utf8")
    .replaceAll("<!-- preloads -->", preloads(scripts))
    .replaceAll("<!-- assets -->", links(scripts, styles.first))
    .replaceAll("later.css", styleName(styles.later));
  add(INDEX_HTML, Buffer.from(html), false);
  writeFileSync(join(folder, PAGE_FILES), `${JSON.stringify(files, null, 2)}\n`);
};

const COMMON = {
  absWorkingDir: PROJECT,
  bundle: true,
  minify: true,
  write: false,
  target: "es2022",
  logLevel: "error",
} as const satisfies BuildOptions;

interface Scripts {
  readonly metafile: Metafile;
  readonly outputs: readonly { readonly path: string; readonly contents: Uint8Array }[];
  /** In the order in which the page loads them. */
  readonly entries: readonly string[];
  /** What the entries import, so that the browser fetches all of it at once. */
  readonly preloads: readonly string[];
}

const bundleScripts = ({ start, main }: PageSources): Scripts => {
  const { metafile, outputFiles } = buildSync({
    ...COMMON,
    entryPoints: [...(start === undefined ? [] : [start]), main],
    outdir: PROJECT,
    metafile: true,
    splitting: true,
    format: "esm",
    jsx: "automatic",
    legalComments: "none",
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    define: { "process.env.NODE_ENV": '"production"' },
    supported: { "import-meta": true },
  });
  const wanted = [start, main].filter((one) => one !== undefined).map((one) => relative(PROJECT, one));
  const entries = wanted.map((source) => outputOf(metafile, source));
  // The components' texts in other languages are built too, and nothing asks for them.
  const reachable = new Set([...entries, ...importsOf(metafile, entries, true)]);
  return {
    metafile,
    outputs: outputFiles
      .map(({ path, contents }) => ({ path: relative(PROJECT, path), contents }))
      .filter(({ path }) => path.endsWith(".js") && reachable.has(path)),
    entries,
    preloads: importsOf(metafile, entries, false),
  };
};

/** The files that these import, directly or not; lazily loaded ones only where asked for. */
const importsOf = (metafile: Metafile, entries: readonly string[], lazy: boolean): readonly string[] => {
  const found = new Set<string>();
  const follow = (output: string): void => {
    for (const { path, kind } of metafile.outputs[output]?.imports ?? []) {
      if (found.has(path) || (!lazy && kind !== "import-statement")) continue;
      found.add(path);
      follow(path);
    }
  };
  entries.forEach(follow);
  return [...found];
};

const outputOf = (metafile: Metafile, source: string): string => {
  const found = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === source);
  if (found === undefined) throw new Error(`The page's build has no output for ${source}.`);
  return found[0];
};

const bundleStyles = (metafile: Metafile, { main }: PageSources) => {
  const { first, later } = splitStyles(metafile.inputs, relative(PROJECT, main));
  return { first: styleFile(first), later: styleFile(later) };
};

const styleFile = (paths: readonly string[]): Uint8Array => {
  const { outputFiles } = buildSync({
    ...COMMON,
    stdin: {
      contents: paths.map((path) => `@import ${JSON.stringify(`./${path}`)};`).join("\n"),
      loader: "css",
      resolveDir: PROJECT,
    },
    legalComments: "none",
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
};

const styleName = (contents: Uint8Array): string => `assets/style-${sha256(contents).slice(0, 8)}.css`;

/** Nothing of them holds up the first picture. */
const preloads = ({ preloads: paths }: Scripts): string =>
  paths.map((path) => `<link rel="modulepreload" href="assets/${path}">`).join("\n    ");
/** A style sheet holds up whatever comes after it: it stands behind what is shown first. */
const links = ({ entries }: Scripts, style: Uint8Array): string =>
  [
    `<link rel="stylesheet" href="${styleName(style)}">`,
    ...entries.map((path) => `<script type="module" src="assets/${path}"></script>`),
  ].join("\n    ");

/** What is built of anything else would stay as it was when that changes. */
const expectStamped = ({ inputs }: Metafile, sources: PageSources): void => {
  const stamped = new Set(stampedFiles(sources));
  const others = Object.keys(inputs).filter(
    (path) => !path.includes("node_modules/") && !stamped.has(join(PROJECT, path)),
  );
  if (others.length > 0)
    throw new Error(`The page imports ${others.join(", ")}: add the folder to SHARED in lib/assets/build-page.ts.`);
};

const stampedFiles = ({ folder }: PageSources): readonly string[] =>
  [folder, ...SHARED].flatMap((one) =>
    readdirSync(one, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(tsx?|css|html|svg|json)$/.test(name))
      .toSorted()
      .map((name) => join(one, name)),
  );

/** The page's sources, what it may share, this file, and the versions of all packages. */
const stampOf = (sources: PageSources): string => {
  const hash = createHash("sha256");
  const own = [__filename, join(dirname(__filename), "page-styles.ts"), join(PROJECT, "package-lock.json")];
  for (const path of [...stampedFiles(sources), ...own])
    hash.update(`${relative(PROJECT, path)}\n`).update(readFileSync(path));
  return hash.digest("hex");
};

const contentTypeOf = (name: string): string => CONTENT_TYPES[extname(name)] ?? "application/octet-stream";
const sha256 = (contents: Uint8Array): string => createHash("sha256").update(contents).digest("hex");
