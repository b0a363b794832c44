import assert from "node:assert/strict";
import { test } from "node:test";
import { json, problem, world } from "./server.ts";

const page = (ids: string[], next: string | null) =>
  json(200, { object: "list", data: ids.map((id) => ({ id })), has_more: next !== null, next_cursor: next });

test("rows come page after page, under the same filters", async () => {
  const { client, seen } = world([
    page(["a", "b"], "c1"),
    problem(503, "unavailable"),
    page(["c"], "c+2"),
    page([], null),
  ]);
  const ids: string[] = [];
  for await (const product of client.pages("/products", { query: { q: "red shoe", limit: 2 } })) {
    ids.push(product.id);
  }
  assert.deepEqual(ids, ["a", "b", "c"]);
  assert.deepEqual(seen.map((request) => request.path), [
    "/v2/products?q=red%20shoe&limit=2",
    "/v2/products?q=red%20shoe&limit=2&cursor=c1",
    "/v2/products?q=red%20shoe&limit=2&cursor=c1",
    "/v2/products?q=red%20shoe&limit=2&cursor=c%2B2",
  ]);
});

test("who leaves early asks for no more", async () => {
  const { client, seen } = world([page(["a", "b"], "c1")]);
  for await (const product of client.pages("/products")) {
    if (product.id === "b") break;
  }
  assert.equal(seen.length, 1);
});

test("a list that goes in a circle ends", async () => {
  const { client } = world([page(["a"], "c1"), page(["a"], "c1")]);
  await assert.rejects(async () => {
    for await (const _ of client.pages("/orders")) void _;
  }, /page itself/);
});
