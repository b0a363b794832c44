// What the compiler must accept and refuse. Nothing here runs; `tsc` is the test.

import type { Client, components } from "../src/index.ts";
import { AN_ORDER } from "./server.ts";

export async function accepted(client: Client): Promise<components["schemas"]["Order"]> {
  for await (const product of client.pages("/products", { query: { q: "shoe" } })) {
    product.price.amount satisfies number;
  }
  const products = await client.GET("/products");
  products.data.next_cursor satisfies string | null | undefined;
  const { data } = await client.POST("/orders", { body: AN_ORDER, key: "k" });
  const params = { path: { id: "prd_1" } };
  const { data: product } = await client.GET("/products/{id}", { params });
  product satisfies object;
  const { data: perhaps } = await client.GET("/products/{id}", { params, ifNoneMatch: '"1"' });
  perhaps?.name satisfies string | undefined;
  const gone = await client.DELETE("/products/{id}", { params, ifMatch: '"1"' });
  gone.data satisfies undefined;
  return data;
}

export async function refused(client: Client): Promise<void> {
  // @ts-expect-error: no such path
  await client.GET("/nothing");
  // @ts-expect-error: no such parameter
  await client.GET("/products", { params: { query: { colour: "red" } } });
  // @ts-expect-error: the id is missing
  await client.GET("/products/{id}");
  // @ts-expect-error: the body is missing
  await client.POST("/orders");
  // @ts-expect-error: not a number of units
  await client.POST("/orders", { body: { ...AN_ORDER, items: [{ product_id: "p", quantity: "2" }] } });
  const params = { path: { id: "prd_1" } };
  const { data } = await client.GET("/products/{id}", { params, ifNoneMatch: '"1"' });
  // @ts-expect-error: the answer to a condition may have no body
  data.name;
  const body = { name: "A" };
  const minimal = await client.PATCH("/products/{id}", { params, body, prefer: "minimal" });
  // @ts-expect-error: nor has one that was asked to be brief
  minimal.data.name;
  // @ts-expect-error: no such preference
  await client.PATCH("/products/{id}", { params, body, prefer: "maximal" });
  // @ts-expect-error: one resource is no list
  client.pages("/products/{id}");
}
