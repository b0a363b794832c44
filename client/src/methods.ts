// The types of the calls, derived from the generated schema.

import type { ParamsOption, RequestBodyOption } from "openapi-fetch";
import type {
  FilterKeys,
  HttpMethod,
  PathsWithMethod,
  RequiredKeysOf,
  SuccessResponse,
} from "openapi-typescript-helpers";
import type { paths } from "./schema.ts";

/** What any call may say besides its parameters and its body. */
export interface CallOptions {
  /**
   * The idempotency key, where the call takes one. Without it each call gets a fresh UUID. Give it
   * to repeat a call whose outcome is unknown.
   */
  key?: string;
  /** Changes the resource only in this state: the `ETag` of an earlier answer. */
  ifMatch?: string;
  /** Answers 304 without data when the resource is still in this state. */
  ifNoneMatch?: string;
  /** `minimal`: no body in the answer to a write; `data` is undefined then. */
  prefer?: "minimal";
  /** Ends the call, waits included. */
  signal?: AbortSignal;
  /** What the whole call may take, waits included, instead of the client's limit. */
  limitMs?: number;
}

/** An operation of the schema. */
export type Operation<Path extends keyof paths, Method extends HttpMethod> = FilterKeys<
  paths[Path],
  Method
>;

/** The data that a successful call brings, when its answer has a body. */
export type Data<Op> = Op extends { responses: infer R extends Record<string | number, unknown> }
  ? Bodied<SuccessResponse<R>>
  : never;

/** An answer may come without a body, if that was asked for; only a 204 alone never has one. */
type Bodied<Body> = [Exclude<Body, undefined>] extends [never] ? undefined : Exclude<Body, undefined>;

/** What a successful call resolves to. */
export interface Success<Data> {
  data: Data;
  /** Its status and header fields; the body was read. */
  response: Response;
}

type Init<Op> = ParamsOption<Op> & RequestBodyOption<Op> & Omit<CallOptions, keyof Bodiless>;

/** The options by which a call asks for an answer without a body. */
type Bodiless = Required<Pick<CallOptions, "prefer" | "ifNoneMatch">>;

/** What a call has said of those: nothing, unless the compiler sees more. */
interface Said<Prefer, IfNoneMatch> {
  prefer?: Prefer;
  ifNoneMatch?: IfNoneMatch;
}

/** The calls of one method. */
export type Method<M extends HttpMethod> = <
  Path extends PathsWithMethod<paths, M>,
  Prefer extends Bodiless["prefer"] = never,
  IfNoneMatch extends Bodiless["ifNoneMatch"] = never,
>(
  path: Path,
  ...init: RequiredKeysOf<Init<Operation<Path, M>>> extends never
    ? [(Init<Operation<Path, M>> & Said<Prefer, IfNoneMatch>)?]
    : [Init<Operation<Path, M>> & Said<Prefer, IfNoneMatch>]
) => Promise<
  Success<
    | Data<Operation<Path, M>>
    | ([Prefer | IfNoneMatch] extends [never] ? never : undefined)
  >
>;

/** A page of a list. */
export interface Page<Row> {
  data: Row[];
  next_cursor?: string | null;
}

/** The paths that answer GET with a list. */
export type ListPath = {
  [Path in PathsWithMethod<paths, "get">]: Data<Operation<Path, "get">> extends Page<unknown>
    ? Path
    : never;
}[PathsWithMethod<paths, "get">];

/** What a list holds. */
export type Row<Path extends ListPath> =
  Data<Operation<Path, "get">> extends Page<infer Entry> ? Entry : never;

type Parameters<Op> = Op extends { parameters: infer P } ? P : never;

/** A list's parameters; the cursor is the client's business. */
export type PagesInit<Path extends ListPath> = Pick<
  Parameters<Operation<Path, "get">>,
  Extract<keyof Parameters<Operation<Path, "get">>, "query" | "path">
> &
  Pick<CallOptions, "signal" | "limitMs">;
