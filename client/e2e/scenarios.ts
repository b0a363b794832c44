// What must hold of the client between an app and the real edge. The same scenarios run in Node and
// in a browser's page, so nothing here may be of either.

import {
  createClient,
  HeadgateError,
  OutcomeUnknownError,
  type Client,
  type ClientOptions,
  type components,
} from "@headgate/client";
import type { Fault, Seen } from "./chaos.ts";

type Order = components["schemas"]["Order"];
type NewOrder = components["schemas"]["NewOrder"];

/** Where the scenarios play. */
export interface Stage {
  /** The chaos proxy, behind which the edge is. */
  url: string;
  customerToken: string;
  adminToken: string;
}

/** The scenarios by name. */
export const SCENARIOS: Record<string, (stage: Stage) => Promise<void>> = {
  async "a list comes page after page"(stage) {
    const client = customer(stage);
    const { data: page } = await client.GET("/products", { params: { query: { limit: 20 } } });
    const rows: string[] = [];
    for await (const product of client.pages("/products", { query: { limit: 7 } })) {
      rows.push(product.id);
      if (rows.length === 20) break;
    }
    same(rows, page.data.map((product) => product.id), "rows");
  },

  async "a product is read once while its ETag holds"(stage) {
    const client = customer(stage);
    const id = (await aProduct(client)).id;
    const params = { path: { id } };
    const { data, response } = await client.GET("/products/{id}", { params });
    same(data.id, id, "id");
    const etag = response.headers.get("etag");
    if (etag === null) throw new Error("The ETag can't be read.");
    const again = await client.GET("/products/{id}", { params, ifNoneMatch: etag });
    same(again.response.status, 304, "status");
  },

  async "a change is refused when the product has changed since"(stage) {
    const client = createClient({ ...options(stage), accessToken: stage.adminToken });
    const params = { path: { id: (await aProduct(client)).id } };
    const description = `A fine thing 🧵 ${mark()}`;
    const { response } = await client.GET("/products/{id}", { params });
    const ifMatch = response.headers.get("etag") ?? "";
    const { data } = await client.PATCH("/products/{id}", { params, body: { description }, ifMatch });
    same(data.description, description, "description");
    const body = { description: "Older" };
    const error = await refused(client.PATCH("/products/{id}", { params, body, ifMatch }));
    same([error.status, error.code], [412, "precondition_failed"], "refusal");
  },

  async "an order whose reply is lost is there once"(stage) {
    await orderedOnce(stage, ["lose_reply"], 2);
  },

  async "an order whose reply is cut in the middle is there once"(stage) {
    await orderedOnce(stage, ["cut_reply"], 2);
  },

  async "an order whose request is lost is there once"(stage) {
    await orderedOnce(stage, ["lose_request"], 2);
  },

  async "an order that loses a request and two replies is there once"(stage) {
    await orderedOnce(stage, ["lose_request", "lose_reply", "lose_reply"], 4);
  },

  async "an order whose reply does not come in time is there once"(stage) {
    await orderedOnce(stage, ["hold_reply"], 2, { tryMs: 2_000 });
  },

  async "Retry-After is waited for"(stage) {
    const [first, second] = await orderedOnce(stage, [{ retryAfter: 1 }], 2);
    const waited = (second?.at ?? 0) - (first?.at ?? 0);
    if (waited < 1_000) throw new Error(`It waited ${waited} ms.`);
  },

  async "an app that had to give up goes on with the error's key"(stage) {
    const client = customer(stage);
    const body = { ...(await anOrder(client)), note: mark() };
    await script(stage, [], "lose_reply");
    const error = await refused(client.POST("/orders", { body }));
    if (!(error instanceof OutcomeUnknownError)) throw new Error(`Not unknown: ${error.message}`);
    same([error.tries, error.safeNewKey], [5, false], "tries, safe_new_key");
    await script(stage, []);
    // As after a restart: another client, and nothing left but body and key.
    const key = error.idempotencyKey ?? "";
    const { data } = await customer(stage).POST("/orders", { body, key });
    same((await ordersOf(client, body.note)).map((order) => order.id), [data.id], "orders");
  },

  async "a declined card says why"(stage) {
    const client = customer(stage);
    const body = { ...(await anOrder(client)), payment_method: "pm_card_insufficient_funds" };
    const error = await refused(client.POST("/orders", { body }));
    same(
      [error.status, error.code, error.declineCode, error.outcome, error.safeNewKey, error.tries],
      [402, "payment_declined", "insufficient_funds", "applied", true, 1],
      "refusal",
    );
  },

  async "a key serves one order"(stage) {
    const client = customer(stage);
    const body = { ...(await anOrder(client)), note: mark() };
    const key = `reused-${body.note}`;
    await client.POST("/orders", { body, key });
    const error = await refused(client.POST("/orders", { body: { ...body, note: "other" }, key }));
    same([error.status, error.code], [422, "idempotency_key_reused"], "refusal");
  },

  async "a price that changed comes with the current total"(stage) {
    const client = customer(stage);
    const body = await anOrder(client);
    const { amount, currency } = body.expected_total;
    const old = { ...body, expected_total: { amount: amount + 1, currency } };
    const error = await refused(client.POST("/orders", { body: old }));
    same(
      [error.code, error.outcome, error.safeNewKey, error.problem?.["total"]],
      ["price_changed", "not_applied", true, { amount, currency }],
      "refusal",
    );
  },

  async "a body's faults come all at once"(stage) {
    const client = customer(stage);
    const body = { ...(await anOrder(client)), items: [], payment_method: "" };
    const error = await refused(client.POST("/orders", { body }));
    same(error.code, "body_invalid", "code");
    same(error.errors.map((fault) => fault.pointer).sort(), ["/items", "/payment_method"], "errors");
    same(typeof error.requestId, "string", "request id");
  },

  async "a caller without a token is refused once"(stage) {
    const client = createClient(options(stage));
    const error = await refused(client.GET("/orders"));
    same([error.status, error.code, error.tries], [401, "token_missing", 1], "refusal");
  },
};

function options(stage: Stage, retry: ClientOptions["retry"] = {}): ClientOptions {
  // No waits but those that the server asks for.
  return { baseUrl: stage.url, retry, random: () => 0 };
}

function customer(stage: Stage, retry?: ClientOptions["retry"]): Client {
  return createClient({ ...options(stage, retry), accessToken: stage.customerToken });
}

/** Orders under faults, and answers what the proxy saw. */
async function orderedOnce(
  stage: Stage,
  faults: Fault[],
  tries: number,
  retry?: ClientOptions["retry"],
): Promise<Seen[]> {
  const client = customer(stage, retry);
  const body = { ...(await anOrder(client)), note: mark() };
  await script(stage, faults);
  const { data, response } = await client.POST("/orders", { body });
  same([response.status, data.status, data.note], [201, "confirmed", body.note], "the order");
  const seen = await seenBy(stage);
  // A browser may repeat a request by itself, so there may be more; each fault was met by one.
  if (seen.length < tries) throw new Error(`Only ${seen.length} tries were seen.`);
  same(new Set(seen.map((request) => request.key)).size, 1, "keys");
  const orders = await ordersOf(client, body.note);
  same(orders.map((order) => order.id), [data.id], "orders");
  return seen;
}

async function ordersOf(client: Client, note: string): Promise<Order[]> {
  const found: Order[] = [];
  for await (const order of client.pages("/orders", { query: { limit: 100 } })) {
    if (order.note === note) found.push(order);
  }
  return found;
}

async function aProduct(client: Client): Promise<components["schemas"]["Product"]> {
  for await (const product of client.pages("/products", { query: { limit: 100 } })) {
    if (product.availability === "in_stock") return product;
  }
  throw new Error("Nothing is in stock.");
}

async function anOrder(client: Client): Promise<NewOrder> {
  const product = await aProduct(client);
  return {
    items: [{ product_id: product.id, quantity: 1 }],
    payment_method: "pm_card_visa",
    expected_total: product.price,
    shipping_address: {
      name: "Ada", line1: "1 Main St", city: "Bern", postal_code: "3000", country: "CH",
    },
  };
}

async function script(stage: Stage, faults: Fault[], then: Fault = "pass"): Promise<void> {
  const body = JSON.stringify({ method: "POST", path: "/v2/orders", faults, then });
  await fetch(`${stage.url}/chaos`, { method: "PUT", body });
}

async function seenBy(stage: Stage): Promise<Seen[]> {
  return (await fetch(`${stage.url}/chaos`)).json() as Promise<Seen[]>;
}

async function refused(call: Promise<unknown>): Promise<HeadgateError> {
  const error = await call.then(
    () => new Error("The call must fail."),
    (error: unknown) => error,
  );
  if (error instanceof HeadgateError) return error;
  throw error;
}

/** A text that no other order has. */
function mark(): string {
  return `e2e ${Date.now()} ${Math.random()}`;
}

function same(found: unknown, expected: unknown, what: string): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${what}: ${one}, expected ${other}`);
}
