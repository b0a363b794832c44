// The examples of docs/client.md, run as they stand, against the package as apps import it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { test } from "node:test";
import { setting } from "./stage.ts";

const run = promisify(execFile);
const PAGE = new URL("../../docs/client.md", import.meta.url);
const FOLDER = fileURLToPath(new URL("./.examples/", import.meta.url));

/** What each example prints, in the page's order. */
const PRINTED: [string, string[]][] = [
  ["Read", ["25 products", "unchanged: 304"]],
  ["Order", ["confirmed, USD", "declined: insufficient_funds", "the price has changed", "ordered once"]],
  ["Tokens that expire, calls that end", ["aborted", "newest order: confirmed"]],
];

const examples = await extract();

test("the page has the examples that are listed here", () => {
  assert.deepEqual(examples.map(({ heading }) => heading), PRINTED.map(([heading]) => heading));
});

test("they compile, strictly, against the package", async () => {
  const tsc = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
  const options = [
    "--noEmit", "--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess",
    "--target", "es2022", "--module", "nodenext", "--types", "node",
  ];
  const { stdout } = await run(process.execPath, [tsc, ...options, ...examples.map(({ file }) => file)]);
  assert.equal(stdout, "");
});

for (const [place, [heading, lines]] of PRINTED.entries()) {
  test(`${heading}: prints what it should`, async () => {
    const settings = ["HEADGATE_URL", "HEADGATE_TOKEN"].map((name) => [name, setting(name)]);
    const env = { ...process.env, ...Object.fromEntries(settings) };
    const { stdout } = await run(process.execPath, [examples[place]?.file ?? ""], { env });
    assert.deepEqual(stdout.trimEnd().split("\n"), lines);
  });
}

test("the package has the name that the page installs, and nothing but the build", async () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const pack = ["pack", "--workspace", "client", "--dry-run", "--json"];
  const { stdout } = await run("npm", pack, { cwd: root });
  const told = JSON.parse(stdout) as Packed[] | Record<string, Packed>;
  const [packed] = Object.values(told);
  const page = await readFile(PAGE, "utf8");
  assert.ok(page.includes(`npm install ./${packed?.filename}`), packed?.filename);
  const strays = packed?.files.filter(({ path }) => !/^(package\.json|dist\/\w+(\.d\.ts|\.js))$/.test(path));
  assert.deepEqual(strays, []);
});

/** What `npm pack` tells of a package. */
interface Packed {
  filename: string;
  files: { path: string }[];
}

/** Writes each block to a file of its own, and answers where, under which heading. */
async function extract(): Promise<{ heading: string; file: string }[]> {
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  const found: { heading: string; file: string }[] = [];
  for (const section of (await readFile(PAGE, "utf8")).split(/^## /m).slice(1)) {
    const heading = section.slice(0, section.indexOf("\n"));
    for (const [, code = ""] of section.matchAll(/^```ts\n(.*?)^```$/gms)) {
      const file = `${FOLDER}${found.length + 1}.ts`;
      await writeFile(file, code);
      found.push({ heading, file });
    }
  }
  return found;
}
