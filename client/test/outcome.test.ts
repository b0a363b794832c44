import assert from "node:assert/strict";
import { test } from "node:test";
import type { Failure } from "../src/failure.ts";
import { settle } from "../src/outcome.ts";
import type { Outcome } from "../src/problem.ts";

const failure = (status: number, code: string, outcome?: Outcome): Failure => ({
  status,
  code,
  detail: "",
  ...(outcome && { problem: { code, detail: "", errors: [], outcome } }),
});

const table: [string, Outcome | undefined, Failure, Outcome][] = [
  ["no answer", undefined, failure(0, "network_error"), "unknown"],
  ["a refusal", undefined, failure(400, "body_invalid"), "not_applied"],
  ["a rule", undefined, failure(409, "price_changed"), "not_applied"],
  ["a decline", undefined, failure(402, "payment_declined", "applied"), "applied"],
  ["a limit", undefined, failure(429, "rate_limited"), "not_applied"],
  ["a server's fault", undefined, failure(500, "internal"), "unknown"],
  ["a server that knows", undefined, failure(503, "unavailable", "not_applied"), "not_applied"],
  ["a timeout behind the edge", undefined, failure(504, "origin_timeout", "unknown"), "unknown"],
  ["under way", undefined, failure(409, "idempotency_in_progress"), "unknown"],
  ["uncertain", undefined, failure(409, "operation_uncertain", "unknown"), "unknown"],
  // An earlier try may have been applied; only who looked the key up knows better.
  ["lost, then a limit", "unknown", failure(429, "rate_limited", "not_applied"), "unknown"],
  ["lost, then no token", "unknown", failure(401, "token_expired"), "unknown"],
  ["lost, then no scope", "unknown", failure(403, "scope_missing"), "unknown"],
  ["lost, then down", "unknown", failure(503, "unavailable", "not_applied"), "unknown"],
  ["lost, then a rule", "unknown", failure(409, "price_changed", "not_applied"), "not_applied"],
  ["lost, then a decline", "unknown", failure(402, "payment_declined", "applied"), "applied"],
  ["lost, then another request", "unknown", failure(422, "idempotency_key_reused"), "not_applied"],
  ["a limit, then lost", "not_applied", failure(0, "timeout"), "unknown"],
];

for (const [name, before, last, expected] of table) {
  test(`outcome: ${name}`, () => assert.equal(settle(before, last), expected));
}
