// The client: typed calls over openapi-fetch, which builds URLs and bodies; sending is `send`.

import createOpenapiFetch from "openapi-fetch";
import type { HttpMethod } from "openapi-typescript-helpers";
import type { Fetch } from "./attempt.ts";
import { machineClock, type Clock } from "./clock.ts";
import { freshKey } from "./key.ts";
import { KEYED } from "./keyed.ts";
import type { CallOptions, ListPath, Method, Page, PagesInit, Row } from "./methods.ts";
import { pages } from "./pages.ts";
import { RETRY, type RetryPolicy } from "./retry.ts";
import { send, type Platform } from "./send.ts";
import { Tokens, type AccessToken } from "./token.ts";

/** A POST that only reads: its filters are too long for a URL. */
const SAFE_POSTS: ReadonlySet<string> = new Set(["/products/search"]);

/** How a client is made. */
export interface ClientOptions {
  /** The API's address without a version, such as `https://api.example.com`. */
  baseUrl: string;
  /** A user's token, or a function that has it and can get another one when it is `expired`. */
  accessToken?: AccessToken;
  /** A partner's key, instead of a token. */
  apiKey?: string;
  /** The version of the API. The types are those of v2, so there is no other choice yet. */
  version?: "v2";
  /** Instead of the platform's. */
  fetch?: Fetch;
  /** Instead of single defaults of {@link RETRY}. */
  retry?: Partial<RetryPolicy>;
  /** For tests. */
  clock?: Clock;
  /** For tests: at least 0, below 1. */
  random?: () => number;
}

/** The API as typed calls. Success resolves to `{ data, response }`; all else throws. */
export interface Client {
  GET: Method<"get">;
  POST: Method<"post">;
  PUT: Method<"put">;
  PATCH: Method<"patch">;
  DELETE: Method<"delete">;
  /** A list's rows, page after page. */
  pages<Path extends ListPath>(path: Path, init?: PagesInit<Path>): AsyncIterable<Row<Path>>;
}

/** What openapi-fetch takes, seen without the types of a single call. */
type Init = CallOptions & { params?: object; body?: unknown };

/** Makes a client. */
export function createClient(options: ClientOptions): Client {
  const { baseUrl, accessToken, apiKey, version = "v2" } = options;
  if (accessToken !== undefined && apiKey !== undefined) {
    throw new TypeError("Give an access token or an API key; the API refuses both at once.");
  }
  const platform: Platform = {
    // Looked up at each call, so that a polyfill or a tracer that comes later counts.
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    clock: options.clock ?? machineClock,
    random: options.random ?? Math.random,
  };
  const policy = { ...RETRY, ...options.retry };
  const tokens = new Tokens(accessToken);
  const base = `${baseUrl.replace(/\/+$/, "")}/${version}`;
  const openapi = createOpenapiFetch<Record<string, Record<HttpMethod, object>>>({ baseUrl: base });

  const call = (method: Uppercase<HttpMethod>) => async (path: string, init: Init = {}) => {
    const { key: given, ifMatch, ifNoneMatch, prefer, signal, limitMs, ...rest } = init;
    const keyed = KEYED.has(`${method} ${path}`);
    if (given !== undefined && !keyed) {
      throw new TypeError(`${method} ${path} takes no idempotency key.`);
    }
    const key = keyed ? (given ?? freshKey(platform.random)) : undefined;
    const headers = {
      "Content-Type": rest.body === undefined ? undefined : mediaType(method, rest.body),
      "Idempotency-Key": key,
      "If-Match": ifMatch,
      "If-None-Match": ifNoneMatch,
      Prefer: prefer && `return=${prefer}`,
      "X-Api-Key": apiKey,
    };
    const dispatch = async (request: Request) =>
      send(
        {
          request: {
            method,
            url: request.url,
            headers: new Headers(request.headers),
            body: rest.body === undefined ? undefined : await request.text(),
          },
          path,
          key,
          safe: method === "GET" || (method === "POST" && SAFE_POSTS.has(path)),
          tokens,
          policy: limitMs === undefined ? policy : { ...policy, limitMs },
          signal,
        },
        platform,
      );
    const { data, response } = await openapi.request(
      method.toLowerCase() as HttpMethod,
      path,
      { ...rest, headers, fetch: dispatch } as never,
    );
    return { data, response };
  };

  return {
    GET: call("GET"),
    POST: call("POST"),
    PUT: call("PUT"),
    PATCH: call("PATCH"),
    DELETE: call("DELETE"),
    pages: (path: string, init: { query?: object; path?: object } & CallOptions = {}) => {
      const { query, path: names, ...rest } = init;
      return pages(async (cursor) => {
        const params = { path: names, query: { ...query, ...(cursor && { cursor }) } };
        const { data } = await call("GET")(path, { ...rest, params });
        return data as unknown as Page<unknown>;
      });
    },
    // The schema's types describe what the code above does without them.
  } as unknown as Client;
}

/** A change is a merge patch [RFC 7396], or a JSON Patch [RFC 6902] when it is a list of steps. */
function mediaType(method: string, body: unknown): string {
  if (method !== "PATCH") return "application/json";
  return `application/${Array.isArray(body) ? "json-patch" : "merge-patch"}+json`;
}
