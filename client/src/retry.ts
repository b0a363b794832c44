// Whether to try again, and when: one pure function.
//
// 1. Only what can't do the work twice is repeated: safe methods, and calls under a key.
// 2. Only what a wait can mend: no answer, 429, 500, 502, 503, 504, and a 409 that says that the
//    first request is still under way. The server's `retryable: false` ends it.
// 3. Waits double from `firstMs` to `capMs`, with full jitter (anything from nothing to the cap), so
//    that clients which failed together don't come back together. Retry-After is a floor.
// 4. A wait that would end after the call's time limit is not begun.

import type { Failure } from "./failure.ts";

/** How a client repeats. Every limit has its unit in its name. */
export interface RetryPolicy {
  /** Most tries after the first. */
  retries: number;
  /** Cap of the first wait; it doubles with each try. */
  firstMs: number;
  /** Highest cap of a wait. */
  capMs: number;
  /** What one try may take until its answer is whole. */
  tryMs: number;
  /** What the whole call may take, waits included. */
  limitMs: number;
}

/** What holds unless a client says otherwise. */
export const RETRY: RetryPolicy = {
  retries: 4,
  firstMs: 1_000,
  capMs: 8_000,
  tryMs: 10_000,
  limitMs: 30_000,
};

/** Everything that the decision looks at. */
export interface Facts {
  /** Whether repeating can't do the work twice. */
  repeatable: boolean;
  /** Tries made so far, the failed one among them. */
  tries: number;
  failure: Pick<Failure, "status" | "code" | "retryable" | "retryAfterMs">;
  /** Since the call began. */
  elapsedMs: number;
  policy: RetryPolicy;
  /** At least 0, below 1. */
  random: number;
}

/** Wait so many milliseconds and try again, or stop, and why. */
export type Decision = { retry: number } | { stop: "not_repeatable" | "final" | "tries" | "time" };

/** Decides what follows a failed try. */
export function decide({ repeatable, tries, failure, elapsedMs, policy, random }: Facts): Decision {
  if (!mayPass(failure)) return { stop: "final" };
  if (!repeatable) return { stop: "not_repeatable" };
  if (tries > policy.retries) return { stop: "tries" };
  const cap = Math.min(policy.capMs, policy.firstMs * 2 ** (tries - 1));
  const wait = Math.max(failure.retryAfterMs ?? 0, Math.floor(random * cap));
  return elapsedMs + wait < policy.limitMs ? { retry: wait } : { stop: "time" };
}

function mayPass({ status, code, retryable }: Facts["failure"]): boolean {
  if (retryable === false) return false;
  switch (status) {
    case 0:
    case 500:
    case 502:
    case 503:
    case 504:
      return true;
    case 429:
      // A quota comes back in days, not within a call.
      return code !== "quota_exceeded";
    case 409:
      return code === "idempotency_in_progress" || code === "operation_uncertain";
    default:
      return false;
  }
}
