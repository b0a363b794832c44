// @headgate/client: what an app imports.

export { createClient, type Client, type ClientOptions } from "./client.ts";
export type { Fetch } from "./attempt.ts";
export type { Clock } from "./clock.ts";
export { HeadgateError, OutcomeUnknownError, type ClientCode } from "./error.ts";
export type { CallOptions, Data, Success } from "./methods.ts";
export type { FieldError, Outcome, Problem } from "./problem.ts";
export { decide, RETRY, type Decision, type Facts, type RetryPolicy } from "./retry.ts";
export type { components, operations, paths } from "./schema.ts";
export type { AccessToken } from "./token.ts";
