// The client in Node, before the real edge.

import { after, test } from "node:test";
import { startChaos } from "./chaos.ts";
import { SCENARIOS } from "./scenarios.ts";
import { setting, stageAt } from "./stage.ts";

const chaos = await startChaos(setting("HEADGATE_URL"));
after(() => chaos.close());

for (const [name, scenario] of Object.entries(SCENARIOS)) {
  test(name, () => scenario(stageAt(chaos.url)));
}
