// What became of the work, told from all tries of one call and not from the last alone.
//
// A refusal such as 429 is given before anybody looks the key up. It is true for its own try and
// says nothing about an earlier one whose reply was lost: whoever took its `not_applied` for the
// whole call, and ordered again with a new key, could pay twice.

import type { Failure } from "./failure.ts";
import type { Outcome } from "./problem.ts";

/** The outcome after one more failed try of an unsafe call; `before` is that of the tries before. */
export function settle(before: Outcome | undefined, failure: Failure): Outcome {
  const { status, problem } = failure;
  if (problem?.outcome === "applied") return "applied";
  if (looksUp(failure)) return problem?.outcome ?? "not_applied";
  if (before === "unknown") return "unknown";
  return problem?.outcome ?? (status >= 400 && status < 500 && status !== 409 ? "not_applied" : "unknown");
}

/** Whether such an answer comes after the key was looked up, or would have met the first try too. */
function looksUp({ status, code }: Failure): boolean {
  const early = status === 401 || status === 403 || status === 408 || status === 429;
  const open = code === "idempotency_in_progress" || code === "operation_uncertain";
  return status >= 400 && status < 500 && !early && !open;
}
