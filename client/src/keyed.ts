// Written by `cargo xtask client` from docs/openapi.json. Don't edit.

/** The calls that take an idempotency key. */
export const KEYED: ReadonlySet<string> = new Set([
  "POST /orders",
  "POST /orders/{id}/payments",
  "POST /payments/{id}/refunds",
]);
