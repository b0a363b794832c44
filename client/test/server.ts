// A server of canned answers, and a clock that jumps: what the unit tests run the client on.

import { createClient, type Client, type ClientOptions, type Clock } from "../src/index.ts";

/** One request that the server saw. */
export interface Seen {
  method: string;
  path: string;
  headers: Headers;
  body: string | undefined;
  /** On the fake clock. */
  at: number;
}

/** How the server answers one request. */
export type Reply =
  | Response
  | "cut" // the connection fails
  | "hang" // nothing ever comes
  | (() => Response);

/** Time that passes only when everybody waits. */
export class FakeClock implements Clock {
  time = Date.UTC(2026, 10, 24);
  readonly waits: number[] = [];
  readonly #timers = new Set<{ at: number; end: () => void }>();

  now = (): number => this.time;

  wait = (ms: number, stop: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (stop.aborted) return resolve();
      const timer = {
        at: this.time + ms,
        end: () => {
          this.#timers.delete(timer);
          resolve();
        },
      };
      this.#timers.add(timer);
      stop.addEventListener("abort", timer.end);
      // By then whoever has something to do has done it.
      setImmediate(() => setImmediate(() => this.#jump()));
    });

  #jump(): void {
    const [first] = [...this.#timers].sort((one, other) => one.at - other.at);
    if (!first) return;
    this.waits.push(first.at - this.time);
    this.time = first.at;
    first.end();
  }
}

/** A client before a server that gives these answers in turn. */
export function world(replies: Reply[], options: Partial<ClientOptions> = {}) {
  const clock = new FakeClock();
  const seen: Seen[] = [];
  const client: Client = createClient({
    baseUrl: "https://shop.test",
    clock,
    // The top of each wait, so that times are known.
    random: () => 0.999999,
    fetch: async (url, init) => {
      const { pathname, search } = new URL(url);
      seen.push({
        method: init.method ?? "GET",
        path: pathname + search,
        headers: new Headers(init.headers),
        body: init.body === undefined ? undefined : String(init.body),
        at: clock.time,
      });
      const reply = replies.shift();
      if (reply === undefined) throw new Error("The test has no answer to this request.");
      if (reply === "cut") throw new TypeError("fetch failed");
      if (reply === "hang") return new Promise(() => undefined);
      return typeof reply === "function" ? reply() : reply;
    },
    ...options,
  });
  return { client, clock, seen };
}

/** A JSON answer. */
export function json(status: number, body: unknown, fields: Record<string, string> = {}): Response {
  const headers = { "content-type": "application/json", ...fields };
  return new Response(JSON.stringify(body), { status, headers });
}

/** A problem document. */
export function problem(
  status: number,
  code: string,
  more: Record<string, unknown> = {},
  fields: Record<string, string> = {},
): Response {
  const retryable = [409, 429, 500, 502, 503, 504].includes(status);
  const document = {
    type: `https://shop.test/problems/${code}`,
    title: code,
    status,
    detail: `About ${code}.`,
    code,
    request_id: "req_1",
    errors: [],
    retry: { retryable, after_seconds: null, same_key: retryable },
    ...more,
  };
  const headers = { "content-type": "application/problem+json", "error-code": code, ...fields };
  return new Response(JSON.stringify(document), { status, headers });
}

/** A body for POST /orders. */
export const AN_ORDER = {
  items: [{ product_id: "prd_1", quantity: 1 }],
  payment_method: "pm_card_visa",
  expected_total: { amount: 100, currency: "USD" },
  shipping_address: { name: "Ada", line1: "1 Main St", city: "Bern", postal_code: "3000", country: "CH" },
};
