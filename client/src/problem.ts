// Problem documents [RFC 9457], read without trust: what stands between client and edge may answer
// with anything.

/** What became of the work that a failed call asked for. */
export type Outcome = "not_applied" | "unknown" | "applied";

/** One thing wrong with the request's body. */
export interface FieldError {
  /** JSON pointer into the body. */
  pointer: string;
  /** Machine-readable: `required`, `unknown`, `type`, `range`, `length`, `format`. */
  code: string;
  detail: string;
  fix: string;
}

/** A problem document. Members beyond these (such as `total` of `price_changed`) come along. */
export interface Problem {
  code: string;
  detail: string;
  errors: FieldError[];
  request_id?: string;
  retry?: { retryable?: boolean; after_seconds?: number | null; same_key?: boolean };
  outcome?: Outcome;
  safe_new_key?: boolean;
  error?: { type?: string; decline_code?: string; message?: string; doc_url?: string };
  [member: string]: unknown;
}

/** Reads a body as a problem document, or answers nothing when it is none. */
export function readProblem(text: string): Problem | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || typeof value["code"] !== "string") return undefined;
  const problem: Problem = {
    ...value,
    code: value["code"],
    detail: typeof value["detail"] === "string" ? value["detail"] : "",
    errors: Array.isArray(value["errors"]) ? value["errors"] : [],
  };
  if (!isRecord(problem.retry)) delete problem.retry;
  if (!isRecord(problem.error)) delete problem.error;
  if (!isOutcome(problem.outcome)) delete problem.outcome;
  return problem;
}

function isOutcome(value: unknown): value is Outcome {
  return value === "not_applied" || value === "unknown" || value === "applied";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
