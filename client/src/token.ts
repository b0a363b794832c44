// The access token: a text, or a function of the app that knows the current one.
//
// Refreshing is one flight for all calls of a client. A refresh token is good for one use, and a
// second use is taken for theft: ten calls that find the token expired at once must not refresh ten
// times.

/** The app's token, or the function that has it. `expired` says that the last one no longer serves. */
export type AccessToken = string | ((asked: { expired: boolean }) => string | Promise<string>);

/** Hands out tokens. */
export class Tokens {
  readonly #source: AccessToken | undefined;
  #last: string | undefined;
  #refreshing: Promise<string> | undefined;

  constructor(source: AccessToken | undefined) {
    this.#source = source;
  }

  /** Whether asking again can bring another token. */
  get renewable(): boolean {
    return typeof this.#source === "function";
  }

  /** The current token. */
  async current(): Promise<string | undefined> {
    if (typeof this.#source !== "function") return this.#source;
    this.#last = await this.#source({ expired: false });
    return this.#last;
  }

  /** The token after `old`, which the server called expired. */
  async after(old: string): Promise<string | undefined> {
    const source = this.#source;
    if (typeof source !== "function") return source;
    if (this.#refreshing) return this.#refreshing;
    // Another call has refreshed while this one was on its way.
    if (this.#last !== old) return this.#last;
    this.#refreshing = (async () => source({ expired: true }))();
    try {
      this.#last = await this.#refreshing;
      return this.#last;
    } finally {
      this.#refreshing = undefined;
    }
  }
}
