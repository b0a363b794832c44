// What the browser's page runs: the scenarios, by name.

import { SCENARIOS, type Stage } from "./scenarios.ts";

declare global {
  interface Window {
    /** Answers nothing when the scenario held, else why it did not. */
    play(name: string, stage: Stage): Promise<string | undefined>;
  }
}

window.play = async (name, stage) => {
  try {
    const scenario = SCENARIOS[name];
    if (!scenario) return `There is no scenario "${name}".`;
    await scenario(stage);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
};
