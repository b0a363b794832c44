// The JavaScript half of the border (boundary.rs is the other). Each call from Rust costs about a
// microsecond and each field read from there another, so a head crosses as one text, and a body
// that nobody reads stays here. The text's form is told in src/platform/wire.rs.

const BODYLESS = new Set([101, 204, 205, 304]);

const pack = (text, fields) => {
  for (const [name, value] of fields) text += `\n${name}\n${value}`;
  return text;
};

const unpack = (text) => {
  const fields = new Headers();
  if (text !== "") {
    const lines = text.split("\n");
    for (let at = 1; at < lines.length; at += 2) fields.append(lines[at - 1], lines[at]);
  }
  return fields;
};

// A body from Rust is nothing, bytes, or the Request or Response whose body has not been read.
const bodyOf = (body) => (body === undefined || body instanceof Uint8Array ? body : body.body);

export const requestHead = (request) => {
  const body = request.method === "GET" || request.method === "HEAD" ? null : request.body;
  const country = request.cf?.country ?? "";
  const start = `${request.method}\n${request.url}\n${body === null ? "" : "body"}\n${country}`;
  // A front, Cloudflare's or wrangler's, may accept more codings than its client; this is what the
  // client sent. Unset, there is no front or it changed nothing.
  const accepted = request.cf?.clientAcceptEncoding;
  if (accepted === undefined) return pack(start, request.headers);
  const fields = new Headers(request.headers);
  fields.set("accept-encoding", accepted);
  return pack(start, fields);
};

export const responseHead = (response) => pack(`${response.status}`, response.headers);

// `encodeBody` stays automatic: an unread body passes as the origin encoded it, anything else is
// encoded here if Content-Encoding says so.
export const respond = (status, fields, body) =>
  new Response(BODYLESS.has(status) ? null : bodyOf(body), { status, headers: unpack(fields) });

// Rejects with the deadline's reason if there is no answer in time.
const within = async (ms, start) => {
  const controller = new AbortController();
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      const reason = new DOMException("deadline", "TimeoutError");
      reject(reason);
      controller.abort(reason);
    }, ms);
  });
  try {
    return await Promise.race([start(controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
};

// The deadline covers the wait for the head only: the timer is cleared when it is there.
export const send = (method, url, fields, body, ms) =>
  within(ms, (signal) =>
    fetch(url, { method, headers: unpack(fields), body: bodyOf(body), redirect: "manual", signal }),
  );

// All bytes of a body, `null` if there are more than `max`.
export const readBody = (owner, max, ms) =>
  within(ms, async (signal) => {
    if (owner.body === null) return new Uint8Array();
    const reader = owner.body.getReader();
    signal.addEventListener("abort", () => reader.cancel(signal.reason).catch(() => {}));
    const chunks = [];
    let length = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.byteLength;
      if (length > max) {
        reader.cancel().catch(() => {});
        return null;
      }
      chunks.push(value);
    }
    if (chunks.length === 1) return chunks[0];
    const whole = new Uint8Array(length);
    let at = 0;
    for (const chunk of chunks) {
      whole.set(chunk, at);
      at += chunk.byteLength;
    }
    return whole;
  });

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// Another owner of the same body.
export const fork = (owner) => owner.clone();

// What was encoded, `null` if it is more than `max` bytes; throws when it is corrupt.
export const decode = (coding, body, max) => {
  const { brotliDecompressSync, gunzipSync } = process.getBuiltinModule("node:zlib");
  const options = { maxOutputLength: max };
  try {
    return new Uint8Array(coding === "br" ? brotliDecompressSync(body, options) : gunzipSync(body, options));
  } catch (error) {
    // Node has a code for it, workerd a class.
    if (error instanceof RangeError || error.code === "ERR_BUFFER_TOO_LARGE") return null;
    throw error;
  }
};

// The stored response, or `undefined`.
export const load = (url) => caches.default.match(url);

export const stored = (response, field) => response.headers.get(field) ?? undefined;

export const keep = (url, field, entry, body, seconds) =>
  caches.default.put(
    url,
    new Response(body, { headers: { "cache-control": `public, max-age=${seconds}`, [field]: entry } }),
  );

// A field of an object's answer: reading a body would cost another turn of the event loop.
export const askForField = async (objects, name, url, field, ms) => {
  const object = objects.get(objects.idFromName(name));
  const response = await within(ms, (signal) => object.fetch(url, { signal }));
  return response.headers.get(field) ?? undefined;
};

// The body of an object's answer.
export const askForBody = async (objects, name, url, body, ms) => {
  const object = objects.get(objects.idFromName(name));
  return within(ms, async (signal) => {
    const response = await object.fetch(url, { method: "POST", body, signal });
    if (response.status !== 200) throw new Error(`the object answered ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  });
};

// An answer need not wait for this write to reach the disk: the next one overtakes it.
export const putUnconfirmed = (storage, key, value) => {
  storage.put(key, value, { allowUnconfirmed: true }).catch((error) => console.error(error));
};

const ALGORITHMS = {
  EdDSA: { name: "Ed25519" },
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  PS256: { name: "RSA-PSS", hash: "SHA-256", saltLength: 32 },
};

// Imported keys of this isolate, oldest first; an issuer has few.
const keys = new Map();
const KEYS_MAX = 64;

const importedKey = async (algorithm, jwk) => {
  const id = `${algorithm} ${jwk}`;
  const known = keys.get(id);
  if (known) return known;
  // Other members (alg, use, key_ops) may be written in ways that the import refuses.
  const { kty, crv, x, y, n, e } = JSON.parse(jwk);
  const key = await crypto.subtle.importKey("jwk", { kty, crv, x, y, n, e }, ALGORITHMS[algorithm], false, ["verify"]);
  if (keys.size >= KEYS_MAX) keys.delete(keys.keys().next().value);
  keys.set(id, key);
  return key;
};

export const verify = async (algorithm, jwk, message, signature) =>
  crypto.subtle.verify(ALGORITHMS[algorithm], await importedKey(algorithm, jwk), signature, message);

export const fillRandom = (bytes) => crypto.getRandomValues(bytes);
