import assert from "node:assert/strict";
import { test } from "node:test";
import { retryAfterMs } from "../src/retry_after.ts";

const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);

const table: [string, Record<string, string>, number | undefined][] = [
  ["none", {}, undefined],
  ["seconds", { "retry-after": "3" }, 3_000],
  ["none at all", { "retry-after": "0" }, 0],
  ["a date", { "retry-after": "Tue, 24 Nov 2026 12:00:05 GMT" }, 5_000],
  ["a date gone by", { "retry-after": "Tue, 24 Nov 2026 11:00:00 GMT" }, 0],
  [
    "a date, by the server's own clock",
    { "retry-after": "Tue, 24 Nov 2026 15:00:07 GMT", date: "Tue, 24 Nov 2026 15:00:00 GMT" },
    7_000,
  ],
  ["nonsense", { "retry-after": "soon" }, undefined],
  ["a negative number is no number of seconds", { "retry-after": "-5" }, 0],
];

for (const [name, fields, expected] of table) {
  test(`Retry-After: ${name}`, () => {
    assert.equal(retryAfterMs(new Headers(fields), NOW), expected);
  });
}
