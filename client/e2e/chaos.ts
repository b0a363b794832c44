// A proxy before the edge that fails on demand, as networks do.
//
// A test hands it a script for one method and path; each such request uses up one fault, and
// everything else passes. The page of the browser test scripts it over HTTP, at /chaos.

import { createServer, request as send, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What becomes of one request. */
export type Fault =
  | "pass"
  | "lose_request" // cut before anything is forwarded
  | "lose_reply" // forwarded and answered, and cut before the answer
  | "cut_reply" // cut in the middle of the answer
  | "hold_reply" // answered by the edge; the client waits until it gives up
  | { retryAfter: number }; // 503 from something in between

/** A script, and what the proxy saw since it was set. */
export interface Script {
  method: string;
  path: string;
  faults: Fault[];
  /** What becomes of the requests after those; they pass unless told otherwise. */
  then?: Fault;
}

/** A request that a script was for. */
export interface Seen {
  fault: Fault;
  key: string | null;
  /** Milliseconds since 1970. */
  at: number;
}

/** The proxy. */
export interface Chaos {
  url: string;
  close(): Promise<void>;
}

/** Starts the proxy before an edge. */
export async function startChaos(edge: string): Promise<Chaos> {
  const proxy = new Proxy(new URL(edge));
  const server = createServer((request, response) => {
    proxy.handle(request, response).catch((error: unknown) => {
      console.error("chaos:", error);
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

class Proxy {
  readonly #edge: URL;
  #script: Script = { method: "", path: "", faults: [] };
  #seen: Seen[] = [];

  constructor(edge: URL) {
    this.#edge = edge;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request);
    const path = new URL(request.url ?? "/", this.#edge).pathname;
    if (path === "/chaos") return this.#control(request, response, body);
    const fault = this.#next(request, path);
    // A browser repeats a request by itself when the connection had been idle before it was cut.
    // With a connection a request that is rare, though not excluded: sockets opened ahead count too.
    response.setHeader("Connection", "close");
    if (fault === "lose_request") return void request.socket.destroy();
    if (typeof fault === "object") {
      response.writeHead(503, {
        "Retry-After": String(fault.retryAfter),
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "Retry-After",
      });
      return void response.end("Something in between is overloaded.");
    }
    const answer = await this.#forward(request, body);
    const bytes = await read(answer);
    if (fault === "lose_reply") return void request.socket.destroy();
    if (fault === "hold_reply") return;
    const fields = { ...answer.headers, connection: "close" };
    response.writeHead(answer.statusCode ?? 502, fields);
    if (fault === "cut_reply") {
      return void response.write(bytes.subarray(0, bytes.length / 2), () => request.socket.destroy());
    }
    response.end(bytes);
  }

  #next(request: IncomingMessage, path: string): Fault {
    if (request.method !== this.#script.method || path !== this.#script.path) return "pass";
    const fault = this.#script.faults.shift() ?? this.#script.then ?? "pass";
    const key = request.headers["idempotency-key"];
    this.#seen.push({ fault, key: typeof key === "string" ? key : null, at: Date.now() });
    return fault;
  }

  #forward(request: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const { host: _, connection: __, ...headers } = request.headers;
      const onward = send(
        new URL(request.url ?? "/", this.#edge),
        { method: request.method ?? "GET", headers: { ...headers, connection: "close" } },
        resolve,
      );
      onward.on("error", reject);
      onward.end(body);
    });
  }

  /** PUT sets a script; GET answers what was seen since. Open to any page. */
  #control(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Allow-Methods", "GET, PUT");
    if (request.method === "PUT") {
      this.#script = JSON.parse(body.toString()) as Script;
      this.#seen = [];
    }
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(this.#seen));
  }
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
