import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient, HeadgateError, type AccessToken } from "../src/index.ts";
import { AN_ORDER, json, problem, world } from "./server.ts";

const expired = () => problem(401, "token_expired");

/** A token function that counts up when it is told that its token expired, and its calls. */
function app() {
  const asked: boolean[] = [];
  let number = 1;
  const accessToken: AccessToken = async ({ expired }) => {
    asked.push(expired);
    if (expired) number += 1;
    return `t${number}`;
  };
  return { asked, accessToken };
}

test("an expired token is replaced once, under the same key and without a wait", async () => {
  const { asked, accessToken } = app();
  const { client, clock, seen } = world([expired(), json(201, { id: "ord_1" })], { accessToken });
  await client.POST("/orders", { body: AN_ORDER });
  assert.deepEqual(asked, [false, true]);
  assert.deepEqual(seen.map((it) => it.headers.get("authorization")), ["Bearer t1", "Bearer t2"]);
  assert.equal(new Set(seen.map((it) => it.headers.get("idempotency-key"))).size, 1);
  assert.deepEqual(clock.waits, []);
});

test("a second 401 is the answer", async () => {
  const { asked, accessToken } = app();
  const { client } = world([expired(), expired()], { accessToken });
  await assert.rejects(client.GET("/orders"), { status: 401, code: "token_expired" });
  assert.deepEqual(asked, [false, true]);
});

test("a fixed token and a token that is invalid are not asked for again", async () => {
  const fixed = world([expired()], { accessToken: "t" });
  await assert.rejects(fixed.client.GET("/orders"), { code: "token_expired", tries: 1 });
  const { asked, accessToken } = app();
  const invalid = world([problem(401, "token_invalid")], { accessToken });
  await assert.rejects(invalid.client.GET("/orders"), { code: "token_invalid" });
  assert.deepEqual(asked, [false]);
});

test("calls that find the token expired together refresh it once", async () => {
  const { asked, accessToken } = app();
  const fresh = () => json(200, { data: [] });
  const { client, seen } = world([expired(), expired(), expired(), fresh, fresh, fresh], { accessToken });
  await Promise.all([client.GET("/orders"), client.GET("/orders"), client.GET("/orders")]);
  assert.deepEqual(asked.filter(Boolean), [true]);
  assert.deepEqual(
    seen.map((it) => it.headers.get("authorization")),
    ["Bearer t1", "Bearer t1", "Bearer t1", "Bearer t2", "Bearer t2", "Bearer t2"],
  );
});

test("an app without a token keeps the key of a lost order", async () => {
  let calls = 0;
  const accessToken = () => {
    calls += 1;
    if (calls > 1) throw new Error("signed out");
    return "t";
  };
  const { client } = world(["cut"], { accessToken });
  const error = await client.POST("/orders", { body: AN_ORDER }).catch((error: unknown) => error);
  assert.ok(error instanceof HeadgateError);
  assert.deepEqual([error.code, error.outcome], ["token_unavailable", "unknown"]);
  assert.equal((error.cause as Error).message, "signed out");
  assert.ok(error.idempotencyKey);
});

test("a token function that hangs ends with the call's time", async () => {
  const { client } = world([], { accessToken: () => new Promise(() => undefined) });
  await assert.rejects(client.GET("/orders"), { code: "token_unavailable" });
});

test("an API key goes into its own field, and excludes a token", async () => {
  const { client, seen } = world([json(200, { data: [] })], { apiKey: "hg_test_x" });
  await client.GET("/orders");
  assert.equal(seen[0]?.headers.get("x-api-key"), "hg_test_x");
  assert.equal(seen[0]?.headers.get("authorization"), null);
  assert.throws(() => createClient({ baseUrl: "", apiKey: "k", accessToken: "t" }), TypeError);
});
