import assert from "node:assert/strict";
import { test } from "node:test";
import { freshKey } from "../src/key.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("keys are UUIDs, each another", () => {
  const keys = new Set(Array.from({ length: 1_000 }, () => freshKey(Math.random)));
  assert.equal(keys.size, 1_000);
  for (const key of keys) assert.match(key, UUID);
});

test("keys need no crypto, which React Native may lack", (context) => {
  context.mock.getter(globalThis, "crypto", () => undefined);
  assert.equal(freshKey(() => 0), "00000000-0000-4000-8000-000000000000");
  assert.equal(freshKey(() => 0.9999), "ffffffff-ffff-4fff-bfff-ffffffffffff");
});
