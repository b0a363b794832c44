// What a refused call throws.

import type { Failure } from "./failure.ts";
import type { FieldError, Outcome, Problem } from "./problem.ts";

/** Codes of the client itself, where no server spoke. */
export type ClientCode =
  | "network_error"
  | "timeout"
  | "aborted"
  | "answer_unreadable"
  | "token_unavailable";

/** What a failed call knows besides its last failure. */
export interface Circumstances {
  method: string;
  path: string;
  /** Tries made. */
  tries: number;
  key?: string | undefined;
  /** Absent on safe methods, which do no work. */
  outcome?: Outcome | undefined;
}

/** A call that did not succeed. `code` says why; `outcome` says what became of the work. */
export class HeadgateError extends Error {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** The problem's code, such as `price_changed`, or a {@link ClientCode}. */
  readonly code: string;
  /** What is wrong, in a sentence that names the fix. */
  readonly detail: string;
  /** For the shop's support. */
  readonly requestId: string | undefined;
  /** What is wrong with the body, all at once. */
  readonly errors: FieldError[];
  /** Seconds until another try makes sense. */
  readonly retryAfter: number | undefined;
  /** What became of the work; absent on safe methods. */
  readonly outcome: Outcome | undefined;
  /** Whether a new key can't do the work twice. Absent on safe methods. */
  readonly safeNewKey: boolean | undefined;
  /** Why a card was declined. */
  readonly declineCode: string | undefined;
  /** The key of the call. Kept, it lets the app go on after a restart. */
  readonly idempotencyKey: string | undefined;
  /** The whole document, with members such as `total` of `price_changed`. */
  readonly problem: Problem | undefined;
  /** Tries made. */
  readonly tries: number;

  constructor(failure: Failure, circumstances: Circumstances) {
    const { method, path, tries, key, outcome } = circumstances;
    super(
      `${method} ${path}: ${failure.code}: ${failure.detail}${advice(outcome, key)}`,
      failure.cause === undefined ? undefined : { cause: failure.cause },
    );
    this.name = "HeadgateError";
    this.status = failure.status;
    this.code = failure.code;
    this.detail = failure.detail;
    this.requestId = failure.requestId;
    this.errors = failure.problem?.errors ?? [];
    this.retryAfter =
      failure.retryAfterMs === undefined ? undefined : Math.ceil(failure.retryAfterMs / 1000);
    this.outcome = outcome;
    this.safeNewKey =
      outcome === undefined
        ? undefined
        : outcome !== "unknown" && failure.problem?.safe_new_key !== false;
    this.declineCode = failure.problem?.error?.decline_code;
    this.idempotencyKey = key;
    this.problem = failure.problem;
    this.tries = tries;
  }
}

/** The work may have been done. Only the same key tells, and only it can't do it twice. */
export class OutcomeUnknownError extends HeadgateError {
  constructor(failure: Failure, circumstances: Circumstances) {
    super(failure, circumstances);
    this.name = "OutcomeUnknownError";
  }
}

/** The error of a failed call. */
export function errorOf(failure: Failure, circumstances: Circumstances): HeadgateError {
  const unknown = circumstances.outcome === "unknown";
  return new (unknown ? OutcomeUnknownError : HeadgateError)(failure, circumstances);
}

function advice(outcome: Outcome | undefined, key: string | undefined): string {
  if (outcome !== "unknown") return "";
  return key === undefined
    ? " Whether it was applied is unknown: read the resource before you repeat it."
    : ` Whether it was applied is unknown: repeat it with the same key only (${key}).`;
}
