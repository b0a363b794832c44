// What our edge does on the measured paths, written by hand in JavaScript as one would without
// Rust: version, route, caller, limit, cache or origin, and what every answer carries. The stages
// and their order are those of edge/src/pipeline; edge/src has their reasons.

const VERSION = "v2";
const PLAN = { name: "bench", quota: 10_000_000, seconds: 60 };
const BODY_BYTES_MAX = 1024 * 1024;
const LEEWAY_SECONDS = 30;
const TOKENS_MAX = 2000;

const ROUTES = [
  { name: "product", method: "GET", path: /^\/products\/[^/]+$/, auth: "optional", query: [], timeout: 15_000 },
  { name: "products", method: "GET", path: /^\/products$/, auth: "optional", query: ["category", "cursor", "limit", "max_price", "min_price", "q", "sort"], timeout: 15_000 },
  { name: "order", method: "GET", path: /^\/orders\/[^/]+$/, auth: "required", scope: "orders:read", timeout: 15_000 },
];

class Refusal extends Error {
  constructor(status, code) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

const utf8 = new TextEncoder();
const text = new TextDecoder();
const toBase64Url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const fromBase64Url = (encoded) =>
  Uint8Array.from(atob(encoded.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));

// Request ids: a TypeID over a UUIDv7, random bytes drawn for many at once.

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const RANDOM_BYTES = 10;
const random = new Uint8Array(64 * RANDOM_BYTES);
let drawn = random.length;

const requestUuid = (now) => {
  if (drawn === random.length) {
    crypto.getRandomValues(random);
    drawn = 0;
  }
  const bytes = new Uint8Array(16);
  const high = Math.floor(now / 65_536);
  bytes[0] = high >>> 24;
  bytes[1] = high >>> 16;
  bytes[2] = high >>> 8;
  bytes[3] = high;
  bytes[4] = now >>> 8;
  bytes[5] = now;
  bytes.set(random.subarray(drawn, drawn + RANDOM_BYTES), 6);
  drawn += RANDOM_BYTES;
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return bytes;
};

const typeId = (prefix, bytes) => {
  let id = `${prefix}_`;
  let held = 0;
  let bits = 2;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      id += ALPHABET[(held >>> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return id;
};

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

const TRACE = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

const traceOf = (request, uuid) => {
  const ours = hex(uuid);
  const [, id = ours, flags = "01"] = TRACE.exec(request.headers.get("traceparent") ?? "") ?? [];
  return { id, parent: `00-${id}-${ours.slice(16)}-${flags}` };
};

// Version and route.

const resolve = (request, pathname) => {
  const named = /^\/v(\d+)(?=\/|$)/.exec(pathname);
  const path = named ? pathname.slice(named[0].length) || "/" : pathname;
  if (named && `v${named[1]}` !== VERSION) throw new Refusal(404, "not_found");
  const accepted = /application\/vnd\.headgate\.([^+,;]+)\+json/i.exec(request.headers.get("accept") ?? "");
  if (accepted && accepted[1].toLowerCase() !== VERSION) throw new Refusal(406, "not_acceptable");
  return path;
};

const routeOf = (method, path) => {
  const wanted = method === "HEAD" ? "GET" : method;
  const rows = ROUTES.filter((route) => route.path.test(path));
  if (rows.length === 0) throw new Refusal(404, "not_found");
  const route = rows.find((row) => row.method === wanted);
  if (!route) throw new Refusal(405, "method_not_allowed");
  return route;
};

// Caller: known tokens are remembered, others verified by the issuer's keys.

const tokens = new Map();
let issuerKeys;

const keyOf = async (env, kid) => {
  if (!issuerKeys?.has(kid)) {
    const answer = await fetch(`${env.ORIGIN_URL}/.well-known/jwks.json`);
    if (answer.status !== 200) throw new Refusal(503, "unavailable");
    issuerKeys = new Map();
    for (const { kid, kty, crv, x } of (await answer.json()).keys) {
      issuerKeys.set(kid, await crypto.subtle.importKey("jwk", { kty, crv, x }, "Ed25519", false, ["verify"]));
    }
  }
  return issuerKeys.get(kid);
};

const callerOf = async (request, env, route, now) => {
  const field = request.headers.get("authorization");
  if (field === null || !/^bearer /i.test(field)) {
    if (route.auth === "required") throw new Refusal(401, "token_missing");
    return null;
  }
  const token = field.slice(7).trim();
  const known = tokens.get(token);
  if (known && now / 1000 < known.expires) return known.principal;
  const refused = new Refusal(401, "token_invalid");
  const parts = token.split(".");
  if (parts.length !== 3 || token.length > 8192) throw refused;
  const head = JSON.parse(text.decode(fromBase64Url(parts[0])));
  const claims = JSON.parse(text.decode(fromBase64Url(parts[1])));
  const timely = typeof claims.exp === "number" && now / 1000 < claims.exp + LEEWAY_SECONDS;
  const ours = claims.iss === "headgate" && [claims.aud].flat().includes("headgate");
  if (head.alg !== "EdDSA" || head.typ?.toLowerCase() !== "at+jwt" || head.crit || !timely || !ours || !claims.sub) {
    throw refused;
  }
  const key = await keyOf(env, head.kid);
  const message = utf8.encode(`${parts[0]}.${parts[1]}`);
  if (!key || !(await crypto.subtle.verify("Ed25519", key, fromBase64Url(parts[2]), message))) throw refused;
  const principal = {
    subject: claims.sub,
    account: claims.account ?? claims.sub,
    role: claims.role ?? "customer",
    scopes: (claims.scope ?? "").split(" "),
    mode: claims.mode ?? "live",
  };
  if (tokens.size >= TOKENS_MAX) tokens.clear();
  tokens.set(token, { principal, expires: claims.exp });
  return principal;
};

// Limit: GCRA in one Durable Object a caller.

const WINDOW_MS = PLAN.seconds * 1000;
const INTERVAL_MS = WINDOW_MS / PLAN.quota;
// A write is ahead of the state, so that it is good for many takes.
const AHEAD_MS = WINDOW_MS / 16;

export class Limiter {
  constructor(state) {
    this.storage = state.storage;
    this.fullAt = undefined;
    this.stored = 0;
  }

  async fetch(request) {
    const cost = Number(request.url.slice(request.url.lastIndexOf("/") + 1));
    this.fullAt ??= this.stored = (await this.storage.get("full_at_ms")) ?? 0;
    const now = Date.now();
    const latest = now + WINDOW_MS;
    const wanted = Math.max(this.fullAt, now) + cost * INTERVAL_MS;
    const admitted = wanted <= latest;
    if (admitted) this.fullAt = wanted;
    if (this.fullAt > this.stored) {
      this.stored = Math.min(this.fullAt + AHEAD_MS, latest);
      this.storage.put("full_at_ms", this.stored, { allowUnconfirmed: true }).catch((error) => console.error(error));
    }
    const full = Math.max(this.fullAt, now);
    const remaining = Math.floor((latest - full) / INTERVAL_MS);
    const verdict = `${admitted ? 1 : 0} ${remaining} ${Math.ceil(full - now)} ${admitted ? 0 : Math.ceil(wanted - latest)}`;
    return new Response(null, { headers: { verdict } });
  }
}

const admit = async (request, env, principal) => {
  const bucket = principal
    ? `account:${principal.mode}:${principal.account}`
    : `address:${request.headers.get("cf-connecting-ip") ?? "unknown"}`;
  const cost = request.method === "GET" || request.method === "HEAD" ? 1 : 5;
  const object = env.LIMITER.get(env.LIMITER.idFromName(bucket));
  const answer = await object.fetch(`http://limiter/${cost}`, { signal: AbortSignal.timeout(1000) });
  const [admitted, remaining, full, retry] = answer.headers.get("verdict").split(" ").map(Number);
  const limit = { remaining, fullSeconds: Math.ceil(full / 1000) };
  if (!admitted) throw Object.assign(new Refusal(429, "rate_limited"), { limit, after: Math.ceil(retry / 1000) });
  return limit;
};

// Origin: fields that could be taken for ours are dropped, the caller goes signed.

const OURS = /^(headgate-|x-forwarded-|x-user-|cf-)|^(authorization|x-api-key|x-request-id|cookie|host|forwarded|x-real-ip|true-client-ip|expect|connection|te|trailer|upgrade|keep-alive|transfer-encoding|proxy-authorization)$/;
let signing;

const assertion = async (env, claims) => {
  if (!signing) {
    const [kid, secret] = env.ASSERTION_KEYS.split(",")[0].split(":");
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    signing = {
      head: toBase64Url(utf8.encode(JSON.stringify({ alg: "HS256", kid, typ: "handover+jwt" }))),
      key: await crypto.subtle.importKey("raw", fromBase64Url(secret), algorithm, false, ["sign"]),
    };
  }
  const message = `${signing.head}.${toBase64Url(utf8.encode(JSON.stringify(claims)))}`;
  const signature = await crypto.subtle.sign("HMAC", signing.key, utf8.encode(message));
  return `${message}.${toBase64Url(new Uint8Array(signature))}`;
};

const forward = async (request, env, notes, target, principal, shared) => {
  const fields = new Headers();
  for (const [name, value] of request.headers) {
    if (!OURS.test(name.replaceAll(/[_.]/g, "-"))) fields.append(name, value);
  }
  if (shared) {
    for (const name of ["if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range", "range"]) {
      fields.delete(name);
    }
    fields.set("accept-encoding", "identity");
  }
  const issued = Math.floor(notes.started / 1000);
  const claims = { exp: issued + 60, iat: issued, htm: request.method, htu: target, ver: VERSION, rid: notes.id };
  if (principal) claims.who = principal;
  fields.set("headgate-assertion", await assertion(env, claims));
  fields.set("traceparent", notes.trace.parent);
  notes.tries += 1;
  const began = Date.now();
  try {
    return await fetch(env.ORIGIN_URL + target, {
      method: request.method,
      headers: fields,
      redirect: "manual",
      signal: AbortSignal.timeout(notes.route.timeout),
    });
  } catch (error) {
    throw new Refusal(error.name === "TimeoutError" ? 504 : 502, "bad_gateway");
  } finally {
    notes.originMs += Date.now() - began;
  }
};

// Cache: what is shared is kept with its times; the store itself is trusted with nothing.

const lifetimeOf = (answer) => {
  const control = answer.headers.get("cdn-cache-control") ?? answer.headers.get("cache-control") ?? "";
  const barred = /(^|[,\s])(no-store|private|no-cache)\b/i.test(control);
  if (answer.status !== 200 || barred || answer.headers.has("set-cookie") || answer.headers.has("vary")) return 0;
  return Number(/(?:^|[,\s])s-maxage=(\d+)/i.exec(control)?.[1] ?? /(?:^|[,\s])max-age=(\d+)/i.exec(control)?.[1] ?? 0);
};

const KEPT_OF_304 = new Set(["age", "cache-control", "cdn-cache-control", "content-location", "date", "etag", "expires", "vary"]);

const conditioned = (request, status, fields, body) => {
  const asked = request.headers.get("if-none-match");
  const opaque = (tag) => tag.trim().replace(/^W\//, "");
  const etag = fields.get("etag");
  if (asked !== null && status === 200 && etag !== null) {
    if (asked.trim() === "*" || asked.split(",").some((tag) => opaque(tag) === opaque(etag))) {
      for (const name of [...fields.keys()]) if (!KEPT_OF_304.has(name)) fields.delete(name);
      return { status: 304, fields, body: null };
    }
  }
  return { status, fields, body: request.method === "HEAD" ? null : body };
};

const cached = async (request, env, context, notes, path, query) => {
  const allowed = [...new URLSearchParams(query)].filter(([name]) => notes.route.query.includes(name));
  allowed.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
  const kept = allowed.length === 0 ? "" : `?${new URLSearchParams(allowed)}`;
  const key = `https://copies.peer.invalid/${VERSION}${path}${kept}`;
  const found = await caches.default.match(key);
  if (found) {
    const now = Date.now();
    const fields = new Headers(found.headers);
    const age = Number(fields.get("peer-age")) + Math.floor((now - Number(fields.get("peer-stored"))) / 1000);
    const ttl = Number(fields.get("peer-lifetime")) - age;
    if (ttl > 0) {
      notes.cache = { word: "hit", field: `headgate; hit; ttl=${ttl}` };
      fields.set("cache-control", fields.get("peer-control"));
      for (const name of ["peer-age", "peer-stored", "peer-lifetime", "peer-control", "cf-cache-status"]) fields.delete(name);
      fields.set("age", age);
      return conditioned(request, found.status, fields, found.body);
    }
  }
  const answer = await forward(request, env, notes, path + kept, null, true);
  const fields = new Headers(answer.headers);
  fields.delete("cache-tag");
  const lifetime = lifetimeOf(answer);
  const age = Number(fields.get("age") ?? 0);
  const word = found ? "stale" : "uri-miss";
  if (lifetime <= age || Number(fields.get("content-length") ?? Infinity) > BODY_BYTES_MAX) {
    notes.cache = { word: "miss", field: `headgate; fwd=${word}` };
    return conditioned(request, answer.status, fields, answer.body);
  }
  notes.cache = { word: "miss", field: `headgate; fwd=${word}; stored` };
  const body = await answer.arrayBuffer();
  const stored = new Headers(fields);
  stored.set("peer-control", fields.get("cache-control") ?? "");
  stored.set("peer-stored", Date.now());
  stored.set("peer-age", age);
  stored.set("peer-lifetime", lifetime);
  stored.set("cache-control", `public, max-age=${lifetime - age}`);
  context.waitUntil(caches.default.put(key, new Response(body, { headers: stored })));
  return conditioned(request, answer.status, fields, body);
};

// What every answer carries, and the one line of the access log.

const refused = (refusal, notes) => {
  const fields = new Headers({ "content-type": "application/problem+json", "cache-control": "private, no-store" });
  fields.set("error-code", refusal.code);
  if (refusal.after) fields.set("retry-after", refusal.after);
  if (refusal.limit) notes.limit = refusal.limit;
  const problem = { status: refusal.status, code: refusal.code, request_id: notes.id };
  return { status: refusal.status, fields, body: JSON.stringify(problem) };
};

const finish = (request, { status, fields, body }, notes) => {
  fields.set("x-request-id", notes.id);
  fields.set("api-version", VERSION);
  if (notes.limit) {
    fields.set("ratelimit-policy", `"${PLAN.name}";q=${PLAN.quota};w=${PLAN.seconds}`);
    fields.set("ratelimit", `"${PLAN.name}";r=${notes.limit.remaining};t=${notes.limit.fullSeconds}`);
  }
  if (notes.cache) fields.set("cache-status", notes.cache.field);
  const length = fields.get("content-length");
  console.log(
    JSON.stringify({
      ts: new Date(notes.started).toISOString(),
      request_id: notes.id,
      client_request_id: request.headers.get("x-request-id"),
      trace_id: notes.trace.id,
      method: request.method,
      route: notes.route?.name,
      status,
      error_code: fields.get("error-code"),
      account: notes.principal?.account ?? null,
      plan: notes.limit ? PLAN.name : null,
      api_version: VERSION,
      idempotency: null,
      cache: notes.cache?.word ?? null,
      limit: notes.limit ? PLAN.quota : null,
      remaining: notes.limit?.remaining ?? null,
      country: request.cf?.country ?? null,
      bytes_in: null,
      bytes_out: length === null ? null : Number(length),
      edge_ms: Date.now() - notes.started - notes.originMs,
      origin_ms: notes.originMs,
      tries: notes.tries,
    }),
  );
  return new Response(body, { status, headers: fields });
};

const stages = async (request, env, context, notes) => {
  const { pathname, search } = new URL(request.url);
  const path = resolve(request, pathname);
  notes.route = routeOf(request.method, path);
  notes.principal = await callerOf(request, env, notes.route, notes.started);
  if (notes.route.scope && !notes.principal?.scopes.includes(notes.route.scope)) throw new Refusal(403, "scope_missing");
  notes.limit = await admit(request, env, notes.principal);
  if (notes.route.query) return cached(request, env, context, notes, path, search);
  const answer = await forward(request, env, notes, path + search, notes.principal, false);
  const fields = new Headers(answer.headers);
  for (const name of ["cache-tag", "headgate-committed"]) fields.delete(name);
  return { status: answer.status, fields, body: answer.body };
};

export default {
  async fetch(request, env, context) {
    const started = Date.now();
    const uuid = requestUuid(started);
    const notes = { started, id: typeId("req", uuid), trace: traceOf(request, uuid), originMs: 0, tries: 0 };
    let answer;
    try {
      answer = await stages(request, env, context, notes);
    } catch (error) {
      if (!(error instanceof Refusal)) console.error(error);
      answer = refused(error instanceof Refusal ? error : new Refusal(500, "internal"), notes);
    }
    return finish(request, answer, notes);
  },
};
