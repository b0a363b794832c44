// Writes what the client takes from docs/openapi.json: the types of every call (src/schema.ts) and
// the list of calls that take an idempotency key (src/keyed.ts).
//
//   node generate.ts           writes both
//   node generate.ts --check   writes nothing, and fails when a file is not what it would write

import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const DOCUMENT = new URL("../docs/openapi.json", import.meta.url);
const HEADING = "// Written by `cargo xtask client` from docs/openapi.json. Don't edit.\n\n";
const METHODS = ["get", "put", "post", "delete", "patch"] as const;
const KEY = "idempotency-key";
// The client writes these itself, from its own options, so that no call has to name them.
const OWN_HEADERS = new Set([
  KEY, "accept", "authorization", "content-type", "if-match", "if-none-match", "prefer", "x-api-key",
]);

interface Parameter {
  $ref?: string;
  name?: string;
  in?: string;
}

interface Operation {
  parameters?: Parameter[];
}

type PathItem = { parameters?: Parameter[] } & Partial<Record<(typeof METHODS)[number], Operation>>;

interface Document {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, PathItem>;
  components?: { parameters?: Record<string, Parameter> };
}

const document = JSON.parse(await readFile(DOCUMENT, "utf8")) as Document;
const files = {
  "src/keyed.ts": keyed(document),
  "src/schema.ts": await schema(document),
};
const check = process.argv.includes("--check");
for (const [name, text] of Object.entries(files)) {
  const file = new URL(name, import.meta.url);
  if (!check) {
    await writeFile(file, text);
  } else if ((await readFile(file, "utf8").catch(() => "")) !== text) {
    console.error(`client/${name} is out of date: docs/openapi.json says otherwise.`);
    process.exitCode = 1;
  }
}

/** The calls that take a key, as `METHOD /path`. */
function keyed(document: Document): string {
  const calls: string[] = [];
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      if (item[method] && headers(document, item, item[method]).includes(KEY)) {
        calls.push(`${method.toUpperCase()} ${path}`);
      }
    }
  }
  const lines = calls.sort().map((call) => `  ${JSON.stringify(call)},\n`);
  return `${HEADING}/** The calls that take an idempotency key. */\n` +
    `export const KEYED: ReadonlySet<string> = new Set([\n${lines.join("")}]);\n`;
}

function headers(document: Document, item: PathItem, operation: Operation): string[] {
  return [...(item.parameters ?? []), ...(operation.parameters ?? [])]
    .map((parameter) => resolved(document, parameter))
    .filter((parameter) => parameter.in === "header")
    .map((parameter) => (parameter.name ?? "").toLowerCase());
}

function resolved(document: Document, parameter: Parameter): Parameter {
  const name = parameter.$ref?.match(/^#\/components\/parameters\/(.+)$/)?.[1];
  return (name && document.components?.parameters?.[name]) || parameter;
}

/** The types, without the parameters that the client fills in. */
async function schema(document: Document): Promise<string> {
  const visible = (parameter: Parameter) => {
    const { in: place, name = "" } = resolved(document, parameter);
    return place !== "header" || !OWN_HEADERS.has(name.toLowerCase());
  };
  const copy = structuredClone(document);
  for (const item of Object.values(copy.paths)) {
    for (const holder of [item, ...METHODS.map((method) => item[method])]) {
      if (holder?.parameters) holder.parameters = holder.parameters.filter(visible);
    }
  }
  // An object without named members takes any: that is what the document says of it.
  const options = { silent: true, emptyObjectsUnknown: true };
  return HEADING + astToString(await openapiTS(JSON.stringify(copy), options));
}
