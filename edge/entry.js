// The Worker's entry: a plain object, since that is what every host and test harness understands.
// `cargo xtask build-edge` makes the build that it imports; the Durable Objects live in it.
import Edge, { Caller, Feed, Shield, Usage } from "./build/index.js";

export { Caller, Feed, Shield, Usage };

export default {
  fetch(request, env, context) {
    return new Edge(context, env).fetch(request);
  },
};
