import assert from "node:assert/strict";
import { test } from "node:test";
import { decide, RETRY, type Decision, type Facts } from "../src/retry.ts";

const base: Facts = {
  repeatable: true,
  tries: 1,
  failure: { status: 503, code: "unavailable" },
  elapsedMs: 0,
  policy: RETRY,
  random: 0.5,
};

const failure = (status: number, code = "x", more = {}) => ({ failure: { status, code, ...more } });

const table: [string, Partial<Facts>, Decision][] = [
  // What may pass.
  ["no answer", failure(0, "network_error"), { retry: 500 }],
  ["no answer in time", failure(0, "timeout"), { retry: 500 }],
  ["429", failure(429, "rate_limited"), { retry: 500 }],
  ["429 of a network in between", failure(429, "http_429"), { retry: 500 }],
  ["429 of a quota", failure(429, "quota_exceeded"), { stop: "final" }],
  ["409 in progress", failure(409, "idempotency_in_progress"), { retry: 500 }],
  ["409 uncertain", failure(409, "operation_uncertain"), { retry: 500 }],
  ["409 of a rule", failure(409, "price_changed"), { stop: "final" }],
  ["500", failure(500, "internal"), { retry: 500 }],
  ["502", failure(502), { retry: 500 }],
  ["503", failure(503), { retry: 500 }],
  ["504", failure(504), { retry: 500 }],
  ["501", failure(501), { stop: "final" }],
  ...[400, 401, 402, 403, 404, 405, 406, 408, 410, 412, 413, 415, 422, 425, 428].map(
    (status): [string, Partial<Facts>, Decision] => [`${status}`, failure(status), { stop: "final" }],
  ),
  ["the server says no", failure(503, "x", { retryable: false }), { stop: "final" }],
  ["the server says yes to a 404", failure(404, "x", { retryable: true }), { stop: "final" }],
  // What may be repeated.
  ["no key", { repeatable: false }, { stop: "not_repeatable" }],
  ["no key, and final", { repeatable: false, ...failure(400) }, { stop: "final" }],
  // Waits: 1, 2, 4, 8 s at most, anything from nothing up.
  ["first", { random: 0.999 }, { retry: 999 }],
  ["second", { tries: 2, random: 0.999 }, { retry: 1_998 }],
  ["third", { tries: 3, random: 0.999 }, { retry: 3_996 }],
  ["fourth", { tries: 4, random: 0.999 }, { retry: 7_992 }],
  ["fourth, lucky", { tries: 4, random: 0 }, { retry: 0 }],
  ["fifth", { tries: 5 }, { stop: "tries" }],
  ["the cap holds", { tries: 9, random: 0.999, policy: { ...RETRY, retries: 20 } }, { retry: 7_992 }],
  ["no retries", { policy: { ...RETRY, retries: 0 } }, { stop: "tries" }],
  // Retry-After is a floor.
  ["below it", failure(503, "x", { retryAfterMs: 3_000 }), { retry: 3_000 }],
  ["above it", { tries: 4, ...failure(503, "x", { retryAfterMs: 3_000 }) }, { retry: 4_000 }],
  // Time.
  ["just in time", { elapsedMs: 29_499 }, { retry: 500 }],
  ["too late", { elapsedMs: 29_500 }, { stop: "time" }],
  ["told to come back too late", failure(429, "x", { retryAfterMs: 30_000 }), { stop: "time" }],
];

for (const [name, facts, expected] of table) {
  test(`decide: ${name}`, () => {
    assert.deepEqual(decide({ ...base, ...facts }), expected);
  });
}
