// The floor: a Worker without any policy. A product comes from the Cache API as it was put there,
// everything else is passed to the origin.

const SECONDS = 3600;

const cached = async (request, env, context) => {
  const found = await caches.default.match(request.url);
  if (found) return found;
  const answer = await proxied(request, env);
  if (answer.status !== 200) return answer;
  const copy = new Response(answer.body, answer);
  copy.headers.set("cache-control", `public, max-age=${SECONDS}`);
  context.waitUntil(caches.default.put(request.url, copy.clone()));
  return copy;
};

const proxied = (request, env) => {
  const { pathname, search } = new URL(request.url);
  return fetch(env.ORIGIN_URL + pathname + search, request);
};

export default {
  fetch: (request, env, context) =>
    request.method === "GET" && request.url.includes("/products/")
      ? cached(request, env, context)
      : proxied(request, env),
};
