// Written by `cargo xtask client` from docs/openapi.json. Don't edit.

/** The calls that take an idempotency key. */
export const KEYED: ReadonlySet<string> = new Set([
  "DELETE /admin/firewall",
  "DELETE /admin/webhooks/{id}",
  "DELETE /orders/{id}",
  "DELETE /products/{id}",
  "DELETE /users/{id}",
  "DELETE /users/{id}/payment-methods/{method_id}",
  "DELETE /users/{id}/push-subscriptions/{subscription_id}",
  "PATCH /admin/webhooks/{id}",
  "PATCH /orders/{id}",
  "PATCH /products/{id}",
  "PATCH /users/{id}",
  "POST /admin/webhooks",
  "POST /admin/webhooks/{id}/rotate",
  "POST /admin/webhooks/{id}/test",
  "POST /orders",
  "POST /orders/{id}/payments",
  "POST /payments/{id}/refunds",
  "POST /products",
  "POST /users/{id}/payment-methods",
  "POST /users/{id}/push-subscriptions",
  "PUT /admin/firewall",
  "PUT /orders/{id}/status",
  "PUT /products/{id}",
  "PUT /users/{id}",
]);
