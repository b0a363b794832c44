// An edge whose Durable Objects are another process's: each binding stands for the one behind its door
// (door.js).
import edge from "./entry.js";

const namespace = (door, binding) => ({
  idFromName: (name) => name,
  get: (name) => ({
    fetch(url, options) {
      const request = new Request(url, options);
      request.headers.set("headgate-object", `${binding} ${encodeURIComponent(name)}`);
      return door.fetch(request);
    },
  }),
});

let whole;

export default {
  fetch(request, env, context) {
    if (whole === undefined) {
      const names = env.AFAR_NAMES.split(" ");
      whole = { ...env, ...Object.fromEntries(names.map((name) => [name, namespace(env.AFAR, name)])) };
    }
    return edge.fetch(request, whole, context);
  },
};
