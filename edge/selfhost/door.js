// Asks a Durable Object for an edge of another process (afar.js). It listens on loopback alone: whoever
// reaches it may ask any object anything.
export default {
  fetch(request, env) {
    const [binding, name] = request.headers.get("headgate-object").split(" ").map(decodeURIComponent);
    const objects = env[binding];
    return objects.get(objects.idFromName(name)).fetch(request);
  },
};
