// One try that brought no success, as facts. Whatever decides something looks at these alone.

import { readProblem, type Problem } from "./problem.ts";
import { retryAfterMs } from "./retry_after.ts";
import type { Tried } from "./attempt.ts";

/** A try without success. */
export interface Failure {
  /** HTTP status; 0 when there was no whole answer. */
  status: number;
  /** The problem's code, or one of our own: `network_error`, `timeout`, `answer_unreadable`. */
  code: string;
  /** What went wrong, in a sentence. */
  detail: string;
  /** The server's word on whether the same request may succeed later. */
  retryable?: boolean;
  /** The least time to wait before the next try. */
  retryAfterMs?: number;
  requestId?: string;
  problem?: Problem;
  cause?: unknown;
}

/** Reads a try, or answers nothing when it succeeded. 304 is a success: it answers a condition. */
export function failureOf(tried: Tried, now: number): Failure | undefined {
  if (tried.kind === "network") {
    const detail = "No whole answer came: the network failed or the connection was cut.";
    return { status: 0, code: "network_error", detail, cause: tried.cause };
  }
  if (tried.kind === "timeout") {
    return { status: 0, code: "timeout", detail: "No whole answer came in time." };
  }
  const { status, headers, text } = tried;
  const requestId = headers.get("x-request-id");
  const ids = requestId === null ? {} : { requestId };
  if (status === 304) return undefined;
  if (status >= 200 && status < 300) {
    if (isJson(text)) return undefined;
    // A captive portal's page, for example. Whether the server ever saw the request is open.
    return { status: 0, code: "answer_unreadable", detail: "The answer is no JSON.", ...ids };
  }
  return { ...refusal(tried, now), ...ids };
}

function refusal(answer: Tried & { kind: "answer" }, now: number): Failure {
  const { status, headers, text } = answer;
  const problem = readProblem(text);
  const wait = retryAfterMs(headers, now) ?? seconds(problem?.retry?.after_seconds);
  const retryable = problem?.retry?.retryable;
  return {
    status,
    code: problem?.code ?? headers.get("error-code") ?? `http_${status}`,
    detail: problem?.detail || `The server answered ${status}.`,
    ...(typeof retryable === "boolean" && { retryable }),
    ...(wait !== undefined && { retryAfterMs: wait }),
    ...(problem?.request_id !== undefined && { requestId: problem.request_id }),
    ...(problem && { problem }),
  };
}

function seconds(value: number | null | undefined): number | undefined {
  return typeof value === "number" && value >= 0 ? value * 1000 : undefined;
}

function isJson(text: string): boolean {
  if (text === "") return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
