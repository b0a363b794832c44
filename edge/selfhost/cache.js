// The Cache API's back end where the edge runs on plain workerd: a bounded map in memory.
//
// 1. workerd sends `caches.default.match/put/delete` as GET, PUT and PURGE of the key's URL; a PUT's
//    body is the whole stored response in HTTP/1.1 form; `CF-Cache-Status` tells a hit from a miss.
// 2. The least recently used responses go first once their bodies and heads exceed
//    CACHE_BYTES_MAX. One response may take an eighth of it; a larger one is not kept.
// 3. It keeps what it is given until max-age; all other rules of caching are the edge's own.
// 4. Restarting forgets everything, which costs time and never correctness.
//
// One such service per edge service makes one location.

const ENTRY_SHARE = 8;
const HEAD_BYTES_MAX = 65536;
const CRLF_CRLF = [13, 10, 13, 10];

const entries = new Map();
let bytes = 0;

export default {
  async fetch(request, env) {
    const key = `${request.headers.get("cf-cache-namespace") ?? ""} ${request.url}`;
    switch (request.method) {
      case "GET":
        return find(key);
      case "PUT":
        return keep(key, new Uint8Array(await request.arrayBuffer()), Number(env.CACHE_BYTES_MAX));
      case "PURGE":
        return new Response(null, { status: drop(key) ? 200 : 404 });
      default:
        return new Response(null, { status: 405, headers: { allow: "GET, PUT, PURGE" } });
    }
  },
};

function find(key) {
  const entry = entries.get(key);
  if (entry === undefined || entry.expires <= Date.now()) {
    drop(key);
    return new Response(null, { status: 504, headers: { "cf-cache-status": "MISS" } });
  }
  // A map keeps the order of insertion: moving the entry to the end makes it the youngest.
  entries.delete(key);
  entries.set(key, entry);
  const headers = new Headers(entry.headers);
  headers.set("cf-cache-status", "HIT");
  return new Response(entry.body, { status: entry.status, headers });
}

function keep(key, message, bytesMax) {
  drop(key);
  const entry = parse(message);
  if (entry === undefined) return new Response(null, { status: 400 });
  if (message.length <= bytesMax / ENTRY_SHARE && entry.expires > Date.now()) {
    entries.set(key, entry);
    bytes += entry.size;
    for (const oldest of entries.keys()) {
      if (bytes <= bytesMax) break;
      drop(oldest);
    }
  }
  return new Response(null, { status: 204 });
}

function drop(key) {
  const entry = entries.get(key);
  if (entry === undefined) return false;
  bytes -= entry.size;
  return entries.delete(key);
}

function parse(message) {
  const end = headEnd(message);
  if (end === -1) return undefined;
  const [first, ...lines] = new TextDecoder().decode(message.subarray(0, end)).split("\r\n");
  const status = /^HTTP\/1\.1 ([2-5]\d\d)/.exec(first);
  if (status === null) return undefined;
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const control = new Headers(headers).get("cache-control") ?? "";
  const age = /(?:^|[\s,])max-age=(\d+)/i.exec(control);
  const code = Number(status[1]);
  return {
    status: code,
    headers,
    // Fetch forbids a body, even an empty one, on these.
    body: code === 204 || code === 205 || code === 304 ? null : message.slice(end + 4),
    size: message.length,
    expires: age === null ? 0 : Date.now() + Number(age[1]) * 1000,
  };
}

function headEnd(message) {
  const last = Math.min(message.length, HEAD_BYTES_MAX) - CRLF_CRLF.length;
  for (let at = 0; at <= last; at++) {
    if (CRLF_CRLF.every((byte, offset) => message[at + offset] === byte)) return at;
  }
  return -1;
}
