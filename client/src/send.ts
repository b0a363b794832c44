// One call: its tries, from the first to the answer or the error.

import { attempt, within, type Fetch, type Sendable } from "./attempt.ts";
import type { Clock } from "./clock.ts";
import { errorOf } from "./error.ts";
import { failureOf, type Failure } from "./failure.ts";
import { settle } from "./outcome.ts";
import type { Outcome } from "./problem.ts";
import { decide, type RetryPolicy } from "./retry.ts";
import type { Tokens } from "./token.ts";

/** What a call runs on; tests bring their own. */
export interface Platform {
  fetch: Fetch;
  clock: Clock;
  /** At least 0, below 1. */
  random: () => number;
}

/** A call, ready to be sent. */
export interface Call {
  request: Sendable;
  /** As the contract has it, for messages: `/orders/{id}`. */
  path: string;
  key: string | undefined;
  /** Whether the method does no work. */
  safe: boolean;
  tokens: Tokens;
  policy: RetryPolicy;
  signal: AbortSignal | undefined;
}

/** Sends a call until it succeeds or must end; every end without success throws. */
export async function send(call: Call, { fetch, clock, random }: Platform): Promise<Response> {
  const { request, path, key, safe, tokens, policy, signal } = call;
  const began = clock.now();
  let outcome: Outcome | undefined;
  let tries = 0;
  let expired: string | undefined;

  const fail = (failure: Failure) =>
    errorOf(failure, { method: request.method, path, tries, key, outcome });
  const giveUp = () =>
    fail({ status: 0, code: "aborted", detail: "The app gave up.", cause: signal?.reason });

  for (;;) {
    const leftMs = () => Math.max(0, began + policy.limitMs - clock.now());
    const next = () => (expired === undefined ? tokens.current() : tokens.after(expired));
    let token: string | undefined;
    try {
      // Nothing in time is a failure too; the key's holder must learn what became of earlier tries.
      const got = await within(async () => ({ token: await next() }), clock, leftMs(), signal);
      if (got === undefined) throw new Error("The function did not answer in time.");
      token = got.token;
    } catch (cause) {
      if (signal?.aborted) throw giveUp();
      const detail = "The app's function brought no access token.";
      throw fail({ status: 0, code: "token_unavailable", detail, cause });
    }
    if (token !== undefined) request.headers.set("Authorization", `Bearer ${token}`);

    tries += 1;
    const limitMs = Math.min(policy.tryMs, leftMs());
    const tried = await attempt(request, fetch, clock, limitMs, signal);
    const failure = failureOf(tried, clock.now());
    if (failure === undefined && tried.kind === "answer") return response(tried);
    if (failure === undefined) throw new TypeError("A try without an answer can't succeed.");

    // A token that expired says nothing about the work, so it counts as no try, and once only.
    if (failure.code === "token_expired" && expired === undefined && token && tokens.renewable) {
      expired = token;
      tries -= 1;
      continue;
    }
    if (!safe) outcome = settle(outcome, failure);
    if (signal?.aborted) throw giveUp();
    const decision = decide({
      repeatable: safe || key !== undefined,
      tries,
      failure,
      elapsedMs: clock.now() - began,
      policy,
      random: random(),
    });
    if ("stop" in decision) throw fail(failure);
    await clock.wait(decision.retry, signal ?? new AbortController().signal);
    if (signal?.aborted) throw giveUp();
  }
}

/** The answer, whole; 204 and 304 may carry no body. */
function response(answer: { status: number; statusText: string; headers: Headers; text: string }) {
  const { status, statusText, headers, text } = answer;
  return new Response(text === "" ? null : text, { status, statusText, headers });
}
