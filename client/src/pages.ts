// Lists, row by row: each page is asked for when its first row is wanted.

import type { Page } from "./methods.ts";

/** Follows `next_cursor` from page to page. */
export async function* pages<Row>(
  read: (cursor: string | undefined) => Promise<Page<Row>>,
): AsyncGenerator<Row, void, undefined> {
  let cursor: string | undefined;
  for (;;) {
    const page = await read(cursor);
    yield* page.data;
    const next = page.next_cursor ?? undefined;
    if (next === undefined) return;
    // A server that answers the same page for ever must not hang the app.
    if (next === cursor) throw new Error("The list's next page is the page itself.");
    cursor = next;
  }
}
