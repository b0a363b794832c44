// Time, as the client sees it. Tests bring their own.

/** A clock that can also wait. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so many milliseconds, or as soon as the signal says stop. Never rejects. */
  wait(ms: number, stop: AbortSignal): Promise<void>;
}

/** The machine's. */
export const machineClock: Clock = {
  now: () => Date.now(),
  wait: (ms, stop) =>
    new Promise((resolve) => {
      if (stop.aborted) return resolve();
      const end = () => {
        clearTimeout(timer);
        stop.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      stop.addEventListener("abort", end);
    }),
};
