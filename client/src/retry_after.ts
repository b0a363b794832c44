// Retry-After [RFC 9110 §10.2.3]: seconds, or a date.

/** Milliseconds to wait, or nothing when the field is absent or makes no sense. */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const value = headers.get("retry-after")?.trim();
  if (!value) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const until = Date.parse(value);
  if (Number.isNaN(until)) return undefined;
  // The answer's own Date is the clock that the server meant; a phone's may be wrong by hours.
  const sent = Date.parse(headers.get("date") ?? "");
  return Math.max(0, until - (Number.isNaN(sent) ? now : sent));
}
