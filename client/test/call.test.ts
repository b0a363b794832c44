import assert from "node:assert/strict";
import { test } from "node:test";
import { HeadgateError, OutcomeUnknownError } from "../src/index.ts";
import { AN_ORDER, json, problem, world, type Reply } from "./server.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const created = () => json(201, { id: "ord_1" }, { etag: '"1"' });

/** The error of a call that must fail. */
async function refusal(call: Promise<unknown>): Promise<HeadgateError> {
  const error = await call.then(
    () => assert.fail("The call must fail."),
    (error: unknown) => error,
  );
  assert.ok(error instanceof HeadgateError, String(error));
  return error;
}

test("success is data and response", async () => {
  const { client, seen } = world([json(200, { id: "prd_1" }, { etag: '"1-low"' })]);
  const { data, response } = await client.GET("/products/{id}", { params: { path: { id: "prd_1" } } });
  assert.equal(data.id, "prd_1");
  assert.equal(response.headers.get("etag"), '"1-low"');
  assert.equal(seen[0]?.path, "/v2/products/prd_1");
  assert.equal(seen[0]?.headers.get("idempotency-key"), null);
  assert.equal(seen[0]?.headers.get("content-type"), null);
});

test("one key for all tries of a call, another for the next call", async () => {
  const { client, seen } = world(["cut", problem(503, "unavailable"), created(), created()]);
  await client.POST("/orders", { body: AN_ORDER });
  await client.POST("/orders", { body: AN_ORDER });
  const keys = seen.map((request) => request.headers.get("idempotency-key") ?? "");
  assert.match(keys[0] ?? "", UUID);
  assert.deepEqual(keys.slice(0, 3), [keys[0], keys[0], keys[0]]);
  assert.notEqual(keys[3], keys[0]);
  assert.deepEqual([...new Set(seen.map((request) => request.body))], [JSON.stringify(AN_ORDER)]);
});

test("the caller's key is taken as it is", async () => {
  const { client, seen } = world([created()]);
  await client.POST("/orders", { body: AN_ORDER, key: "cart-7" });
  assert.equal(seen[0]?.headers.get("idempotency-key"), "cart-7");
});

test("a key where none is taken is a mistake", async () => {
  const { client } = world([]);
  await assert.rejects(client.GET("/orders", { key: "k" }), TypeError);
});

test("waits double, and end with the fifth try", async () => {
  const { client, clock, seen } = world(["cut", "cut", "cut", "cut", "cut"]);
  const error = await refusal(client.GET("/products"));
  assert.deepEqual(clock.waits, [999, 1_999, 3_999, 7_999]);
  assert.equal(seen.length, 5);
  assert.deepEqual([error.code, error.status, error.tries], ["network_error", 0, 5]);
  assert.equal(error.outcome, undefined);
  assert.ok(error.cause instanceof TypeError);
});

test("Retry-After is waited for", async () => {
  const { client, clock } = world([
    problem(503, "unavailable", {}, { "retry-after": "3" }),
    problem(429, "rate_limited", { retry: { retryable: true, after_seconds: 5 } }),
    json(200, { data: [] }),
  ]);
  await client.GET("/products");
  assert.deepEqual(clock.waits, [3_000, 5_000]);
});

test("a wait beyond the limit is not begun", async () => {
  const { client, clock } = world([problem(429, "rate_limited", {}, { "retry-after": "60" })]);
  const error = await refusal(client.GET("/products"));
  assert.deepEqual(clock.waits, []);
  assert.deepEqual([error.code, error.retryAfter], ["rate_limited", 60]);
});

test("a try has its own time, the call has one for all", async () => {
  const { client, clock, seen } = world(["hang", "hang", "hang", "hang"]);
  const began = clock.now();
  const error = await refusal(client.POST("/orders", { body: AN_ORDER }));
  assert.equal(error.code, "timeout");
  assert.ok(error instanceof OutcomeUnknownError);
  assert.equal(clock.now() - began, 30_000);
  assert.deepEqual(seen.map((request) => request.at - began), [0, 10_999, 22_998]);
});

test("a call's own limit", async () => {
  const { client, clock } = world(["hang"]);
  await refusal(client.GET("/products", { limitMs: 2_000 }));
  assert.deepEqual(clock.waits, [2_000]);
});

test("a body that is cut is a lost reply", async () => {
  const cut = () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"id":'));
        controller.error(new TypeError("terminated"));
      },
    });
    return new Response(body, { status: 201 });
  };
  const { client, seen } = world([cut, created()]);
  const { data } = await client.POST("/orders", { body: AN_ORDER });
  assert.equal(data.id, "ord_1");
  assert.equal(seen.length, 2);
});

test("an answer that is no JSON did not come from the API", async () => {
  const portal = () => new Response("<html>Log in to the hotel's network", { status: 200 });
  const { client } = world([portal, created()]);
  assert.equal((await client.POST("/orders", { body: AN_ORDER })).data.id, "ord_1");
});

test("what has no key is sent once", async () => {
  const { client, seen } = world(["cut"]);
  const error = await refusal(
    // Signing in is such a call; the schema of these tests may not have it.
    (client.POST as (path: string, init: object) => Promise<unknown>)("/sessions", { body: {} }),
  );
  assert.equal(seen.length, 1);
  assert.deepEqual([error.outcome, error.idempotencyKey], ["unknown", undefined]);
  assert.match(error.message, /read the resource before you repeat/);
});

const refusals: [string, Reply[], Partial<HeadgateError>][] = [
  [
    "a decline is final",
    [
      problem(402, "payment_declined", {
        outcome: "applied",
        safe_new_key: true,
        error: { type: "card_error", decline_code: "insufficient_funds" },
      }),
    ],
    { status: 402, outcome: "applied", safeNewKey: true, declineCode: "insufficient_funds", tries: 1 },
  ],
  [
    "a price that changed",
    [problem(409, "price_changed", { outcome: "not_applied", safe_new_key: true })],
    { status: 409, code: "price_changed", outcome: "not_applied", safeNewKey: true, tries: 1 },
  ],
  [
    "faults of the body, all at once",
    [problem(400, "body_invalid", { errors: [{ pointer: "/items", code: "required", detail: "", fix: "" }] })],
    { status: 400, requestId: "req_1", outcome: "not_applied", safeNewKey: true },
  ],
  [
    "lost, then refused by a limit: a new key might order twice",
    ["cut", problem(429, "rate_limited", { outcome: "not_applied", safe_new_key: true }, { "retry-after": "60" })],
    { status: 429, outcome: "unknown", safeNewKey: false, retryAfter: 60, tries: 2 },
  ],
  [
    "uncertain to the end",
    Array.from({ length: 5 }, () =>
      problem(409, "operation_uncertain", { outcome: "unknown", safe_new_key: false }),
    ),
    { code: "operation_uncertain", outcome: "unknown", safeNewKey: false, tries: 5 },
  ],
  [
    "the server says that it is no use",
    [problem(503, "unavailable", { retry: { retryable: false }, outcome: "not_applied" })],
    { status: 503, outcome: "not_applied", tries: 1 },
  ],
  [
    "a page of something in between",
    [() => new Response("<h1>Bad request", { status: 400 })],
    { status: 400, code: "http_400", outcome: "not_applied" },
  ],
];

for (const [name, replies, expected] of refusals) {
  test(`refused: ${name}`, async () => {
    const { client, seen } = world([...replies]);
    const error = await refusal(client.POST("/orders", { body: AN_ORDER }));
    const found = Object.fromEntries(
      Object.keys(expected).map((member) => [member, error[member as keyof HeadgateError]]),
    );
    assert.deepEqual(found, expected);
    assert.equal(error.idempotencyKey, seen[0]?.headers.get("idempotency-key"));
    assert.equal(error instanceof OutcomeUnknownError, expected.outcome === "unknown");
    assert.equal(error.message.includes("same key only"), expected.outcome === "unknown");
  });
}

test("the app may give up while a call waits", async () => {
  const controller = new AbortController();
  const reply = () => {
    setImmediate(() => controller.abort(new Error("left the page")));
    return problem(503, "unavailable");
  };
  const { client, seen } = world([reply]);
  const call = client.POST("/orders", { body: AN_ORDER, signal: controller.signal });
  const error = await refusal(call);
  assert.deepEqual([error.code, error.outcome, seen.length], ["aborted", "unknown", 1]);
  assert.equal((error.cause as Error).message, "left the page");
  assert.match(error.idempotencyKey ?? "", UUID);
});

test("the app may give up while a try is under way, or before the first", async () => {
  const controller = new AbortController();
  const hang = () => {
    controller.abort();
    return new Response(new ReadableStream(), { status: 200 });
  };
  const { client, seen } = world([hang]);
  const during = await refusal(client.GET("/products", { signal: controller.signal }));
  assert.deepEqual([during.code, during.tries], ["aborted", 1]);
  const before = await refusal(client.GET("/products", { signal: controller.signal }));
  assert.deepEqual([before.code, before.tries, seen.length], ["aborted", 0, 1]);
});

test("preconditions, preferences, media types", async () => {
  const { client, seen } = world([
    json(200, {}),
    json(200, {}),
    () => new Response(null, { status: 204, headers: { etag: '"2-low"' } }),
    () => new Response(null, { status: 304, headers: { etag: '"2-low"' } }),
  ]);
  const params = { path: { id: "prd_1" } };
  await client.PATCH("/products/{id}", { params, body: { name: "A" }, ifMatch: '"1-low"' });
  await client.PATCH("/products/{id}", { params, body: [{ op: "remove", path: "/image_url" }] });
  const minimal = await client.PATCH("/products/{id}", { params, body: { name: "B" }, prefer: "minimal" });
  assert.deepEqual([minimal.data, minimal.response.headers.get("etag")], [undefined, '"2-low"']);
  const same = await client.GET("/products/{id}", { params, ifNoneMatch: '"2-low"' });
  assert.deepEqual([same.response.status, same.data], [304, undefined]);
  const field = (name: string) => seen.map((request) => request.headers.get(name));
  assert.deepEqual(field("content-type"), [
    "application/merge-patch+json",
    "application/json-patch+json",
    "application/merge-patch+json",
    null,
  ]);
  assert.deepEqual(field("if-match"), ['"1-low"', null, null, null]);
  assert.deepEqual(field("prefer"), [null, null, "return=minimal", null]);
  assert.deepEqual(field("if-none-match"), [null, null, null, '"2-low"']);
});
