// One try: a request, and its answer read whole.
//
// The body belongs to the try: a connection that is cut in the middle of it is a lost reply too.

import type { Clock } from "./clock.ts";

/** The part of `fetch` that the client needs. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** A request that can be sent any number of times. */
export interface Sendable {
  method: string;
  url: string;
  headers: Headers;
  body: string | undefined;
}

/** How a try ended. */
export type Tried =
  | { kind: "answer"; status: number; statusText: string; headers: Headers; text: string }
  | { kind: "network"; cause: unknown }
  | { kind: "timeout" };

/** Sends a request once. `caller` ends it early, as a cut connection would. */
export async function attempt(
  request: Sendable,
  fetch: Fetch,
  clock: Clock,
  limitMs: number,
  caller: AbortSignal | undefined,
): Promise<Tried> {
  const { url, method, headers, body } = request;
  const answer = (signal: AbortSignal) => async (): Promise<Tried> => {
    const response = await fetch(url, {
      method,
      headers,
      signal,
      // Tokens say who calls; cookies play no part.
      credentials: "omit",
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    const { status, statusText } = response;
    return { kind: "answer", status, statusText, headers: response.headers, text };
  };
  const done = new AbortController();
  try {
    const tried = await within(answer(done.signal), clock, limitMs, caller);
    return tried ?? { kind: "timeout" };
  } catch (cause) {
    return { kind: "network", cause };
  } finally {
    // Ends a request that lost its race; one that is over does not notice.
    done.abort();
  }
}

/**
 * What the work brings, or nothing when it takes too long. It rejects with the caller's reason when
 * the caller gives up. Work that is left behind goes unheard.
 */
export async function within<T>(
  work: () => Promise<T>,
  clock: Clock,
  limitMs: number,
  caller: AbortSignal | undefined,
): Promise<T | undefined> {
  const timer = new AbortController();
  const stop = () => timer.abort();
  caller?.addEventListener("abort", stop);
  try {
    if (caller?.aborted) throw caller.reason;
    const late = clock.wait(limitMs, timer.signal).then(() => {
      if (caller?.aborted) throw caller.reason;
      return undefined;
    });
    return await Promise.race([work(), late]);
  } finally {
    caller?.removeEventListener("abort", stop);
    timer.abort();
  }
}
