// Written by `cargo xtask client` from docs/openapi.json. Don't edit.

export interface paths {
    "/.well-known/jwks.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the public keys of our tokens.
         * @description Read the public keys of our tokens.
         */
        get: operations["readKeySet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/analytics/daily": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what became of orders, by day, newest first.
         * @description Days are in UTC; those on which nothing happened are left out. What is ordered or read in test mode does not count.
         *
         *     Needs the scope `admin`.
         */
        get: operations["listAnalyticsDays"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List API keys, newest first.
         * @description Those that have ended, too.
         *
         *     Needs the scope `admin`.
         */
        get: operations["listApiKeys"];
        put?: never;
        /**
         * Create an API key.
         * @description The answer is the one place where the key itself stands.
         *
         *     Needs the scope `admin`.
         */
        post: operations["createApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/api-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read an API key.
         * @description Read an API key.
         *
         *     Needs the scope `admin`.
         */
        get: operations["readApiKey"];
        put?: never;
        post?: never;
        /**
         * Revoke an API key.
         * @description It holds nowhere five seconds later, at the latest.
         *
         *     Needs the scope `admin`.
         */
        delete: operations["revokeApiKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/api-keys/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rotate an API key.
         * @description Makes another key with all that this one has. This one holds for the overlap, up to seven days.
         *
         *     Needs the scope `admin`.
         */
        post: operations["rotateApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/cache/purges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make every edge forget copies.
         * @description A change of a product does this by itself; this is for what the API can't know of. Accepted, it
         *     reaches every edge, within two seconds unless the edge is down, and then once it is back. `soft`
         *     lets copies answer while they are fetched anew.
         *
         *     Needs the scope `cache:purge`.
         */
        post: operations["purgeCache"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what consumers gave up, newest first.
         * @description List what consumers gave up, newest first.
         *
         *     Needs the scope `admin`.
         */
        get: operations["listDeadLetters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/dead-letters/redrive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have dead letters tried again, the oldest first.
         * @description They become due one by one at the rate, ten thousand of them at most; `more` says whether others are
         *     left.
         *
         *     Needs the scope `admin`.
         */
        post: operations["redriveDeadLetters"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/dead-letters/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a dead letter.
         * @description Read a dead letter.
         *
         *     Needs the scope `admin`.
         */
        get: operations["readDeadLetter"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/dead-letters/{id}/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End a dead letter without a delivery.
         * @description What waits behind it goes on.
         *
         *     Needs the scope `admin`.
         */
        post: operations["discardDeadLetter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/dead-letters/{id}/edit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have a dead letter tried again with other data.
         * @description What the data was before stays in `edits`.
         *
         *     Needs the scope `admin`.
         */
        post: operations["editDeadLetter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/dead-letters/{id}/redrive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have a dead letter tried again, with all its tries.
         * @description Have a dead letter tried again, with all its tries.
         *
         *     Needs the scope `admin`.
         */
        post: operations["redriveDeadLetter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what happened, newest first.
         * @description The log of every change that somebody else has to hear of, as far back as it is kept. Events of one
         *     millisecond stand in no particular order.
         *
         *     Needs the scope `admin`.
         */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/firewall": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the firewall's lists.
         * @description Until they are set they are empty and not in force: those of the edge's configuration hold.
         *
         *     Needs the scope `admin`.
         */
        get: operations["readFirewall"];
        /**
         * Replace the firewall's lists.
         * @description They hold at every edge within two seconds, in the place of its configuration. Lists that leave out
         *     everybody, or whoever sends them, are refused unless `force` says that it is meant.
         *
         *     Needs the scope `admin`.
         */
        put: operations["replaceFirewall"];
        post?: never;
        /**
         * Take the firewall's lists back.
         * @description Within two seconds those of the edge's configuration hold again.
         *
         *     Needs the scope `admin`.
         */
        delete: operations["deleteFirewall"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/inventory/low": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List products of which little or nothing is left, the latest first.
         * @description List products of which little or nothing is left, the latest first.
         *
         *     Needs the scope `admin`.
         */
        get: operations["listLowStock"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/origins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the origins of the pools.
         * @description Until they are set there are none and they are not in force: those of the edge's deployment hold.
         *
         *     Needs the scope `admin`.
         */
        get: operations["readOrigins"];
        /**
         * Replace the origins of the pools.
         * @description They hold at every edge within seconds, in the place of those of its deployment, for the pools that let them.
         *     The edge signs callers to whoever is listed.
         *
         *     Needs the scope `admin`.
         */
        put: operations["replaceOrigins"];
        post?: never;
        /**
         * Take the origins of the pools back.
         * @description Within seconds those of the edge's deployment hold again.
         *
         *     Needs the scope `admin`.
         */
        delete: operations["deleteOrigins"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/plans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List plans, newest first.
         * @description List plans, newest first.
         *
         *     Needs the scope `admin`.
         */
        get: operations["listPlans"];
        put?: never;
        /**
         * Create a plan.
         * @description Create a plan.
         *
         *     Needs the scope `admin`.
         */
        post: operations["createPlan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/plans/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a plan.
         * @description Read a plan.
         *
         *     Needs the scope `admin`.
         */
        get: operations["readPlan"];
        /**
         * Replace a plan.
         * @description It holds for its keys within two seconds.
         *
         *     Needs the scope `admin`.
         */
        put: operations["replacePlan"];
        post?: never;
        /**
         * Delete a plan.
         * @description One that keys which still hold are on is not deleted.
         *
         *     Needs the scope `admin`.
         */
        delete: operations["deletePlan"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/revocations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the revocations in force, newest first.
         * @description List the revocations in force, newest first.
         *
         *     Needs the scope `admin`.
         */
        get: operations["listRevocations"];
        put?: never;
        /**
         * Revoke access tokens.
         * @description One by its id, or all that a subject was issued until now. They hold nowhere five seconds later, at
         *     the latest.
         *
         *     Needs the scope `admin`.
         */
        post: operations["createRevocation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List webhooks, newest first.
         * @description List webhooks, newest first.
         *
         *     Needs the scope `admin`.
         */
        get: operations["listWebhooks"];
        put?: never;
        /**
         * Create a webhook.
         * @description Events are sent to its URL by POST, signed as Standard Webhooks has it. The secret is shown here and
         *     nowhere else. There are at most 50.
         *
         *     Needs the scope `admin`.
         */
        post: operations["createWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/webhooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a webhook.
         * @description Read a webhook.
         *
         *     Needs the scope `admin`.
         */
        get: operations["readWebhook"];
        put?: never;
        post?: never;
        /**
         * Delete a webhook, and all that waits for it.
         * @description Delete a webhook, and all that waits for it.
         *
         *     Needs the scope `admin`.
         */
        delete: operations["deleteWebhook"];
        options?: never;
        head?: never;
        /**
         * Change a webhook: its URL, its events, or whether it is switched on.
         * @description One that a 410 switched off is switched on again by `enabled: true`.
         *
         *     Needs the scope `admin`.
         */
        patch: operations["patchWebhook"];
        trace?: never;
    };
    "/admin/webhooks/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List a webhook's deliveries, newest first.
         * @description With every try: what the receiver answered, or why it did not. They are kept for 30 days.
         *
         *     Needs the scope `admin`.
         */
        get: operations["listWebhookDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/webhooks/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replace a webhook's secret.
         * @description The new one is shown here and nowhere else. The one before it signs beside it for a while, so that
         *     the receiver can take the new one up when it likes. The pair of keys behind `public_key` is
         *     replaced along with it.
         *
         *     Needs the scope `admin`.
         */
        post: operations["rotateWebhookSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/webhooks/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a ping.
         * @description It is signed as events are, and tried once; its delivery says what came of it.
         *
         *     Needs the scope `admin`.
         */
        post: operations["testWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ask whether the process answers.
         * @description Ask whether the process answers.
         */
        get: operations["readHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/idempotency-keys/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Look at one of your own idempotency keys.
         * @description A key that is not found is free: no request with it has changed anything, though one may be under
         *     way.
         */
        get: operations["readIdempotencyKey"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oauth/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get an access token as a client.
         * @description For partners and services, by the grant `client_credentials` [RFC 6749 §4.4]. The credentials stand in
         *     the body or, by Basic, in the Authorization field. Refusals have the form of RFC 6749.
         */
        post: operations["createToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read this API's OpenAPI document.
         * @description Read this API's OpenAPI document.
         */
        get: operations["readOpenapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List orders, newest first: one's own, or everyone's with the scope for it.
         * @description List orders, newest first: one's own, or everyone's with the scope for it.
         *
         *     Needs the scope `orders:read`.
         */
        get: operations["listOrders"];
        put?: never;
        /**
         * Place an order.
         * @description Reserves the stock, charges the payment method, and confirms; all of it once for each
         *     `Idempotency-Key`, however often the request is repeated.
         *
         *     Needs the scope `orders:write`.
         */
        post: operations["createOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read an order.
         * @description Read an order.
         *
         *     Needs the scope `orders:read`.
         */
        get: operations["readOrder"];
        put?: never;
        post?: never;
        /**
         * Delete an order of one's own.
         * @description Cancels a confirmed order and hides it from its owner; one that is at its end is only hidden.
         *     Support and admins still see it. What was paid goes back as with any cancelled order.
         *
         *     Needs the scope `orders:write`.
         */
        delete: operations["deleteOrder"];
        options?: never;
        head?: never;
        /**
         * Change an order's address or note.
         * @description Takes a merge patch [RFC 7396] or a JSON Patch [RFC 6902]. Only while the order is confirmed: not
         *     while its payment is under way, and not once it is fulfilled or at its end.
         *
         *     Needs the scope `orders:write`.
         */
        patch: operations["patchOrder"];
        trace?: never;
    };
    "/orders/{id}/payments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the payments of an order, the latest first.
         * @description All of them: an order may be tried to pay 20 times.
         *
         *     Needs the scope `orders:read`.
         */
        get: operations["listOrderPayments"];
        put?: never;
        /**
         * Pay an order again.
         * @description After its payment has failed, at the price at which it was ordered. The stock is reserved anew;
         *     once for each `Idempotency-Key`, which is another one than the order's.
         *
         *     Needs the scope `orders:write`.
         */
        post: operations["payOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Move an order to another status.
         * @description To `cancelled`: by its owner or an admin, while it is confirmed; the stock is free again and what
         *     was paid goes back. To `fulfilled`: by an admin. An order that stands there already is answered
         *     as it is.
         *
         *     Needs the scope `orders:write`.
         */
        put: operations["moveOrder"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List one's own payments: those of the newest orders first.
         * @description List one's own payments: those of the newest orders first.
         *
         *     Needs the scope `orders:read`.
         */
        get: operations["listPayments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a payment.
         * @description It can still be read when its order was deleted, so that its owner can follow the refund.
         *
         *     Needs the scope `orders:read`.
         */
        get: operations["readPayment"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/{id}/refunds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the refunds of a payment, oldest first.
         * @description Those that were asked for. What goes back because an order was cancelled is told by the payment's
         *     own status.
         *
         *     Needs the scope `orders:read`.
         */
        get: operations["listRefunds"];
        put?: never;
        /**
         * Pay a payment back, or a part of it.
         * @description All refunds together are at most the payment; once nothing is left of it, its order is
         *     `refunded`. Money alone moves: to have the stock back as well, cancel the order.
         *
         *     Needs the scope `admin`.
         */
        post: operations["createRefund"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/{id}/refunds/{refund_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a refund.
         * @description Read a refund.
         *
         *     Needs the scope `orders:read`.
         */
        get: operations["readRefund"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/products": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List products, or search them.
         * @description List products, or search them.
         */
        get: operations["listProducts"];
        put?: never;
        /**
         * Add a product.
         * @description Add a product.
         *
         *     Needs the scope `products:write`.
         */
        post: operations["createProduct"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/products/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Search products with filters that are too long for a URL.
         * @description Search products with filters that are too long for a URL.
         */
        post: operations["searchProducts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/products/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a product.
         * @description Read a product.
         */
        get: operations["readProduct"];
        /**
         * Replace a product, or create it under an id of yours.
         * @description The body is the whole product: what it leaves out is cleared. `If-None-Match: *` in place of
         *     `If-Match` creates the product if the id is free.
         *
         *     Needs the scope `products:write`.
         */
        put: operations["replaceProduct"];
        post?: never;
        /**
         * Delete a product.
         * @description It is gone from lists and from sale, and its article number is free again. Orders that have it
         *     go on.
         *
         *     Needs the scope `products:write`.
         */
        delete: operations["deleteProduct"];
        options?: never;
        head?: never;
        /**
         * Change some of a product's members.
         * @description Takes a merge patch [RFC 7396] or a JSON Patch [RFC 6902] over the document that PUT takes.
         *
         *     Needs the scope `products:write`.
         */
        patch: operations["patchProduct"];
        trace?: never;
    };
    "/push-key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the key that pushes are signed with.
         * @description It is `applicationServerKey` of `pushManager.subscribe()`.
         */
        get: operations["readPushKey"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ask whether it would serve a request now.
         * @description 503 while the process ends, or while its database is away or has an older schema.
         */
        get: operations["readReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in.
         * @description After some failures of an account, or from an address, signing in is closed for a while that grows
         *     with each further one.
         */
        post: operations["createSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Sign out.
         * @description Which session it is, the refresh token in the body says, or else the access token. Its refresh
         *     tokens no longer hold; access tokens run out within ten minutes.
         */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Exchange a refresh token.
         * @description Each is exchanged once, for an access token and the next refresh token. One that comes again ends the
         *     session. Only under the `Idempotency-Key` that it was exchanged under, within ten seconds, it gets the
         *     same successor, unless that was used: the answer was lost.
         */
        post: operations["refreshSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Register as a customer.
         * @description Needs no token.
         */
        post: operations["createUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a user.
         * @description Oneself; anybody for support and admins.
         *
         *     Needs the scope `users:read`.
         */
        get: operations["readUser"];
        /**
         * Replace a user.
         * @description The body is all that a client may write: optional members that are absent become null. The
         *     password stays unless a new one is sent.
         *
         *     Needs the scope `users:write`.
         */
        put: operations["replaceUser"];
        post?: never;
        /**
         * Delete a user.
         * @description The person is forgotten, with its payment methods, and the email address is free again. Its
         *     orders stay. Its sessions end.
         *
         *     Needs the scope `users:write`.
         */
        delete: operations["deleteUser"];
        options?: never;
        head?: never;
        /**
         * Change some of a user's members.
         * @description Takes a merge patch [RFC 7396] or a JSON Patch [RFC 6902] over the document that PUT takes.
         *
         *     Needs the scope `users:write`.
         */
        patch: operations["patchUser"];
        trace?: never;
    };
    "/users/{id}/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List a user's orders, newest first.
         * @description List a user's orders, newest first.
         *
         *     Needs the scope `orders:read`.
         */
        get: operations["listUserOrders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/{id}/payment-methods": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List a user's payment methods, newest first.
         * @description There are at most 20.
         *
         *     Needs the scope `users:read`.
         */
        get: operations["listPaymentMethods"];
        put?: never;
        /**
         * Put a payment method by.
         * @description At most 20 a user. The new one is the default if it says so.
         *
         *     Needs the scope `users:write`.
         */
        post: operations["createPaymentMethod"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/{id}/payment-methods/{method_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a payment method.
         * @description Read a payment method.
         *
         *     Needs the scope `users:read`.
         */
        get: operations["readPaymentMethod"];
        put?: never;
        post?: never;
        /**
         * Delete a payment method.
         * @description Orders that were paid with it stay as they are.
         *
         *     Needs the scope `users:write`.
         */
        delete: operations["deletePaymentMethod"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/{id}/profile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a user at a glance.
         * @description Read a user at a glance.
         *
         *     Needs the scope `users:read`.
         */
        get: operations["readProfile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/{id}/push-subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the browsers that hear of a user's orders, newest first.
         * @description There are at most 20.
         *
         *     Needs the scope `users:read`.
         */
        get: operations["listPushSubscriptions"];
        put?: never;
        /**
         * Let a browser hear of a user's orders.
         * @description Subscribe in the browser with the key of GET /push-key, and send `endpoint` and `keys` of what
         *     `pushManager.subscribe()` gives. A browser that is there keeps its id and gets the new keys; one that was
         *     another user's is this user's from now on. At most 20 a user.
         *
         *     Needs the scope `users:write`.
         */
        post: operations["createPushSubscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/{id}/push-subscriptions/{subscription_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a push subscription.
         * @description Read a push subscription.
         *
         *     Needs the scope `users:read`.
         */
        get: operations["readPushSubscription"];
        put?: never;
        post?: never;
        /**
         * Delete a push subscription.
         * @description The browser hears of nothing more, not even of what was on its way.
         *
         *     Needs the scope `users:write`.
         */
        delete: operations["deletePushSubscription"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/account/deprecations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the deprecated routes that the account still uses.
         * @description Counted and answered by the edge; the origin alone does not know the path.
         */
        get: operations["listDeprecations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/rate_limit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read how the caller stands with its limits.
         * @description Answered by the edge, and free; the origin alone does not know the path. A caller without a token or key stands with its address.
         */
        get: operations["readRateLimit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/problems/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read what a problem's code means.
         * @description The page that `type` and `doc_url` of a problem document open.
         */
        get: operations["readProblem"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Where to send it. */
        Address: {
            /**
             * @description City.
             * @example London
             */
            city: string;
            /**
             * @description ISO 3166-1 alpha-2.
             * @example GB
             */
            country: string;
            /**
             * @description Street and number.
             * @example 12 St James's Square
             */
            line1: string;
            /**
             * @description Anything more.
             * @example 2nd floor
             */
            line2?: string | null;
            /**
             * @description Who receives it.
             * @example Ada Lovelace
             */
            name: string;
            /**
             * @description Postal code.
             * @example SW1Y 4JH
             */
            postal_code: string;
            /**
             * @description State, where the country has them.
             * @example CA
             */
            state?: string | null;
        };
        /** @description The parts of an address to change. */
        AddressMergePatch: {
            /** @description City. */
            city?: string;
            /** @description ISO 3166-1 alpha-2. */
            country?: string;
            /** @description Street and number. */
            line1?: string;
            /** @description Anything more; null removes it. */
            line2?: string | null;
            /** @description Who receives it. */
            name?: string;
            /** @description Postal code. */
            postal_code?: string;
            /** @description State, where the country has them; null removes it. */
            state?: string | null;
        };
        /** @example key_01h455vb4pex5vsknk084sn02q */
        ApiKeyId: string;
        /** @description An API key, without the key itself. */
        ApiKeyView: {
            /** @description Whose limits, idempotency keys and orders they are. */
            account: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it ends, if it was rotated, RFC 3339, UTC.
             */
            expires_at?: string | null;
            /** @description How the key begins, to tell keys apart. */
            hint: string;
            /** @description Its id. */
            id: components["schemas"]["ApiKeyId"];
            /**
             * Format: date-time
             * @description When it was last used, RFC 3339, UTC; a minute or so behind.
             */
            last_used_at?: string | null;
            /** @description Whether real money moves. */
            mode: components["schemas"]["Mode"];
            /** @description What people call it. */
            name: string;
            /**
             * @description Always `api_key`.
             * @constant
             */
            object: "api_key";
            /** @description Its plan. */
            plan: components["schemas"]["PlanId"];
            /**
             * Format: date-time
             * @description When it was revoked, RFC 3339, UTC.
             */
            revoked_at?: string | null;
            /** @description What it may do. */
            scopes: string[];
            successor?: components["schemas"]["ApiKeyId"] | null;
        };
        /** @description One try. */
        Attempt: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC.
             */
            began_at: string;
            /** @description Why it was no success. */
            error?: string | null;
            /**
             * Format: int32
             * @description Counted from 1.
             */
            number: number;
            /**
             * Format: int32
             * @description What the receiver answered, if it did.
             */
            status_code?: number | null;
            /**
             * Format: int32
             * @description How long it took, in milliseconds.
             */
            took_ms: number;
        };
        /**
         * @description How available a product is: a class instead of a count, so that a shared cache need not hold
         *     (or purge) counts.
         * @enum {string}
         */
        Availability: "in_stock" | "low" | "out";
        /** @description What all callers of a plan together may in one stage. */
        Ceiling: {
            /**
             * Format: int32
             * @description Requests under way at once.
             */
            concurrency?: number | null;
            /**
             * Format: int32
             * @description Seconds of the window.
             */
            per_seconds: number;
            /**
             * Format: int32
             * @description Requests a window.
             */
            rate: number;
        };
        /** @description A new API key: the one answer that holds the key itself. */
        CreatedApiKey: components["schemas"]["ApiKeyView"] & {
            /** @description For `X-Api-Key` or `Authorization: Bearer …`. It is shown this once. */
            key: string;
        };
        /**
         * @description ISO 4217 code
         * @example USD
         */
        Currency: string;
        /** @description An event that a consumer gave up. */
        DeadLetter: {
            /**
             * Format: int32
             * @description How often it was tried.
             */
            attempts: number;
            /** @description Who gave it up. */
            consumer: string;
            /**
             * Format: date-time
             * @description When it was given up.
             */
            died_at: string;
            /** @description Edits of its data, the newest last. */
            edits: components["schemas"]["Edit"][];
            /** @description The last error. */
            error: string;
            /** @description What was to be delivered. */
            event: components["schemas"]["LetterEvent"];
            /** @description Its tries, the newest last; the oldest are forgotten. */
            history: components["schemas"]["Attempt"][];
            /** @description Its id. */
            id: components["schemas"]["DeadLetterId"];
            /** @description Why it was discarded. */
            note: string | null;
            /**
             * @description Always `dead_letter`.
             * @constant
             */
            object: "dead_letter";
            /** @description Why it was given up: `tries`, `permanent`, `worker_lost`, or `schema_unknown`. */
            reason: string;
            /**
             * Format: date-time
             * @description When that ended, or null.
             */
            settled_at: string | null;
            /** @description What became of it: `dead`, `redriven` (it is being tried again), `done`, or `discarded`. */
            status: string;
            /** @description The trace that it belongs to [W3C Trace Context]. */
            traceparent: string | null;
        };
        /** @example dlt_01h455vb4pex5vsknk084sn02q */
        DeadLetterId: string;
        /** @description An event on its way to a webhook. */
        Delivery: {
            /** @description What was tried, the first first. */
            attempts: components["schemas"]["Attempt"][];
            /**
             * Format: date-time
             * @description RFC 3339, UTC.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was delivered or given up.
             */
            ended_at?: string | null;
            /** @description The event's id, which is the message's `webhook-id`. */
            id: components["schemas"]["EventId"];
            /**
             * Format: date-time
             * @description When it is sent again: no earlier than this.
             */
            next_try_at?: string | null;
            /**
             * @description Always `webhook_delivery`.
             * @constant
             */
            object: "webhook_delivery";
            /** @description Where it stands. */
            status: components["schemas"]["DeliveryStatus"];
            /** @description What happened. */
            type: string;
            /** @description Which webhook. */
            webhook_id: components["schemas"]["WebhookId"];
        };
        /**
         * @description Where a delivery stands.
         * @enum {string}
         */
        DeliveryStatus: "pending" | "delivered" | "dead";
        /** @description Why a letter is not to be delivered. */
        Discard: {
            /** @description For whoever looks at it later. */
            reason: string;
        };
        /** @description A change of what is delivered. */
        Edit: {
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description By whom. */
            by: string;
            /** @description The data before it. */
            data: Record<string, unknown>;
        };
        /** @example evt_01h455vb4pex5vsknk084sn02q */
        EventId: string;
        /** @description The firewall's lists as they hold. */
        Firewall: {
            /** @description Where there are some, all others are out. */
            allow: string[];
            /** @description Where there are some, all others are out, and so is an address of no known country. */
            allow_countries: string[];
            /** @description Addresses and blocks of them that are out, whatever is allowed. */
            deny: string[];
            /** @description Countries that are out. */
            deny_countries: string[];
            /**
             * @description Whether these lists hold. Until they are set, and when they are taken back, those of the edge's
             *     configuration do.
             */
            in_force: boolean;
            /**
             * @description Always `firewall`.
             * @constant
             */
            object: "firewall";
            /**
             * Format: date-time
             * @description When they were changed last, RFC 3339, UTC.
             */
            updated_at?: string | null;
            /** @description Who changed them last. */
            updated_by?: string | null;
            /**
             * Format: int64
             * @description Grows by one with every change.
             */
            version: number;
        };
        /** @description An idempotency key that a request has taken. */
        IdempotencyKey: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC; null while there is no answer.
             */
            completed_at: string | null;
            /**
             * Format: date-time
             * @description RFC 3339, UTC.
             */
            created_at: string;
            /** @description The key. */
            key: string;
            /** @description What was asked for: `order`, `payment`, `refund` or `change`. */
            kind: string;
            /**
             * @description Always `idempotency_key`.
             * @constant
             */
            object: "idempotency_key";
            order_id: components["schemas"]["OrderId"] | null;
            /** @description The path of the request that did the work. */
            path: string;
            /** @description The id of the request that did the work. */
            request_id: string;
            /**
             * Format: int32
             * @description The answer's HTTP status, once there is one.
             */
            response_status: number | null;
            /** @description Whether there is an answer. */
            status: components["schemas"]["KeyStatus"];
        };
        /**
         * @description Whether there is an answer.
         * @enum {string}
         */
        KeyStatus: "in_progress" | "completed";
        /** @description What was to be delivered. */
        LetterEvent: {
            /**
             * Format: date-time
             * @description When it happened.
             */
            created_at: string;
            /** @description What is delivered when it is redriven. */
            data: Record<string, unknown>;
            /** @description Its id, the same in every delivery. */
            id: components["schemas"]["EventId"];
            /**
             * Format: int32
             * @description Which version of the type's data it holds.
             */
            schema_version: number;
            /** @description Its type. */
            type: string;
        };
        /**
         * @description Whether real money moves.
         * @enum {string}
         */
        Mode: "live" | "test";
        /** @description An amount in minor units: `{"amount":2999,"currency":"USD"}` is 29.99 dollars. */
        Money: {
            /**
             * Format: int64
             * @description Minor units.
             * @example 2999
             */
            amount: number;
            /** @description Its currency. */
            currency: components["schemas"]["Currency"];
        };
        /** @description The body of POST /admin/api-keys. */
        NewApiKey: {
            /**
             * @description Whose limits, idempotency keys and orders they are.
             * @example acme
             */
            account: string;
            /** @description Whether real money moves. */
            mode: components["schemas"]["Mode"];
            /**
             * @description What people call it.
             * @example Acme's warehouse
             */
            name: string;
            /**
             * @description The id or the name of its plan.
             * @example gold
             */
            plan: string;
            /**
             * @description What it may do: some of what a partner may.
             * @example [
             *       "orders:read",
             *       "orders:write"
             *     ]
             */
            scopes: string[];
        };
        /** @description Other data for an event. */
        NewData: {
            /** @description All of the data that is to be delivered. */
            data: Record<string, unknown>;
        };
        /** @description The body of PUT /admin/firewall. A list that is left out is empty. */
        NewFirewall: {
            /**
             * @description Where there are some, all others are out.
             * @example []
             */
            allow?: string[];
            /**
             * @description Where there are some, all others are out, and so is an address of no known country.
             * @example []
             */
            allow_countries?: string[];
            /**
             * @description Addresses and blocks of them that are out, whatever is allowed.
             * @example [
             *       "192.0.2.0/24"
             *     ]
             */
            deny?: string[];
            /**
             * @description Countries that are out, ISO 3166-1 alpha-2.
             * @example []
             */
            deny_countries?: string[];
            /** @description Whether the lists hold even if they leave out everybody, or whoever sends them. */
            force?: boolean;
        };
        /** @description One line of a new order. */
        NewItem: {
            /** @description What. */
            product_id: components["schemas"]["ProductId"];
            /**
             * Format: int32
             * @description How many.
             * @example 1
             */
            quantity: number;
        };
        /** @description The body of POST /orders. */
        NewOrder: {
            /** @description The total that the customer was shown; another one is 409 `price_changed`. */
            expected_total: components["schemas"]["Money"];
            /** @description What is ordered; repeated products are merged. */
            items: components["schemas"]["NewItem"][];
            /**
             * @description Free text.
             * @example Ring twice
             */
            note?: string | null;
            /**
             * @description A payment method of the provider, such as the sandbox's `pm_card_visa`.
             * @example pm_card_visa
             */
            payment_method: string;
            /** @description Where to send it. */
            shipping_address: components["schemas"]["Address"];
        };
        /** @description The body of PUT /admin/origins. */
        NewOrigins: {
            /**
             * @description Origins by the names of their pools. A pool that is left out has those that the deployment lists.
             * @example {
             *       "default": [
             *         {
             *           "url": "https://a.example",
             *           "weight": 3
             *         },
             *         {
             *           "url": "https://b.example",
             *           "weight": 1
             *         }
             *       ]
             *     }
             */
            pools: {
                [key: string]: components["schemas"]["Origin"][];
            };
        };
        /** @description The body of POST /orders/{id}/payments. */
        NewPayment: {
            /**
             * @description A payment method of the provider, such as the sandbox's `pm_card_visa`.
             * @example pm_card_visa
             */
            payment_method: string;
        };
        /** @description The body of POST /users/{id}/payment-methods. */
        NewPaymentMethod: {
            /** @description Whether it is the user's default from now on; the one before it no longer is. */
            default?: boolean;
            /**
             * @description What the user calls it.
             * @example Company card
             */
            label?: string | null;
            /**
             * @description The provider's name for it, such as the sandbox's `pm_card_visa`.
             * @example pm_card_visa
             */
            method: string;
        };
        /** @description The body of POST /admin/plans and PUT /admin/plans/{id}. */
        NewPlan: {
            /**
             * Format: int32
             * @description Requests that may come at once; as many as the rate without it.
             * @example 100
             */
            burst?: number | null;
            /**
             * Format: int32
             * @description Requests under way at once; unbounded without it.
             * @example 20
             */
            concurrency?: number | null;
            /**
             * @description Unique.
             * @example gold
             */
            name: string;
            /**
             * Format: int32
             * @description Seconds of the window.
             * @example 60
             */
            per_seconds: number;
            quota?: components["schemas"]["Quota"] | null;
            /**
             * Format: int32
             * @description Requests a window.
             * @example 600
             */
            rate: number;
            /** @description What all callers of the plan together may, by stage. */
            stages?: components["schemas"]["Stages"];
        };
        /** @description A product as POST takes it: all that a client may write. */
        NewProduct: {
            /**
             * @description Whether it is listed and can be ordered.
             * @example true
             */
            active: boolean;
            /**
             * @description One category's slug.
             * @example kitchen
             */
            category: string;
            /**
             * @description Plain text; may be empty.
             * @example Holds 350 ml. Dishwasher-safe.
             */
            description: string;
            /**
             * @description Address of a picture, if there is one.
             * @example https://img.example/mug.jpg
             */
            image_url?: string | null;
            /**
             * @description Display name.
             * @example Stoneware mug, blue
             */
            name: string;
            /** @description Price of one unit. */
            price: components["schemas"]["Money"];
            /**
             * @description The shop's own article number. No two products share one.
             * @example MUG-0001
             */
            sku: string;
            /**
             * Format: int64
             * @description Units that are free to be ordered.
             * @example 40
             */
            stock: number;
        };
        /**
         * @description What is to be forgotten: at least one of tags, URLs and everything.
         * @example {
         *       "tags": [
         *         "category:coffee"
         *       ],
         *       "urls": [
         *         "/products?limit=20"
         *       ]
         *     }
         */
        NewPurge: {
            /** @description Every copy. */
            everything?: boolean;
            /** @description Copies may answer while they are fetched anew. */
            soft?: boolean;
            /**
             * @description Copies with one of these surrogate tags: `product:{id}`, `category:{slug}`, or `products` for
             *     every list.
             */
            tags?: string[] | null;
            /**
             * @description Copies of these paths and queries, as clients of the latest version write them; a version
             *     before the path makes no difference.
             */
            urls?: string[] | null;
        };
        /**
         * @description A browser that wants to hear of its user's orders: `endpoint` and `keys` of its `PushSubscription`.
         * @example {
         *       "endpoint": "https://push.example/s/1",
         *       "keys": {
         *         "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
         *         "auth": "BTBZMqHH6r4Tts7J_aSIgg"
         *       }
         *     }
         */
        NewPushSubscription: {
            /**
             * Format: uri
             * @description Where its pushes are sent by POST: `https`, a public address, no user and no fragment.
             */
            endpoint: string;
            /** @description What its pushes are encrypted with. */
            keys: components["schemas"]["PushKeys"];
        };
        /** @description The body of POST /payments/{id}/refunds. */
        NewRefund: {
            /** @description How much of the payment; without it all that is left. */
            amount?: components["schemas"]["RefundAmount"];
        };
        /** @description The body of POST /admin/revocations: a token, a subject, or both. */
        NewRevocation: {
            /**
             * @description A subject (`sub`): all tokens that were issued to it until now.
             * @example usr_01h455vb4pex5vsknk084sn02q
             */
            subject?: string | null;
            /**
             * @description The token's id (`jti`).
             * @example tok_01h455vb4pex5vsknk084sn02q
             */
            token_id?: string | null;
        };
        /** @description The body of POST /users. */
        NewUser: {
            address?: components["schemas"]["Address"] | null;
            /**
             * Format: email
             * @description Unique, whatever its upper and lower case.
             * @example ada@example.com
             */
            email: string;
            /**
             * @description Display name.
             * @example Ada Lovelace
             */
            name: string;
            /**
             * Format: password
             * @description 8 to 200 characters; kept as a hash alone.
             * @example correct horse battery
             */
            password: string;
            /**
             * @description With country code: `+` and 7 to 15 digits [E.164].
             * @example +41446681800
             */
            phone?: string | null;
        };
        /**
         * @description What an admin may write of a webhook.
         * @example {
         *       "url": "https://shop.example/hooks",
         *       "events": [
         *         "order.confirmed"
         *       ]
         *     }
         */
        NewWebhook: {
            /**
             * @description Whether it hears of events. One that is switched off hears of none that happen meanwhile; what
             *     waits for it already is sent once it is on again.
             */
            enabled?: boolean;
            /** @description Which events, by name, or `*` for all. */
            events: ("order.created" | "order.confirmed" | "payment.failed" | "order.cancelled" | "order.fulfilled" | "order.refunded" | "order.rejected" | "product.created" | "product.updated" | "product.deleted" | "inventory.low" | "*")[];
            /**
             * Format: uri
             * @description Where events are sent by POST: `https`, a public address, no user and no fragment.
             */
            url: string;
        };
        /** @description An order. */
        Order: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC.
             */
            created_at: string;
            /** @description Whose it is. */
            customer_id: string;
            /** @description Derived from (account, mode, idempotency key). */
            id: components["schemas"]["OrderId"];
            /** @description Its lines, by product id. */
            items: components["schemas"]["OrderItem"][];
            /** @description Free text. */
            note?: string | null;
            /**
             * @description Always `order`.
             * @constant
             */
            object: "order";
            /** @description How it is paid. */
            payment: components["schemas"]["PaymentSummary"];
            /** @description Where it goes. */
            shipping_address: components["schemas"]["Address"];
            /** @description Where it stands. */
            status: components["schemas"]["OrderStatus"];
            /** @description What it costs. */
            total: components["schemas"]["Money"];
            /**
             * Format: date-time
             * @description RFC 3339, UTC.
             */
            updated_at: string;
            /**
             * Format: int64
             * @description Grows by one with every change.
             */
            version: number;
        };
        /** @example ord_01h455vb4pex5vsknk084sn02q */
        OrderId: string;
        /** @description One line of an order, with name and price as they were sold. */
        OrderItem: {
            /** @description Price of all. */
            line_total: components["schemas"]["Money"];
            /** @description Its name then. */
            name: string;
            /** @description What. */
            product_id: components["schemas"]["ProductId"];
            /**
             * Format: int32
             * @description How many.
             */
            quantity: number;
            /** @description Its article number then. */
            sku: string;
            /** @description Price of one. */
            unit_price: components["schemas"]["Money"];
        };
        /** @description The members to change. */
        OrderMergePatch: {
            /**
             * @description Free text; null removes it.
             * @example Ring twice
             */
            note?: string | null;
            /** @description Where to send it: the parts that change. */
            shipping_address?: components["schemas"]["AddressMergePatch"];
            /**
             * Format: int64
             * @description The version that the change was made from; another than the current one is 409
             *     `version_conflict`.
             */
            version?: number | null;
        };
        /**
         * @description Where an order stands: `pending → processing → confirmed → fulfilled → refunded`, or one of the
         *     ends `payment_failed`, `rejected`, `cancelled`.
         * @enum {string}
         */
        OrderStatus: "pending" | "processing" | "confirmed" | "fulfilled" | "refunded" | "payment_failed" | "rejected" | "cancelled";
        /** @description An origin of a pool. */
        Origin: {
            /**
             * @description Scheme, host and perhaps a port: `https`, or `http` to what is reached without the Internet.
             * @example https://b.example
             */
            url: string;
            /**
             * Format: int32
             * @description Its share of the pool's requests, by the sum of all weights. 0: it gets none, and is checked as before.
             * @default 1
             * @example 1
             */
            weight: number;
        };
        /** @description The origins as they hold. */
        Origins: {
            /**
             * @description Whether these lists hold. Until they are set, and when they are taken back, those of the edge's
             *     deployment do.
             */
            in_force: boolean;
            /**
             * @description Always `origins`.
             * @constant
             */
            object: "origins";
            /** @description Origins by the names of their pools. */
            pools: {
                [key: string]: components["schemas"]["Origin"][];
            };
            /**
             * Format: date-time
             * @description When they were changed last, RFC 3339, UTC.
             */
            updated_at?: string | null;
            /** @description Who changed them last. */
            updated_by?: string | null;
            /**
             * Format: int64
             * @description Grows by one with every change.
             */
            version: number;
        };
        /** @description A page, as clients see it. */
        Page_AnalyticsDay: {
            /** @description The rows of this page. */
            data: {
                /**
                 * Format: int64
                 * @description Orders that were called off.
                 */
                cancelled: number;
                /**
                 * Format: double
                 * @description Orders by views; null without views.
                 */
                conversion?: number | null;
                /**
                 * Format: date
                 * @description The day, in UTC.
                 */
                date: string;
                /**
                 * @description Always `analytics_day`.
                 * @constant
                 */
                object: "analytics_day";
                /**
                 * Format: int64
                 * @description Orders that were paid.
                 */
                orders: number;
                /**
                 * Format: int64
                 * @description How often a product was looked at, as the edge has counted: an estimate, never too high.
                 */
                product_views: number;
                /**
                 * Format: int64
                 * @description Orders that were paid back.
                 */
                refunded: number;
                /** @description What was paid back for them, a currency. */
                refunds: components["schemas"]["Money"][];
                /** @description What was paid for them, a currency. */
                revenue: components["schemas"]["Money"][];
            }[];
            /** @description Whether more rows follow. */
            has_more: boolean;
            /** @description The `cursor` of the next page, or null. */
            next_cursor: string | null;
            /**
             * @description Always `list`.
             * @constant
             */
            object: "list";
        };
        /** @description A page, as clients see it. */
        Page_ApiKeyView: {
            /** @description The rows of this page. */
            data: {
                /** @description Whose limits, idempotency keys and orders they are. */
                account: string;
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC.
                 */
                created_at: string;
                /**
                 * Format: date-time
                 * @description When it ends, if it was rotated, RFC 3339, UTC.
                 */
                expires_at?: string | null;
                /** @description How the key begins, to tell keys apart. */
                hint: string;
                /** @description Its id. */
                id: components["schemas"]["ApiKeyId"];
                /**
                 * Format: date-time
                 * @description When it was last used, RFC 3339, UTC; a minute or so behind.
                 */
                last_used_at?: string | null;
                /** @description Whether real money moves. */
                mode: components["schemas"]["Mode"];
                /** @description What people call it. */
                name: string;
                /**
                 * @description Always `api_key`.
                 * @constant
                 */
                object: "api_key";
                /** @description Its plan. */
                plan: components["schemas"]["PlanId"];
                /**
                 * Format: date-time
                 * @description When it was revoked, RFC 3339, UTC.
                 */
                revoked_at?: string | null;
                /** @description What it may do. */
                scopes: string[];
                successor?: components["schemas"]["ApiKeyId"] | null;
            }[];
            /** @description Whether more rows follow. */
            has_more: boolean;
            /** @description The `cursor` of the next page, or null. */
            next_cursor: string | null;
            /**
             * @description Always `list`.
             * @constant
             */
            object: "list";
        };
        /** @description A page, as clients see it. */
        Page_DeadLetter: {
            /** @description The rows of this page. */
            data: {
                /**
                 * Format: int32
                 * @description How often it was tried.
                 */
                attempts: number;
                /** @description Who gave it up. */
                consumer: string;
                /**
                 * Format: date-time
                 * @description When it was given up.
                 */
                died_at: string;
                /** @description Edits of its data, the newest last. */
                edits: components["schemas"]["Edit"][];
                /** @description The last error. */
                error: string;
                /** @description What was to be delivered. */
                event: components["schemas"]["LetterEvent"];
                /** @description Its tries, the newest last; the oldest are forgotten. */
                history: components["schemas"]["Attempt"][];
                /** @description Its id. */
                id: components["schemas"]["DeadLetterId"];
                /** @description Why it was discarded. */
                note: string | null;
                /**
                 * @description Always `dead_letter`.
                 * @constant
                 */
                object: "dead_letter";
                /** @description Why it was given up: `tries`, `permanent`, `worker_lost`, or `schema_unknown`. */
                reason: string;
                /**
                 * Format: date-time
                 * @description When that ended, or null.
                 */
                settled_at: string | null;
                /** @description What became of it: `dead`, `redriven` (it is being tried again), `done`, or `discarded`. */
                status: string;
                /** @description The trace that it belongs to [W3C Trace Context]. */
                traceparent: string | null;
            }[];
            /** @description Whether more rows follow. */
            has_more: boolean;
            /** @description The `cursor` of the next page, or null. */
            next_cursor: string | null;
            /**
             * @description Always `list`.
             * @constant
             */
            object: "list";
        };
        /** @description A page, as clients see it. */
        Page_Delivery: {
            /** @description The rows of this page. */
            data: {
                /** @description What was tried, the first first. */
                attempts: components["schemas"]["Attempt"][];
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC.
                 */
                created_at: string;
                /**
                 * Format: date-time
                 * @description When it was delivered or given up.
                 */
                ended_at?: string | null;
                /** @description The event's id, which is the message's `webhook-id`. */
                id: components["schemas"]["EventId"];
                /**
                 * Format: date-time
                 * @description When it is sent again: no earlier than this.
                 */
                next_try_at?: string | null;
                /**
                 * @description Always `webhook_delivery`.
                 * @constant
                 */
                object: "webhook_delivery";
                /** @description Where it stands. */
                status: components["schemas"]["DeliveryStatus"];
                /** @description What happened. */
                type: string;
                /** @description Which webhook. */
                webhook_id: components["schemas"]["WebhookId"];
            }[];
            /** @description Whether more rows follow. */
            has_more: boolean;
            /** @description The `cursor` of the next page, or null. */
            next_cursor: string | null;
            /**
             * @description Always `list`.
             * @constant
             */
            object: "list";
        };
        /** @description A page, as clients see it. */
        Page_LoggedEvent: {
            /** @description The rows of this page. */
            data: {
                /** @description To what it happened. */
                aggregate_id: string;
                /**
                 * Format: date-time
                 * @description When it happened.
                 */
                created_at: string;
                /** @description The resource as it was right after the change. */
                data: Record<string, unknown>;
                /** @description Its id, the same in every delivery. */
                id: components["schemas"]["EventId"];
                /**
                 * @description Always `event`.
                 * @constant
                 */
                object: "event";
                /**
                 * Format: int32
                 * @description Which version of the type's data it holds.
                 */
                schema_version: number;
                /** @description The trace that it belongs to [W3C Trace Context]. */
                traceparent: string | null;
                /** @description Its type. */
                type: string;
            }[];
            /** @description Whether more rows follow. */
            has_more: boolean;
            /** @description The `cursor` of the next page, or null. */
            next_cursor: string | null;
            /**
             * @description Always `list`.
             * @constant
             */
            object: "list";
        };
        /** @description A page, as clients see it. */
        Page_LowStock: {
            /** @description The rows of this page. */
            data: {
                /** @description `low`, or `out` if nothing is left. */
                availability: components["schemas"]["Availability"];
                /** @description Its name. */
                name: string;
                /**
                 * @description Always `low_stock`.
                 * @constant
                 */
                object: "low_stock";
                /** @description The product. */
                product_id: components["schemas"]["ProductId"];
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC.
                 */
                since: string;
                /** @description Its article number. */
                sku: string;
            }[];
            /** @description Whether more rows follow. */
            has_more: boolean;
            /** @description The `cursor` of the next page, or null. */
            next_cursor: string | null;
            /**
             * @description Always `list`.
             * @constant
             */
            object: "list";
        };
        /** @description A page, as clients see it. */
        Page_Order: {
            /** @description The rows of this page. */
            data: {
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC.
                 */
                created_at: string;
                /** @description Whose it is. */
                customer_id: string;
                /** @description Derived from (account, mode, idempotency key). */
                id: components["schemas"]["OrderId"];
                /** @description Its lines, by product id. */
                items: components["schemas"]["OrderItem"][];
                /** @description Free text. */
                note?: string | null;
                /**
                 * @description Always `order`.
                 * @constant
                 */
                object: "order";
                /** @description How it is paid. */
                payment: components["schemas"]["PaymentSummary"];
                /** @description Where it goes. */
                shipping_address: components["schemas"]["Address"];
                /** @description Where it stands. */
                status: components["schemas"]["OrderStatus"];
                /** @description What it costs. */
                total: components["schemas"]["Money"];
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC.
                 */
                updated_at: string;
                /**
                 * Format: int64
                 * @description Grows by one with every change.
                 */
                version: number;
            }[];
            /** @description Whether more rows follow. */
            has_more: boolean;
            /** @description The `cursor` of the next page, or null. */
            next_cursor: string | null;
            /**
             * @description Always `list`.
             * @constant
             */
            object: "list";
        };
        /** @description A page, as clients see it. */
        Page_Payment: {
            /** @description The rows of this page. */
            data: {
                /** @description How much. */
                amount: components["schemas"]["Money"];
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC.
                 */
                created_at: string;
                /** @description Why it was declined, if it was. */
                decline_code?: string | null;
                /** @description Its id. */
                id: components["schemas"]["PaymentId"];
                /** @description With what. */
                method: string;
                /**
                 * @description Always `payment`.
                 * @constant
                 */
                object: "payment";
                /** @description What it pays for. */
                order_id: components["schemas"]["OrderId"];
                /** @description Where it stands. */
                status: components["schemas"]["PaymentStatus"];
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC.
                 */
                updated_at: string;
            }[];
            /** @description Whether more rows follow. */
            has_more: boolean;
            /** @description The `cursor` of the next page, or null. */
            next_cursor: string | null;
            /**
             * @description Always `list`.
             * @constant
             */
            object: "list";
        };
        /** @description A page, as clients see it. */
        Page_PaymentMethod: {
            /** @description The rows of this page. */
            data: {
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC.
                 */
                created_at: string;
                /** @description Whether it is the user's default. */
                default: boolean;
                /** @description Its id. */
                id: components["schemas"]["PaymentMethodId"];
                /** @description What the user calls it. */
                label?: string | null;
                /** @description The provider's name for it, as `payment_method` of an order takes it. */
                method: string;
                /**
                 * @description Always `payment_method`.
                 * @constant
                 */
                object: "payment_method";
                /** @description Whose it is. */
                user_id: components["schemas"]["UserId"];
            }[];
            /** @description Whether more rows follow. */
            has_more: boolean;
            /** @description The `cursor` of the next page, or null. */
            next_cursor: string | null;
            /**
             * @description Always `list`.
             * @constant
             */
            object: "list";
        };
        /** @description A page, as clients see it. */
        Page_Plan: {
            /** @description The rows of this page. */
            data: {
                /**
                 * Format: int32
                 * @description Requests that may come at once.
                 */
                burst: number;
                /**
                 * Format: int32
                 * @description Requests under way at once.
                 */
                concurrency?: number | null;
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC.
                 */
                created_at: string;
                /** @description Its id. */
                id: components["schemas"]["PlanId"];
                /** @description Unique. */
                name: string;
                /**
                 * @description Always `plan`.
                 * @constant
                 */
                object: "plan";
                /**
                 * Format: int32
                 * @description Seconds of the window.
                 */
                per_seconds: number;
                quota?: components["schemas"]["Quota"] | null;
                /**
                 * Format: int32
                 * @description Requests a window.
                 */
                rate: number;
                /** @description What all callers of the plan together may, by stage. */
                stages: components["schemas"]["Stages"];
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC.
                 */
                updated_at: string;
                /**
                 * Format: int64
                 * @description Grows by one with every change.
                 */
                version: number;
            }[];
            /** @description Whether more rows follow. */
            has_more: boolean;
            /** @description The `cursor` of the next page, or null. */
            next_cursor: string | null;
            /**
             * @description Always `list`.
             * @constant
             */
            object: "list";
        };
        /** @description A page, as clients see it. */
        Page_Product: {
            /** @description The rows of this page. */
            data: {
                /** @description Whether it can be ordered. */
                active: boolean;
                /** @description Class of the stock. */
                availability: components["schemas"]["Availability"];
                /** @description One category. */
                category: string;
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC.
                 */
                created_at: string;
                /** @description Plain text. */
                description: string;
                /** @description Its id. */
                id: components["schemas"]["ProductId"];
                /** @description Address of a picture, or null. */
                image_url: string | null;
                /** @description Display name. */
                name: string;
                /**
                 * @description Always `product`.
                 * @constant
                 */
                object: "product";
                /** @description Price of one unit. */
                price: components["schemas"]["Money"];
                /** @description The shop's own article number. */
                sku: string;
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC.
                 */
                updated_at: string;
                /**
                 * Format: int64
                 * @description Grows by one with every change.
                 */
                version: number;
            }[];
            /** @description Whether more rows follow. */
            has_more: boolean;
            /** @description The `cursor` of the next page, or null. */
            next_cursor: string | null;
            /**
             * @description Always `list`.
             * @constant
             */
            object: "list";
        };
        /** @description A page, as clients see it. */
        Page_PushSubscription: {
            /** @description The rows of this page. */
            data: {
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC.
                 */
                created_at: string;
                /** @description Where its pushes are sent. */
                endpoint: string;
                /** @description Its id. */
                id: components["schemas"]["PushSubscriptionId"];
                /**
                 * @description Always `push_subscription`.
                 * @constant
                 */
                object: "push_subscription";
                /** @description Whose it is. */
                user_id: components["schemas"]["UserId"];
            }[];
            /** @description Whether more rows follow. */
            has_more: boolean;
            /** @description The `cursor` of the next page, or null. */
            next_cursor: string | null;
            /**
             * @description Always `list`.
             * @constant
             */
            object: "list";
        };
        /** @description A page, as clients see it. */
        Page_Refund: {
            /** @description The rows of this page. */
            data: {
                /** @description How much. */
                amount: components["schemas"]["Money"];
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC.
                 */
                created_at: string;
                /** @description Its id. */
                id: components["schemas"]["RefundId"];
                /**
                 * @description Always `refund`.
                 * @constant
                 */
                object: "refund";
                /** @description What had been paid for. */
                order_id: components["schemas"]["OrderId"];
                /** @description What it pays back. */
                payment_id: components["schemas"]["PaymentId"];
                /** @description Where it stands. */
                status: components["schemas"]["RefundStatus"];
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC.
                 */
                updated_at: string;
            }[];
            /** @description Whether more rows follow. */
            has_more: boolean;
            /** @description The `cursor` of the next page, or null. */
            next_cursor: string | null;
            /**
             * @description Always `list`.
             * @constant
             */
            object: "list";
        };
        /** @description A page, as clients see it. */
        Page_Revocation: {
            /** @description The rows of this page. */
            data: {
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC.
                 */
                created_at: string;
                /**
                 * Format: date-time
                 * @description When it may be forgotten, since what it is about has expired, RFC 3339, UTC.
                 */
                expires_at: string;
                /** @description Its id. */
                id: components["schemas"]["RevocationId"];
                /**
                 * Format: date-time
                 * @description Of the subject's tokens those that were issued before this, RFC 3339, UTC.
                 */
                issued_before?: string | null;
                /**
                 * @description Always `revocation`.
                 * @constant
                 */
                object: "revocation";
                /** @description The subject. */
                subject?: string | null;
                /** @description The token's id. */
                token_id?: string | null;
            }[];
            /** @description Whether more rows follow. */
            has_more: boolean;
            /** @description The `cursor` of the next page, or null. */
            next_cursor: string | null;
            /**
             * @description Always `list`.
             * @constant
             */
            object: "list";
        };
        /** @description A page, as clients see it. */
        Page_Webhook: {
            /** @description The rows of this page. */
            data: {
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC.
                 */
                created_at: string;
                /** @description Whether it hears of events. */
                enabled: boolean;
                /** @description Which events, by name, or `*` for all. */
                events: string[];
                /** @description Whether it was switched off because its receiver answered 410. */
                gone: boolean;
                /** @description Its id. */
                id: components["schemas"]["WebhookId"];
                /**
                 * @description Always `webhook`.
                 * @constant
                 */
                object: "webhook";
                /** @description What its `v1a` signatures (Ed25519) are verified with: `whpk_` and base64. */
                public_key: string;
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC.
                 */
                updated_at: string;
                /** @description Where events are sent by POST. */
                url: string;
            }[];
            /** @description Whether more rows follow. */
            has_more: boolean;
            /** @description The `cursor` of the next page, or null. */
            next_cursor: string | null;
            /**
             * @description Always `list`.
             * @constant
             */
            object: "list";
        };
        /** @description A payment, on its own. */
        Payment: {
            /** @description How much. */
            amount: components["schemas"]["Money"];
            /**
             * Format: date-time
             * @description RFC 3339, UTC.
             */
            created_at: string;
            /** @description Why it was declined, if it was. */
            decline_code?: string | null;
            /** @description Its id. */
            id: components["schemas"]["PaymentId"];
            /** @description With what. */
            method: string;
            /**
             * @description Always `payment`.
             * @constant
             */
            object: "payment";
            /** @description What it pays for. */
            order_id: components["schemas"]["OrderId"];
            /** @description Where it stands. */
            status: components["schemas"]["PaymentStatus"];
            /**
             * Format: date-time
             * @description RFC 3339, UTC.
             */
            updated_at: string;
        };
        /** @example pay_01h455vb4pex5vsknk084sn02q */
        PaymentId: string;
        /** @description A payment method that a user has put by. */
        PaymentMethod: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC.
             */
            created_at: string;
            /** @description Whether it is the user's default. */
            default: boolean;
            /** @description Its id. */
            id: components["schemas"]["PaymentMethodId"];
            /** @description What the user calls it. */
            label?: string | null;
            /** @description The provider's name for it, as `payment_method` of an order takes it. */
            method: string;
            /**
             * @description Always `payment_method`.
             * @constant
             */
            object: "payment_method";
            /** @description Whose it is. */
            user_id: components["schemas"]["UserId"];
        };
        /** @example pmt_01h455vb4pex5vsknk084sn02q */
        PaymentMethodId: string;
        /**
         * @description Where a payment stands.
         * @enum {string}
         */
        PaymentStatus: "processing" | "succeeded" | "declined" | "refund_pending" | "refunded";
        /** @description The payment inside an order. */
        PaymentSummary: {
            /** @description Why it was declined, if it was. */
            decline_code?: string | null;
            /** @description Its id. */
            id: components["schemas"]["PaymentId"];
            /** @description With what. */
            method: string;
            /** @description Where it stands. */
            status: components["schemas"]["PaymentStatus"];
        };
        /**
         * @description A calendar window, in UTC.
         * @enum {string}
         */
        Period: "DAY" | "WEEK" | "MONTH";
        /** @description A plan. */
        Plan: {
            /**
             * Format: int32
             * @description Requests that may come at once.
             */
            burst: number;
            /**
             * Format: int32
             * @description Requests under way at once.
             */
            concurrency?: number | null;
            /**
             * Format: date-time
             * @description RFC 3339, UTC.
             */
            created_at: string;
            /** @description Its id. */
            id: components["schemas"]["PlanId"];
            /** @description Unique. */
            name: string;
            /**
             * @description Always `plan`.
             * @constant
             */
            object: "plan";
            /**
             * Format: int32
             * @description Seconds of the window.
             */
            per_seconds: number;
            quota?: components["schemas"]["Quota"] | null;
            /**
             * Format: int32
             * @description Requests a window.
             */
            rate: number;
            /** @description What all callers of the plan together may, by stage. */
            stages: components["schemas"]["Stages"];
            /**
             * Format: date-time
             * @description RFC 3339, UTC.
             */
            updated_at: string;
            /**
             * Format: int64
             * @description Grows by one with every change.
             */
            version: number;
        };
        /** @example pln_01h455vb4pex5vsknk084sn02q */
        PlanId: string;
        /** @description What a probe is told. */
        Probe: {
            /** @description `ok` or `ready`. */
            status: string;
        };
        /** @description A product. */
        Product: {
            /** @description Whether it can be ordered. */
            active: boolean;
            /** @description Class of the stock. */
            availability: components["schemas"]["Availability"];
            /** @description One category. */
            category: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC.
             */
            created_at: string;
            /** @description Plain text. */
            description: string;
            /** @description Its id. */
            id: components["schemas"]["ProductId"];
            /** @description Address of a picture, or null. */
            image_url: string | null;
            /** @description Display name. */
            name: string;
            /**
             * @description Always `product`.
             * @constant
             */
            object: "product";
            /** @description Price of one unit. */
            price: components["schemas"]["Money"];
            /** @description The shop's own article number. */
            sku: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC.
             */
            updated_at: string;
            /**
             * Format: int64
             * @description Grows by one with every change.
             */
            version: number;
        };
        /**
         * @description A product as PUT replaces it and PATCH edits it: the same, and the version that the
         *     client has seen.
         */
        ProductDocument: {
            /**
             * @description Whether it is listed and can be ordered.
             * @example true
             */
            active: boolean;
            /**
             * @description One category's slug.
             * @example kitchen
             */
            category: string;
            /**
             * @description Plain text; may be empty.
             * @example Holds 350 ml. Dishwasher-safe.
             */
            description: string;
            /**
             * @description Address of a picture, if there is one.
             * @example https://img.example/mug.jpg
             */
            image_url?: string | null;
            /**
             * @description Display name.
             * @example Stoneware mug, blue
             */
            name: string;
            /** @description Price of one unit. */
            price: components["schemas"]["Money"];
            /**
             * @description The shop's own article number. No two products share one.
             * @example MUG-0001
             */
            sku: string;
            /**
             * Format: int64
             * @description Units that are free to be ordered.
             * @example 40
             */
            stock: number;
            /**
             * Format: int64
             * @description The version that the client has seen; another one than the current is refused.
             */
            version?: number | null;
        };
        /** @example prd_01h455vb4pex5vsknk084sn02q */
        ProductId: string;
        /** @description A user at a glance. */
        Profile: {
            address?: components["schemas"]["Address"] | null;
            /** @description Where the user gets its mail. */
            email: string;
            /**
             * Format: date-time
             * @description When the last of them was placed, RFC 3339, UTC.
             */
            last_order_at?: string | null;
            /**
             * Format: date-time
             * @description Since when, RFC 3339, UTC.
             */
            member_since: string;
            /** @description Display name. */
            name: string;
            /**
             * @description Always `profile`.
             * @constant
             */
            object: "profile";
            /**
             * Format: int64
             * @description How many orders it has placed and not deleted.
             */
            orders_count: number;
            /** @description With country code [E.164]. */
            phone?: string | null;
            /** @description Whose it is. */
            user_id: components["schemas"]["UserId"];
        };
        /** @description A purge that is on its way to every edge. */
        Purge: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC.
             */
            created_at: string;
            /** @description Every copy. */
            everything: boolean;
            /** @description Its id. */
            id: components["schemas"]["PurgeId"];
            /**
             * @description Always `cache_purge`.
             * @constant
             */
            object: "cache_purge";
            /** @description Copies may answer while they are fetched anew. */
            soft: boolean;
            /** @description Copies with one of these tags. */
            tags: string[];
            /** @description Copies of these paths and queries, without a version. */
            urls: string[];
        };
        /** @example prg_01h455vb4pex5vsknk084sn02q */
        PurgeId: string;
        /** @description What browsers need to subscribe. */
        PushKey: {
            /**
             * @description Always `push_key`.
             * @constant
             */
            object: "push_key";
            /** @description The shop's public key, base64url: `applicationServerKey` of `pushManager.subscribe()`. */
            public_key: string;
        };
        /** @description A browser's keys, as its `PushSubscription` has them. */
        PushKeys: {
            /** @description Its secret, base64url. */
            auth: string;
            /** @description Its public key, base64url. */
            p256dh: string;
        };
        /** @description A browser that hears of its user's orders. Its keys are not shown again. */
        PushSubscription: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC.
             */
            created_at: string;
            /** @description Where its pushes are sent. */
            endpoint: string;
            /** @description Its id. */
            id: components["schemas"]["PushSubscriptionId"];
            /**
             * @description Always `push_subscription`.
             * @constant
             */
            object: "push_subscription";
            /** @description Whose it is. */
            user_id: components["schemas"]["UserId"];
        };
        /** @example psb_01h455vb4pex5vsknk084sn02q */
        PushSubscriptionId: string;
        /** @description How many requests a calendar window may hold. */
        Quota: {
            /**
             * Format: int64
             * @description Requests.
             * @example 100000
             */
            limit: number;
            /** @description In which window. */
            period: components["schemas"]["Period"];
        };
        /** @description Which letters are tried again, and how fast: without a filter all that are dead. */
        Redrive: {
            /** @description Of this consumer. */
            consumer?: string | null;
            /**
             * Format: int64
             * @description How many a second.
             * @default 50
             */
            per_second: number | null;
            /** @description Of this type. */
            type?: string | null;
        };
        /** @description What a redrive set going. */
        Redriven: {
            /**
             * Format: date-time
             * @description When the last of them is due.
             */
            due_at: string;
            /** @description Whether more of them are dead: send the request again. */
            more: boolean;
            /**
             * @description Always `dead_letter_redrive`.
             * @constant
             */
            object: "dead_letter_redrive";
            /**
             * Format: int64
             * @description How many letters are tried again.
             */
            redriven: number;
        };
        /** @description The body of POST /sessions/refresh and, where there is one, of DELETE /sessions/current. */
        Refresh: {
            /**
             * @description As it was last given out.
             * @example hgr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
             */
            refresh_token: string;
        };
        /** @description A part of a payment, or all of it, on its way back. */
        Refund: {
            /** @description How much. */
            amount: components["schemas"]["Money"];
            /**
             * Format: date-time
             * @description RFC 3339, UTC.
             */
            created_at: string;
            /** @description Its id. */
            id: components["schemas"]["RefundId"];
            /**
             * @description Always `refund`.
             * @constant
             */
            object: "refund";
            /** @description What had been paid for. */
            order_id: components["schemas"]["OrderId"];
            /** @description What it pays back. */
            payment_id: components["schemas"]["PaymentId"];
            /** @description Where it stands. */
            status: components["schemas"]["RefundStatus"];
            /**
             * Format: date-time
             * @description RFC 3339, UTC.
             */
            updated_at: string;
        };
        /** @description An amount to pay back, in minor units: `{"amount":2999,"currency":"USD"}` is 29.99 dollars. */
        RefundAmount: {
            /**
             * Format: int64
             * @description Minor units, at least one.
             * @example 2999
             */
            amount: number;
            /** @description The payment's currency. */
            currency: components["schemas"]["Currency"];
        };
        /** @example re_01h455vb4pex5vsknk084sn02q */
        RefundId: string;
        /**
         * @description Where a refund stands.
         * @enum {string}
         */
        RefundStatus: "pending" | "succeeded";
        /** @description A revocation. */
        Revocation: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it may be forgotten, since what it is about has expired, RFC 3339, UTC.
             */
            expires_at: string;
            /** @description Its id. */
            id: components["schemas"]["RevocationId"];
            /**
             * Format: date-time
             * @description Of the subject's tokens those that were issued before this, RFC 3339, UTC.
             */
            issued_before?: string | null;
            /**
             * @description Always `revocation`.
             * @constant
             */
            object: "revocation";
            /** @description The subject. */
            subject?: string | null;
            /** @description The token's id. */
            token_id?: string | null;
        };
        /** @example rev_01h455vb4pex5vsknk084sn02q */
        RevocationId: string;
        /**
         * @description What a principal is to the shop. A role brings its scopes; a token may carry fewer.
         * @enum {string}
         */
        Role: "customer" | "partner" | "service" | "support" | "admin";
        /** @description The body of POST /admin/api-keys/{id}/rotate. */
        Rotate: {
            /**
             * Format: int64
             * @description For how long the old key still holds; 0 ends it now. A day unless it says otherwise.
             * @example 86400
             */
            overlap_seconds?: number;
        };
        /**
         * @description How a secret is replaced.
         * @example {
         *       "overlap_seconds": 86400
         *     }
         */
        Rotation: {
            /**
             * Format: int64
             * @description How long the replaced secret signs beside the new one, in seconds; a day unless it says
             *     otherwise.
             */
            overlap_seconds?: number | null;
        };
        /**
         * @description Which products, and in which order. Filters that are left out hold for all products; those that
         *     are there must all hold.
         */
        Search: {
            availability?: components["schemas"]["Availability"] | null;
            /** @description In one of these categories. */
            categories?: string[] | null;
            /** @description `next_cursor` of the page before, with the same filters. */
            cursor?: string | null;
            /** @description One of these products. */
            ids?: components["schemas"]["ProductId"][] | null;
            /**
             * Format: int64
             * @description Most rows a page.
             * @default 20
             */
            limit: number | null;
            /**
             * Format: int64
             * @description Greatest price in minor units.
             */
            max_price?: number | null;
            /**
             * Format: int64
             * @description Least price in minor units.
             */
            min_price?: number | null;
            /** @description Words to find in name, category and description; `"a phrase"`, `or` and `-not` work. */
            q?: string | null;
            /** @description With one of these article numbers. */
            skus?: string[] | null;
            sort?: components["schemas"]["Sort"] | null;
        };
        /** @description The body of POST /sessions. */
        SignIn: {
            /**
             * @description The user's email address, whatever its upper and lower case.
             * @example ada@example.com
             */
            email: string;
            /**
             * Format: password
             * @description The user's password.
             * @example correct horse battery
             */
            password: string;
        };
        /**
         * @description In which order.
         * @enum {string}
         */
        Sort: "newest" | "price_asc" | "price_desc" | "relevance";
        /** @description Ceilings by stage. */
        Stages: {
            dev?: components["schemas"]["Ceiling"] | null;
            prod?: components["schemas"]["Ceiling"] | null;
        };
        /** @description The body of PUT /orders/{id}/status. */
        StatusChange: {
            /** @description Where the order shall stand: `cancelled` for its owner, also `fulfilled` for an admin. */
            status: components["schemas"]["OrderStatus"];
            /**
             * Format: int64
             * @description The version that the change was made from; another than the current one is 409
             *     `version_conflict`.
             */
            version?: number | null;
        };
        /** @description A client's access token [RFC 6749 §5.1]. */
        TokenAnswer: {
            /** @description For `Authorization: Bearer …`. */
            access_token: string;
            /**
             * Format: int64
             * @description Seconds for which it holds.
             */
            expires_in: number;
            /** @description The scopes that it carries, separated by spaces. */
            scope: string;
            /** @description Always `Bearer`. */
            token_type: string;
        };
        /** @description Why there is no token [RFC 6749 §5.2]. */
        TokenError: {
            /** @description `invalid_request`, `invalid_client`, `unsupported_grant_type` or `invalid_scope`. */
            error: string;
            /** @description What is wrong. */
            error_description: string;
        };
        /** @description The form of POST /oauth/token. */
        TokenRequest: {
            /** @description The client's id, unless it stands in the Authorization field. */
            client_id?: string | null;
            /** @description The client's secret, unless it stands in the Authorization field. */
            client_secret?: string | null;
            /**
             * @description Always `client_credentials`.
             * @example client_credentials
             */
            grant_type: string;
            /**
             * @description Scopes, separated by spaces; all that the client has without it.
             * @example orders:read
             */
            scope?: string | null;
        };
        /** @description What a session's calls need. */
        Tokens: {
            /** @description For `Authorization: Bearer …`. */
            access_token: string;
            /**
             * Format: int64
             * @description Seconds for which the access token holds.
             */
            expires_in: number;
            /** @description For POST /sessions/refresh, once. */
            refresh_token: string;
            /** @description Always `Bearer` [RFC 6750]. */
            token_type: string;
        };
        /** @description A user. */
        User: {
            address?: components["schemas"]["Address"] | null;
            /**
             * Format: date-time
             * @description RFC 3339, UTC.
             */
            created_at: string;
            /** @description Where it gets its mail. */
            email: string;
            /** @description Its id. */
            id: components["schemas"]["UserId"];
            /** @description Display name. */
            name: string;
            /**
             * @description Always `user`.
             * @constant
             */
            object: "user";
            /** @description With country code [E.164]. */
            phone?: string | null;
            /** @description What it is to the shop. */
            role: components["schemas"]["Role"];
            /**
             * Format: date-time
             * @description RFC 3339, UTC.
             */
            updated_at: string;
            /**
             * Format: int64
             * @description Grows by one with every change.
             */
            version: number;
        };
        /**
         * @description The body of PUT /users/{id}, and what a patch is applied to: all that a client may write.
         *     Optional members that are absent become null; the password stays unless one is sent.
         */
        UserChange: {
            address?: components["schemas"]["Address"] | null;
            /**
             * Format: email
             * @description Unique, whatever its upper and lower case.
             * @example ada@example.com
             */
            email: string;
            /**
             * @description Display name.
             * @example Ada Lovelace
             */
            name: string;
            /**
             * Format: password
             * @description A new password, 8 to 200 characters; the old one stays without it.
             * @example correct horse battery
             */
            password?: string | null;
            /**
             * @description With country code: `+` and 7 to 15 digits [E.164].
             * @example +41446681800
             */
            phone?: string | null;
            /**
             * Format: int64
             * @description The version that the change was made from; another than the current one is 409
             *     `version_conflict`.
             */
            version?: number | null;
        };
        /** @example usr_01h455vb4pex5vsknk084sn02q */
        UserId: string;
        /** @description A webhook. */
        Webhook: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC.
             */
            created_at: string;
            /** @description Whether it hears of events. */
            enabled: boolean;
            /** @description Which events, by name, or `*` for all. */
            events: string[];
            /** @description Whether it was switched off because its receiver answered 410. */
            gone: boolean;
            /** @description Its id. */
            id: components["schemas"]["WebhookId"];
            /**
             * @description Always `webhook`.
             * @constant
             */
            object: "webhook";
            /** @description What its `v1a` signatures (Ed25519) are verified with: `whpk_` and base64. */
            public_key: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC.
             */
            updated_at: string;
            /** @description Where events are sent by POST. */
            url: string;
        };
        /** @example we_01h455vb4pex5vsknk084sn02q */
        WebhookId: string;
        /** @description Parts of it: a merge patch [RFC 7396]. */
        WebhookMergePatch: {
            /** @description Whether it hears of events. */
            enabled?: boolean | null;
            /** @description Which events, by name, or `*` for all. */
            events?: ("order.created" | "order.confirmed" | "payment.failed" | "order.cancelled" | "order.fulfilled" | "order.refunded" | "order.rejected" | "product.created" | "product.updated" | "product.deleted" | "inventory.low" | "*")[];
            /**
             * Format: uri
             * @description Where events are sent by POST.
             */
            url?: string;
        };
        /** @description A webhook and its secret, which is shown once. */
        WebhookWithSecret: components["schemas"]["Webhook"] & {
            /**
             * @description What its `v1` signatures (HMAC-SHA256) are verified with: `whsec_` and base64. Keep it; it is
             *     not shown again.
             */
            secret: string;
        };
        /** @description The members to change [RFC 7396]; null clears one that may be absent. */
        ProductDocumentMergePatch: {
            /**
             * @description Whether it is listed and can be ordered.
             * @example true
             */
            active?: boolean;
            /**
             * @description One category's slug.
             * @example kitchen
             */
            category?: string;
            /**
             * @description Plain text; may be empty.
             * @example Holds 350 ml. Dishwasher-safe.
             */
            description?: string;
            /**
             * @description Address of a picture, if there is one.
             * @example https://img.example/mug.jpg
             */
            image_url?: string | null;
            /**
             * @description Display name.
             * @example Stoneware mug, blue
             */
            name?: string;
            /** @description Price of one unit. */
            price?: components["schemas"]["Money"];
            /**
             * @description The shop's own article number. No two products share one.
             * @example MUG-0001
             */
            sku?: string;
            /**
             * Format: int64
             * @description Units that are free to be ordered.
             * @example 40
             */
            stock?: number;
            /**
             * Format: int64
             * @description The version that the client has seen; another one than the current is refused.
             */
            version?: number | null;
        };
        /** @description The members to change [RFC 7396]; null clears one that may be absent. */
        UserChangeMergePatch: {
            address?: components["schemas"]["Address"] | null;
            /**
             * Format: email
             * @description Unique, whatever its upper and lower case.
             * @example ada@example.com
             */
            email?: string;
            /**
             * @description Display name.
             * @example Ada Lovelace
             */
            name?: string;
            /**
             * Format: password
             * @description A new password, 8 to 200 characters; the old one stays without it.
             * @example correct horse battery
             */
            password?: string | null;
            /**
             * @description With country code: `+` and 7 to 15 digits [E.164].
             * @example +41446681800
             */
            phone?: string | null;
            /**
             * Format: int64
             * @description The version that the change was made from; another than the current one is 409
             *     `version_conflict`.
             */
            version?: number | null;
        };
        /**
         * @description Operations, done in their order, all or none [RFC 6902].
         * @example [
         *       {
         *         "op": "replace",
         *         "path": "/name",
         *         "value": "Stoneware mug, green"
         *       }
         *     ]
         */
        JsonPatch: ({
            /**
             * @description What to do.
             * @enum {string}
             */
            op: "add" | "replace" | "test";
            /** @description Where [RFC 6901]. */
            path: string;
            /** @description What to put there, or what must be there. */
            value: unknown;
        } | {
            /**
             * @description What to do.
             * @enum {string}
             */
            op: "move" | "copy";
            /** @description Where [RFC 6901]. */
            path: string;
            /** @description From where [RFC 6901]. */
            from: string;
        } | {
            /**
             * @description What to do.
             * @enum {string}
             */
            op: "remove";
            /** @description Where [RFC 6901]. */
            path: string;
        })[];
        /** @description Why a request was refused [RFC 9457]; `error` has Stripe's shape. Further members belong to some codes, as their pages say. */
        Problem: {
            /**
             * Format: uri
             * @description A page that explains the code.
             */
            type: string;
            /** @description The same for each occurrence of the code. */
            title: string;
            /**
             * Format: int32
             * @description The HTTP status.
             */
            status: number;
            /** @description What is wrong with this request. */
            detail: string;
            /** @description The request's path. */
            instance: string;
            /**
             * @description Which problem it is; stable.
             * @enum {string}
             */
            code: "request_invalid" | "body_invalid" | "cursor_invalid" | "cursor_mismatch" | "idempotency_key_required" | "idempotency_key_invalid" | "api_version_conflict" | "token_missing" | "token_invalid" | "token_expired" | "credentials_invalid" | "refresh_token_invalid" | "payment_declined" | "scope_missing" | "forbidden" | "access_denied" | "not_found" | "api_version_unknown" | "method_not_allowed" | "not_acceptable" | "price_changed" | "out_of_stock" | "product_unavailable" | "idempotency_in_progress" | "operation_uncertain" | "version_conflict" | "sku_taken" | "email_taken" | "name_taken" | "plan_in_use" | "firewall_locks_out" | "illegal_transition" | "refund_exceeds_payment" | "patch_test_failed" | "dead_letter_settled" | "limit_reached" | "webhook_disabled" | "api_version_retired" | "precondition_failed" | "body_too_large" | "uri_too_long" | "media_type_unsupported" | "content_encoding_unsupported" | "range_not_satisfiable" | "idempotency_key_reused" | "precondition_required" | "rate_limited" | "quota_exceeded" | "concurrency_exceeded" | "headers_too_large" | "internal" | "origin_unreachable" | "unavailable" | "feed_unreachable" | "api_version_brownout" | "origin_timeout" | "not_stored";
            /** @description Our id of the request. */
            request_id: string;
            /** @description Each fault of the body, all at once. */
            errors: {
                /** @description JSON pointer [RFC 6901] into the request's body. */
                pointer: string;
                /** @description What kind of fault it is. */
                code: string;
                /** @description What is wrong. */
                detail: string;
                /** @description What would be right. */
                fix: string;
            }[];
            /** @description Whether the same request may succeed later. */
            retry: {
                /** @description Whether it may. */
                retryable: boolean;
                /**
                 * Format: int64
                 * @description When to try; `Retry-After` says the same.
                 */
                after_seconds: number | null;
                /** @description Whether to send the same idempotency key. */
                same_key: boolean;
            };
            /**
             * @description What became of the work; on keyed requests.
             * @enum {string}
             */
            outcome?: "not_applied" | "unknown" | "applied";
            /** @description Whether a new key can't do the work twice, by an earlier call either; on keyed requests. */
            safe_new_key?: boolean;
            /** @description The same in Stripe's shape. */
            error: {
                /**
                 * @description Class of the error.
                 * @enum {string}
                 */
                type: "api_error" | "authentication_error" | "card_error" | "idempotency_error" | "invalid_request_error" | "rate_limit_error";
                /**
                 * @description Which problem it is; stable.
                 * @enum {string}
                 */
                code: "request_invalid" | "body_invalid" | "cursor_invalid" | "cursor_mismatch" | "idempotency_key_required" | "idempotency_key_invalid" | "api_version_conflict" | "token_missing" | "token_invalid" | "token_expired" | "credentials_invalid" | "refresh_token_invalid" | "payment_declined" | "scope_missing" | "forbidden" | "access_denied" | "not_found" | "api_version_unknown" | "method_not_allowed" | "not_acceptable" | "price_changed" | "out_of_stock" | "product_unavailable" | "idempotency_in_progress" | "operation_uncertain" | "version_conflict" | "sku_taken" | "email_taken" | "name_taken" | "plan_in_use" | "firewall_locks_out" | "illegal_transition" | "refund_exceeds_payment" | "patch_test_failed" | "dead_letter_settled" | "limit_reached" | "webhook_disabled" | "api_version_retired" | "precondition_failed" | "body_too_large" | "uri_too_long" | "media_type_unsupported" | "content_encoding_unsupported" | "range_not_satisfiable" | "idempotency_key_reused" | "precondition_required" | "rate_limited" | "quota_exceeded" | "concurrency_exceeded" | "headers_too_large" | "internal" | "origin_unreachable" | "unavailable" | "feed_unreachable" | "api_version_brownout" | "origin_timeout" | "not_stored";
                /** @description Why the card was declined. */
                decline_code?: string;
                /** @description What is wrong with this request. */
                message: string;
                /** @description The first of `errors`. */
                param?: string;
                /** @description The provider's name of the charge. */
                charge?: string;
                /** @description The order that it was for. */
                order?: string;
                /**
                 * Format: uri
                 * @description A page that explains the code.
                 */
                doc_url: string;
            };
        };
    };
    responses: {
        /** @description Refused: `request_invalid`, `body_invalid`, `cursor_invalid`, `cursor_mismatch`, `idempotency_key_required`, `idempotency_key_invalid`, `api_version_conflict`. */
        BadRequest: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "API-Version": components["headers"]["API-Version"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                "Cache-Control": components["headers"]["Cache-Control"];
                "Server-Timing": components["headers"]["Server-Timing"];
                Vary: components["headers"]["Vary"];
                "Error-Code": components["headers"]["Error-Code"];
                "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Refused: `token_missing`, `token_invalid`, `token_expired`, `credentials_invalid`, `refresh_token_invalid`. */
        Unauthorized: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "API-Version": components["headers"]["API-Version"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                "Cache-Control": components["headers"]["Cache-Control"];
                "Server-Timing": components["headers"]["Server-Timing"];
                Vary: components["headers"]["Vary"];
                "Error-Code": components["headers"]["Error-Code"];
                "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Refused: `payment_declined`. */
        PaymentRequired: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "API-Version": components["headers"]["API-Version"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                "Cache-Control": components["headers"]["Cache-Control"];
                "Server-Timing": components["headers"]["Server-Timing"];
                Vary: components["headers"]["Vary"];
                "Error-Code": components["headers"]["Error-Code"];
                "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                "Original-Request-Id": components["headers"]["Original-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Refused: `scope_missing`, `forbidden`, `access_denied`. */
        Forbidden: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "API-Version": components["headers"]["API-Version"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                "Cache-Control": components["headers"]["Cache-Control"];
                "Server-Timing": components["headers"]["Server-Timing"];
                Vary: components["headers"]["Vary"];
                "Error-Code": components["headers"]["Error-Code"];
                "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Refused: `not_found`, `api_version_unknown`. */
        NotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "API-Version": components["headers"]["API-Version"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                "Cache-Control": components["headers"]["Cache-Control"];
                "Server-Timing": components["headers"]["Server-Timing"];
                Vary: components["headers"]["Vary"];
                "Error-Code": components["headers"]["Error-Code"];
                "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                Age: components["headers"]["Age"];
                "Cache-Status": components["headers"]["Cache-Status"];
                "CDN-Cache-Control": components["headers"]["CDN-Cache-Control"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Refused: `not_acceptable`. */
        NotAcceptable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "API-Version": components["headers"]["API-Version"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                "Cache-Control": components["headers"]["Cache-Control"];
                "Server-Timing": components["headers"]["Server-Timing"];
                Vary: components["headers"]["Vary"];
                "Error-Code": components["headers"]["Error-Code"];
                "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Refused: `price_changed`, `out_of_stock`, `product_unavailable`, `idempotency_in_progress`, `operation_uncertain`, `version_conflict`, `sku_taken`, `email_taken`, `name_taken`, `plan_in_use`, `firewall_locks_out`, `illegal_transition`, `refund_exceeds_payment`, `patch_test_failed`, `dead_letter_settled`, `limit_reached`, `webhook_disabled`. */
        Conflict: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "API-Version": components["headers"]["API-Version"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                "Cache-Control": components["headers"]["Cache-Control"];
                "Server-Timing": components["headers"]["Server-Timing"];
                Vary: components["headers"]["Vary"];
                "Error-Code": components["headers"]["Error-Code"];
                "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Refused: `precondition_failed`. */
        PreconditionFailed: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "API-Version": components["headers"]["API-Version"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                "Cache-Control": components["headers"]["Cache-Control"];
                "Server-Timing": components["headers"]["Server-Timing"];
                Vary: components["headers"]["Vary"];
                "Error-Code": components["headers"]["Error-Code"];
                "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                ETag: components["headers"]["ETag"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Refused: `body_too_large`. */
        PayloadTooLarge: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "API-Version": components["headers"]["API-Version"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                "Cache-Control": components["headers"]["Cache-Control"];
                "Server-Timing": components["headers"]["Server-Timing"];
                Vary: components["headers"]["Vary"];
                "Error-Code": components["headers"]["Error-Code"];
                "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Refused: `uri_too_long`. */
        URITooLong: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "API-Version": components["headers"]["API-Version"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                "Cache-Control": components["headers"]["Cache-Control"];
                "Server-Timing": components["headers"]["Server-Timing"];
                Vary: components["headers"]["Vary"];
                "Error-Code": components["headers"]["Error-Code"];
                "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Refused: `media_type_unsupported`, `content_encoding_unsupported`. */
        UnsupportedMediaType: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "API-Version": components["headers"]["API-Version"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                "Cache-Control": components["headers"]["Cache-Control"];
                "Server-Timing": components["headers"]["Server-Timing"];
                Vary: components["headers"]["Vary"];
                "Error-Code": components["headers"]["Error-Code"];
                "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                Accept: components["headers"]["Accept"];
                "Accept-Patch": components["headers"]["Accept-Patch"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Refused: `idempotency_key_reused`. */
        UnprocessableEntity: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "API-Version": components["headers"]["API-Version"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                "Cache-Control": components["headers"]["Cache-Control"];
                "Server-Timing": components["headers"]["Server-Timing"];
                Vary: components["headers"]["Vary"];
                "Error-Code": components["headers"]["Error-Code"];
                "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Refused: `precondition_required`. */
        PreconditionRequired: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "API-Version": components["headers"]["API-Version"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                "Cache-Control": components["headers"]["Cache-Control"];
                "Server-Timing": components["headers"]["Server-Timing"];
                Vary: components["headers"]["Vary"];
                "Error-Code": components["headers"]["Error-Code"];
                "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Refused: `rate_limited`, `quota_exceeded`, `concurrency_exceeded`. */
        TooManyRequests: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "API-Version": components["headers"]["API-Version"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                "Cache-Control": components["headers"]["Cache-Control"];
                "Server-Timing": components["headers"]["Server-Timing"];
                Vary: components["headers"]["Vary"];
                "Error-Code": components["headers"]["Error-Code"];
                "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Refused: `headers_too_large`. */
        RequestHeaderFieldsTooLarge: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "API-Version": components["headers"]["API-Version"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                "Cache-Control": components["headers"]["Cache-Control"];
                "Server-Timing": components["headers"]["Server-Timing"];
                Vary: components["headers"]["Vary"];
                "Error-Code": components["headers"]["Error-Code"];
                "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Refused: `internal`. */
        InternalServerError: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "API-Version": components["headers"]["API-Version"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                "Cache-Control": components["headers"]["Cache-Control"];
                "Server-Timing": components["headers"]["Server-Timing"];
                Vary: components["headers"]["Vary"];
                "Error-Code": components["headers"]["Error-Code"];
                "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Refused: `origin_unreachable`. */
        BadGateway: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "API-Version": components["headers"]["API-Version"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                "Cache-Control": components["headers"]["Cache-Control"];
                "Server-Timing": components["headers"]["Server-Timing"];
                Vary: components["headers"]["Vary"];
                "Error-Code": components["headers"]["Error-Code"];
                "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                "Retry-After": components["headers"]["Retry-After"];
                "Proxy-Status": components["headers"]["Proxy-Status"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Refused: `unavailable`, `feed_unreachable`, `api_version_brownout`. */
        ServiceUnavailable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "API-Version": components["headers"]["API-Version"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                "Cache-Control": components["headers"]["Cache-Control"];
                "Server-Timing": components["headers"]["Server-Timing"];
                Vary: components["headers"]["Vary"];
                "Error-Code": components["headers"]["Error-Code"];
                "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                "Retry-After": components["headers"]["Retry-After"];
                "Proxy-Status": components["headers"]["Proxy-Status"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Refused: `origin_timeout`, `not_stored`. */
        GatewayTimeout: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "API-Version": components["headers"]["API-Version"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                "Cache-Control": components["headers"]["Cache-Control"];
                "Server-Timing": components["headers"]["Server-Timing"];
                Vary: components["headers"]["Vary"];
                "Error-Code": components["headers"]["Error-Code"];
                "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                "Retry-After": components["headers"]["Retry-After"];
                "Proxy-Status": components["headers"]["Proxy-Status"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        /**
         * @description ETags that the client has; a match is 304 without a body.
         * @example "3"
         */
        "If-None-Match": string;
    };
    requestBodies: never;
    headers: {
        /**
         * @description Our id of the request.
         * @example req_01h455vb4pex5vsknk084sn02q
         */
        "X-Request-Id": string;
        /**
         * @description Which version answered.
         * @example v2
         */
        "API-Version": string;
        /**
         * @description Tag of the state.
         * @example "3"
         */
        ETag: string;
        /**
         * @description Where the resource is.
         * @example /orders/ord_41h455vb4pex5vsknk084sn02q
         */
        Location: string;
        /**
         * @description Pages of the list: first, prev, next [RFC 8288].
         * @example <?limit=20>; rel="first"
         */
        Link: string;
        /**
         * @description The problem's code.
         * @example not_found
         */
        "Error-Code": string;
        /**
         * @description Limits in force [draft-ietf-httpapi-ratelimit-headers].
         * @example "minute";q=1000;w=60
         */
        "RateLimit-Policy": string;
        /**
         * @description What is left: `r` tokens, full again in `t` seconds.
         * @example "minute";r=998;t=1
         */
        RateLimit: string;
        /**
         * @description Which web pages may read the answer.
         * @example *
         */
        "Access-Control-Allow-Origin": string;
        /**
         * @description Media types that the route takes.
         * @example application/json
         */
        Accept: string;
        /**
         * @description Patch documents that the resource takes [RFC 5789].
         * @example application/merge-patch+json, application/json-patch+json
         */
        "Accept-Patch": string;
        /**
         * @description Which credentials are needed [RFC 6750].
         * @example Bearer
         */
        "WWW-Authenticate": string;
        /**
         * @description On a replay, the request that did the work.
         * @example req_01h455vb4pex5vsknk084sn02q
         */
        "Original-Request-Id": string;
        /**
         * @description How long whom the answer took, in milliseconds [Server Timing, W3C].
         * @example edge;dur=1, origin;dur=12
         */
        "Server-Timing": string;
        /**
         * @description For how long whom the answer may be kept by [RFC 9111].
         * @example private, no-store
         */
        "Cache-Control": string;
        /**
         * @description For how long shared caches may keep the answer [RFC 9213].
         * @example max-age=3600, stale-while-revalidate=60
         */
        "CDN-Cache-Control": string;
        /**
         * @description What the edge's cache did [RFC 9211].
         * @example headgate; hit; ttl=3595
         */
        "Cache-Status": string;
        /**
         * @description Fields of the request on which the answer depends.
         * @example Accept, Accept-Encoding
         */
        Vary: string;
        /**
         * @description Which preference was followed [RFC 7240].
         * @example return=minimal
         */
        "Preference-Applied": string;
        /**
         * @description Why the edge answers in the origin's place [RFC 9209].
         * @example headgate; error=http_response_timeout
         */
        "Proxy-Status": string;
        /**
         * @description A place in the database's log behind the change: a read that sends it along sees the change.
         * @example 97526184
         */
        "Headgate-Position": string;
        /**
         * @description Seconds until a retry makes sense.
         * @example 1
         */
        "Retry-After": number;
        /**
         * @description For how many seconds the answer was kept [RFC 9111].
         * @example 5
         */
        Age: number;
        /**
         * @description Whether it is the answer of an earlier request.
         * @example false
         */
        "Idempotent-Replayed": "true" | "false";
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readKeySet: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A JSON Web Key Set [RFC 7517]. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    Age: components["headers"]["Age"];
                    "Cache-Status": components["headers"]["Cache-Status"];
                    "CDN-Cache-Control": components["headers"]["CDN-Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    listAnalyticsDays: {
        parameters: {
            query?: {
                /** @description The first day, such as `2026-11-01`; 30 days ago unless it is sent. */
                from?: string;
                /** @description The last day; today unless it is sent. */
                to?: string;
                /** @description Most rows a page. */
                limit?: number;
                /** @description Where the page starts: `next_cursor` of another page of the same list. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of days. */
            200: {
                headers: {
                    Link: components["headers"]["Link"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_AnalyticsDay"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    listApiKeys: {
        parameters: {
            query?: {
                /** @description Most rows a page. */
                limit?: number;
                /** @description Where the page starts: `next_cursor` of another page of the same list. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of keys. */
            200: {
                headers: {
                    Link: components["headers"]["Link"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ApiKeyView"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    createApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewApiKey"];
            };
        };
        responses: {
            /** @description The new key. */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedApiKey"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    readApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key. */
                id: components["schemas"]["ApiKeyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key, without the key itself. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyView"];
                };
            };
            /** @description The client's copy still holds. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    revokeApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key. */
                id: components["schemas"]["ApiKeyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is revoked. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            414: components["responses"]["URITooLong"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    rotateApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key that is replaced. */
                id: components["schemas"]["ApiKeyId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Rotate"] | null;
            };
        };
        responses: {
            /** @description The new key. */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedApiKey"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    purgeCache: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPurge"];
            };
        };
        responses: {
            /** @description It is on its way. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Purge"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    listDeadLetters: {
        parameters: {
            query?: {
                /** @description Only those of this consumer. */
                consumer?: string;
                /** @description Only those of this type of event. */
                type?: string;
                /** @description Only those that stand there: `dead`, `redriven`, `done` or `discarded`. */
                status?: string;
                /** @description Only those that were given up at this time or later. */
                since?: string;
                /** @description Only those that were given up before this time. */
                until?: string;
                /** @description Most rows a page. */
                limit?: number;
                /** @description Where the page starts: `next_cursor` of another page of the same list. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of dead letters. */
            200: {
                headers: {
                    Link: components["headers"]["Link"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_DeadLetter"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    redriveDeadLetters: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Redrive"];
            };
        };
        responses: {
            /** @description They are on their way. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Redriven"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    readDeadLetter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The dead letter. */
                id: components["schemas"]["DeadLetterId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The dead letter. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadLetter"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    discardDeadLetter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The dead letter. */
                id: components["schemas"]["DeadLetterId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Discard"];
            };
        };
        responses: {
            /** @description It is discarded. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadLetter"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    editDeadLetter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The dead letter. */
                id: components["schemas"]["DeadLetterId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewData"];
            };
        };
        responses: {
            /** @description It is on its way. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadLetter"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    redriveDeadLetter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The dead letter. */
                id: components["schemas"]["DeadLetterId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is on its way. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadLetter"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    listEvents: {
        parameters: {
            query?: {
                /** @description Only those of this type. */
                type?: string;
                /** @description Only those of this order, product or purge. */
                aggregate_id?: string;
                /** @description Only those of this time or later. */
                since?: string;
                /** @description Only those before this time. */
                until?: string;
                /** @description Most rows a page. */
                limit?: number;
                /** @description Where the page starts: `next_cursor` of another page of the same list. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of events. */
            200: {
                headers: {
                    Link: components["headers"]["Link"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_LoggedEvent"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    readFirewall: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The lists. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Firewall"];
                };
            };
            /** @description The client's copy still holds. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    replaceFirewall: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewFirewall"];
            };
        };
        responses: {
            /** @description The lists that hold now. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Firewall"];
                };
            };
            /** @description Changed; the client preferred no body. */
            204: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    deleteFirewall: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They no longer hold. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            414: components["responses"]["URITooLong"];
            422: components["responses"]["UnprocessableEntity"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    listLowStock: {
        parameters: {
            query?: {
                /** @description Most rows a page. */
                limit?: number;
                /** @description Where the page starts: `next_cursor` of another page of the same list. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of products. */
            200: {
                headers: {
                    Link: components["headers"]["Link"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_LowStock"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    readOrigins: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The lists. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Origins"];
                };
            };
            /** @description The client's copy still holds. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    replaceOrigins: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewOrigins"];
            };
        };
        responses: {
            /** @description The lists that hold now. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Origins"];
                };
            };
            /** @description Changed; the client preferred no body. */
            204: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    deleteOrigins: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They no longer hold. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            414: components["responses"]["URITooLong"];
            422: components["responses"]["UnprocessableEntity"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    listPlans: {
        parameters: {
            query?: {
                /** @description Most rows a page. */
                limit?: number;
                /** @description Where the page starts: `next_cursor` of another page of the same list. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of plans. */
            200: {
                headers: {
                    Link: components["headers"]["Link"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Plan"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    createPlan: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPlan"];
            };
        };
        responses: {
            /** @description The new plan. */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    readPlan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The plan. */
                id: components["schemas"]["PlanId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The plan. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            /** @description The client's copy still holds. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    replacePlan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The plan. */
                id: components["schemas"]["PlanId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPlan"];
            };
        };
        responses: {
            /** @description The changed plan. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            /** @description Changed; the client preferred no body. */
            204: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    deletePlan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The plan. */
                id: components["schemas"]["PlanId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            414: components["responses"]["URITooLong"];
            422: components["responses"]["UnprocessableEntity"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    listRevocations: {
        parameters: {
            query?: {
                /** @description Most rows a page. */
                limit?: number;
                /** @description Where the page starts: `next_cursor` of another page of the same list. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of revocations. */
            200: {
                headers: {
                    Link: components["headers"]["Link"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Revocation"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    createRevocation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewRevocation"];
            };
        };
        responses: {
            /** @description The revocation. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Revocation"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    listWebhooks: {
        parameters: {
            query?: {
                /** @description Most rows a page. */
                limit?: number;
                /** @description Where the page starts: `next_cursor` of another page of the same list. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of webhooks. */
            200: {
                headers: {
                    Link: components["headers"]["Link"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Webhook"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    createWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewWebhook"];
            };
        };
        responses: {
            /** @description The new webhook, with its secret. */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookWithSecret"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    readWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The webhook. */
                id: components["schemas"]["WebhookId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhook. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            /** @description The client's copy still holds. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    deleteWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The webhook. */
                id: components["schemas"]["WebhookId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            414: components["responses"]["URITooLong"];
            422: components["responses"]["UnprocessableEntity"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    patchWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The webhook. */
                id: components["schemas"]["WebhookId"];
            };
            cookie?: never;
        };
        /** @description The patch, over `{url, events, enabled}`. */
        requestBody: {
            content: {
                "application/json-patch+json": components["schemas"]["JsonPatch"];
                "application/merge-patch+json": components["schemas"]["WebhookMergePatch"];
            };
        };
        responses: {
            /** @description The changed webhook. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            /** @description Changed; the client preferred no body. */
            204: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    listWebhookDeliveries: {
        parameters: {
            query?: {
                /** @description Most rows a page. */
                limit?: number;
                /** @description Where the page starts: `next_cursor` of another page of the same list. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The webhook. */
                id: components["schemas"]["WebhookId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of deliveries. */
            200: {
                headers: {
                    Link: components["headers"]["Link"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Delivery"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    rotateWebhookSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The webhook. */
                id: components["schemas"]["WebhookId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Rotation"] | null;
            };
        };
        responses: {
            /** @description The webhook, with its new secret. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookWithSecret"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    testWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The webhook. */
                id: components["schemas"]["WebhookId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is on its way. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivery"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            414: components["responses"]["URITooLong"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    readHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It does. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    Age: components["headers"]["Age"];
                    "Cache-Status": components["headers"]["Cache-Status"];
                    "CDN-Cache-Control": components["headers"]["CDN-Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Probe"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    readIdempotencyKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key, percent-encoded. */
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdempotencyKey"];
                };
            };
            /** @description The client's copy still holds. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    createToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": components["schemas"]["TokenRequest"];
            };
        };
        responses: {
            /** @description The token. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenAnswer"];
                };
            };
            /** @description The request is refused. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenError"];
                };
            };
            /** @description The client is refused. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenError"];
                };
            };
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    readOpenapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An OpenAPI 3.1 document. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    Age: components["headers"]["Age"];
                    "Cache-Status": components["headers"]["Cache-Status"];
                    "CDN-Cache-Control": components["headers"]["CDN-Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, unknown>;
                };
            };
            /** @description The client's copy still holds. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    Age: components["headers"]["Age"];
                    "Cache-Status": components["headers"]["Cache-Status"];
                    "CDN-Cache-Control": components["headers"]["CDN-Cache-Control"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    listOrders: {
        parameters: {
            query?: {
                /** @description Only orders that stand there. */
                status?: components["schemas"]["OrderStatus"];
                /** @description Most rows a page. */
                limit?: number;
                /** @description Where the page starts: `next_cursor` of another page of the same list. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of orders. */
            200: {
                headers: {
                    Link: components["headers"]["Link"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Order"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    createOrder: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewOrder"];
            };
        };
        responses: {
            /** @description The order is confirmed. */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            402: components["responses"]["PaymentRequired"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    readOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The order. */
                id: components["schemas"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The order. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description The client's copy still holds. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    deleteOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The order. */
                id: components["schemas"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            414: components["responses"]["URITooLong"];
            422: components["responses"]["UnprocessableEntity"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    patchOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The order. */
                id: components["schemas"]["OrderId"];
            };
            cookie?: never;
        };
        /** @description The patch, over `{shipping_address, note, version}`. */
        requestBody: {
            content: {
                "application/json-patch+json": components["schemas"]["JsonPatch"];
                "application/merge-patch+json": components["schemas"]["OrderMergePatch"];
            };
        };
        responses: {
            /** @description The changed order. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description Changed; the client preferred no body. */
            204: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    listOrderPayments: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The order. */
                id: components["schemas"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The payments. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Payment"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    payOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The order. */
                id: components["schemas"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPayment"];
            };
        };
        responses: {
            /** @description The order is paid. */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            402: components["responses"]["PaymentRequired"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    moveOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The order. */
                id: components["schemas"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StatusChange"];
            };
        };
        responses: {
            /** @description The order, where it stands now. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description Moved; the client preferred no body. */
            204: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    listPayments: {
        parameters: {
            query?: {
                /** @description Most rows a page. */
                limit?: number;
                /** @description Where the page starts: `next_cursor` of another page of the same list. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of payments. */
            200: {
                headers: {
                    Link: components["headers"]["Link"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Payment"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    readPayment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The payment. */
                id: components["schemas"]["PaymentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The payment. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description The client's copy still holds. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    listRefunds: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The payment. */
                id: components["schemas"]["PaymentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The refunds. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Refund"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    createRefund: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The payment. */
                id: components["schemas"]["PaymentId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewRefund"];
            };
        };
        responses: {
            /** @description It is paid back. */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refund"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    readRefund: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The payment. */
                id: components["schemas"]["PaymentId"];
                /** @description The refund. */
                refund_id: components["schemas"]["RefundId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The refund. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refund"];
                };
            };
            /** @description The client's copy still holds. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    listProducts: {
        parameters: {
            query?: {
                /** @description Words to find in name, category and description; `"a phrase"`, `or` and `-not` work. */
                q?: string;
                /** @description One category's slug. */
                category?: string;
                /** @description Least price in minor units. */
                min_price?: number;
                /** @description Greatest price in minor units. */
                max_price?: number;
                /** @description The order of the rows; by default `relevance` with `q`, else `newest`. `relevance` needs `q`. */
                sort?: components["schemas"]["Sort"];
                /** @description Most rows a page. */
                limit?: number;
                /** @description Where the page starts: `next_cursor` of another page of the same list. */
                cursor?: string;
            };
            header?: {
                /** @description That of an answer to a change of products: nothing older is shown. */
                "Headgate-Position"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of products. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    Link: components["headers"]["Link"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    Age: components["headers"]["Age"];
                    "Cache-Status": components["headers"]["Cache-Status"];
                    "CDN-Cache-Control": components["headers"]["CDN-Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Product"];
                };
            };
            /** @description The client's copy still holds. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    Age: components["headers"]["Age"];
                    "Cache-Status": components["headers"]["Cache-Status"];
                    "CDN-Cache-Control": components["headers"]["CDN-Cache-Control"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    createProduct: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewProduct"];
            };
        };
        responses: {
            /** @description The new product. */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Headgate-Position": components["headers"]["Headgate-Position"];
                    Location: components["headers"]["Location"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    searchProducts: {
        parameters: {
            query?: never;
            header?: {
                /** @description That of an answer to a change of products: nothing older is shown. */
                "Headgate-Position"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Search"];
            };
        };
        responses: {
            /** @description A page of products. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Product"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    readProduct: {
        parameters: {
            query?: never;
            header?: {
                /** @description That of an answer to a change of products: nothing older is shown. */
                "Headgate-Position"?: string;
            };
            path: {
                /** @description The product. */
                id: components["schemas"]["ProductId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The product. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    Age: components["headers"]["Age"];
                    "Cache-Status": components["headers"]["Cache-Status"];
                    "CDN-Cache-Control": components["headers"]["CDN-Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            /** @description The client's copy still holds. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    Age: components["headers"]["Age"];
                    "Cache-Status": components["headers"]["Cache-Status"];
                    "CDN-Cache-Control": components["headers"]["CDN-Cache-Control"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    replaceProduct: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The product. */
                id: components["schemas"]["ProductId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProductDocument"];
            };
        };
        responses: {
            /** @description The replaced product. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Headgate-Position": components["headers"]["Headgate-Position"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            /** @description The new product. */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Headgate-Position": components["headers"]["Headgate-Position"];
                    Location: components["headers"]["Location"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            /** @description Replaced; the client preferred no body. */
            204: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Headgate-Position": components["headers"]["Headgate-Position"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    deleteProduct: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The product. */
                id: components["schemas"]["ProductId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    "Headgate-Position": components["headers"]["Headgate-Position"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            414: components["responses"]["URITooLong"];
            422: components["responses"]["UnprocessableEntity"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    patchProduct: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The product. */
                id: components["schemas"]["ProductId"];
            };
            cookie?: never;
        };
        /** @description The patch. */
        requestBody: {
            content: {
                "application/json-patch+json": components["schemas"]["JsonPatch"];
                "application/merge-patch+json": components["schemas"]["ProductDocumentMergePatch"];
            };
        };
        responses: {
            /** @description The changed product. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Headgate-Position": components["headers"]["Headgate-Position"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            /** @description Changed; the client preferred no body. */
            204: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Headgate-Position": components["headers"]["Headgate-Position"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    readPushKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key [RFC 8292]. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    Age: components["headers"]["Age"];
                    "Cache-Status": components["headers"]["Cache-Status"];
                    "CDN-Cache-Control": components["headers"]["CDN-Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PushKey"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    readReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It would. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    Age: components["headers"]["Age"];
                    "Cache-Status": components["headers"]["Cache-Status"];
                    "CDN-Cache-Control": components["headers"]["CDN-Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Probe"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    createSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description The session's tokens. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tokens"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The session's refresh token, if the access token is not sent. */
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Refresh"] | null;
            };
        };
        responses: {
            /** @description The session has ended. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            406: components["responses"]["NotAcceptable"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    refreshSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Refresh"];
            };
        };
        responses: {
            /** @description The session's next tokens. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tokens"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    createUser: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUser"];
            };
        };
        responses: {
            /** @description The new user. */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    readUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user. */
                id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description The client's copy still holds. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    replaceUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user. */
                id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserChange"];
            };
        };
        responses: {
            /** @description The changed user. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description Changed; the client preferred no body. */
            204: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    deleteUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user. */
                id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            414: components["responses"]["URITooLong"];
            422: components["responses"]["UnprocessableEntity"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    patchUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user. */
                id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        /** @description The patch. */
        requestBody: {
            content: {
                "application/json-patch+json": components["schemas"]["JsonPatch"];
                "application/merge-patch+json": components["schemas"]["UserChangeMergePatch"];
            };
        };
        responses: {
            /** @description The changed user. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description Changed; the client preferred no body. */
            204: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    listUserOrders: {
        parameters: {
            query?: {
                /** @description Only orders that stand there. */
                status?: components["schemas"]["OrderStatus"];
                /** @description Most rows a page. */
                limit?: number;
                /** @description Where the page starts: `next_cursor` of another page of the same list. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The user. */
                id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of orders. */
            200: {
                headers: {
                    Link: components["headers"]["Link"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Order"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    listPaymentMethods: {
        parameters: {
            query?: {
                /** @description Most rows a page. */
                limit?: number;
                /** @description Where the page starts: `next_cursor` of another page of the same list. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The user. */
                id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of payment methods. */
            200: {
                headers: {
                    Link: components["headers"]["Link"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PaymentMethod"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    createPaymentMethod: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user. */
                id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPaymentMethod"];
            };
        };
        responses: {
            /** @description The new payment method. */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentMethod"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    readPaymentMethod: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user. */
                id: components["schemas"]["UserId"];
                /** @description The payment method. */
                method_id: components["schemas"]["PaymentMethodId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The payment method. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentMethod"];
                };
            };
            /** @description The client's copy still holds. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    deletePaymentMethod: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user. */
                id: components["schemas"]["UserId"];
                /** @description The payment method. */
                method_id: components["schemas"]["PaymentMethodId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            414: components["responses"]["URITooLong"];
            422: components["responses"]["UnprocessableEntity"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    readProfile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user. */
                id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The profile. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Profile"];
                };
            };
            /** @description The client's copy still holds. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    listPushSubscriptions: {
        parameters: {
            query?: {
                /** @description Most rows a page. */
                limit?: number;
                /** @description Where the page starts: `next_cursor` of another page of the same list. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The user. */
                id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of push subscriptions. */
            200: {
                headers: {
                    Link: components["headers"]["Link"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PushSubscription"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    createPushSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user. */
                id: components["schemas"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPushSubscription"];
            };
        };
        responses: {
            /** @description The push subscription. */
            201: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    Location: components["headers"]["Location"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PushSubscription"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            414: components["responses"]["URITooLong"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["UnprocessableEntity"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    readPushSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user. */
                id: components["schemas"]["UserId"];
                /** @description The push subscription. */
                subscription_id: components["schemas"]["PushSubscriptionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The push subscription. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PushSubscription"];
                };
            };
            /** @description The client's copy still holds. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    deletePushSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user. */
                id: components["schemas"]["UserId"];
                /** @description The push subscription. */
                subscription_id: components["schemas"]["PushSubscriptionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Original-Request-Id": components["headers"]["Original-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            414: components["responses"]["URITooLong"];
            422: components["responses"]["UnprocessableEntity"];
            428: components["responses"]["PreconditionRequired"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    listDeprecations: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was used. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Always `list`.
                         * @constant
                         */
                        object: "list";
                        /** @description The latest use first. */
                        data: {
                            /**
                             * @description Always `deprecation`.
                             * @constant
                             */
                            object: "deprecation";
                            /** @description The deprecated version. */
                            api_version: string;
                            /** @description Name of the route. */
                            route: string;
                            /** @description The requests' method. */
                            method: string;
                            /** @description The route's path, without the version. */
                            path: string;
                            /**
                             * Format: date-time
                             * @description Since when the version is deprecated.
                             */
                            deprecated_at: string;
                            /**
                             * Format: date-time
                             * @description When it ends.
                             */
                            sunset_at: string;
                            /** @description What to call in its place. */
                            successor: string;
                            /**
                             * Format: int64
                             * @description How often the account called it in the last 90 days, at least.
                             */
                            requests: number;
                            /**
                             * Format: date-time
                             * @description When it did so last.
                             */
                            last_used_at: string;
                        }[];
                        /** @description Always false: this is all. */
                        has_more: boolean;
                        /** @description Always null. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    readRateLimit: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The limits. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    Age: components["headers"]["Age"];
                    "Cache-Status": components["headers"]["Cache-Status"];
                    "CDN-Cache-Control": components["headers"]["CDN-Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Always `rate_limit`.
                         * @constant
                         */
                        object: "rate_limit";
                        /** @description As `RateLimit-Policy` names it. */
                        policy: string;
                        /**
                         * Format: int64
                         * @description Tokens a window.
                         */
                        rate: number;
                        /**
                         * Format: int64
                         * @description Seconds of the window.
                         */
                        per_seconds: number;
                        /**
                         * Format: int64
                         * @description Tokens that a full bucket holds.
                         */
                        burst: number;
                        /**
                         * Format: int64
                         * @description Tokens that are left in it.
                         */
                        remaining: number;
                        /**
                         * Format: int64
                         * @description When it is full again, if nothing is taken.
                         */
                        full_in_seconds: number;
                        /** @description The calendar quota, if the plan has one. */
                        quota: {
                            /**
                             * Format: int64
                             * @description Requests a window.
                             */
                            limit: number;
                            /**
                             * @description Which window, in UTC.
                             * @enum {string}
                             */
                            period: "DAY" | "WEEK" | "MONTH";
                            /**
                             * Format: int64
                             * @description Requests that are left of it.
                             */
                            remaining: number;
                            /**
                             * Format: date-time
                             * @description When it ends.
                             */
                            resets_at: string;
                        } | null;
                        /** @description How many requests may be under way at once, if the plan bounds that. */
                        concurrency: {
                            /**
                             * Format: int64
                             * @description Requests at once.
                             */
                            limit: number;
                            /**
                             * Format: int64
                             * @description Requests that are under way.
                             */
                            under_way: number;
                        } | null;
                    };
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
    readProblem: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `code` of the problem. */
                code: "request_invalid" | "body_invalid" | "cursor_invalid" | "cursor_mismatch" | "idempotency_key_required" | "idempotency_key_invalid" | "api_version_conflict" | "token_missing" | "token_invalid" | "token_expired" | "credentials_invalid" | "refresh_token_invalid" | "payment_declined" | "scope_missing" | "forbidden" | "access_denied" | "not_found" | "api_version_unknown" | "method_not_allowed" | "not_acceptable" | "price_changed" | "out_of_stock" | "product_unavailable" | "idempotency_in_progress" | "operation_uncertain" | "version_conflict" | "sku_taken" | "email_taken" | "name_taken" | "plan_in_use" | "firewall_locks_out" | "illegal_transition" | "refund_exceeds_payment" | "patch_test_failed" | "dead_letter_settled" | "limit_reached" | "webhook_disabled" | "api_version_retired" | "precondition_failed" | "body_too_large" | "uri_too_long" | "media_type_unsupported" | "content_encoding_unsupported" | "range_not_satisfiable" | "idempotency_key_reused" | "precondition_required" | "rate_limited" | "quota_exceeded" | "concurrency_exceeded" | "headers_too_large" | "internal" | "origin_unreachable" | "unavailable" | "feed_unreachable" | "api_version_brownout" | "origin_timeout" | "not_stored";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "API-Version": components["headers"]["API-Version"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "Access-Control-Allow-Origin": components["headers"]["Access-Control-Allow-Origin"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Server-Timing": components["headers"]["Server-Timing"];
                    Vary: components["headers"]["Vary"];
                    Age: components["headers"]["Age"];
                    "Cache-Status": components["headers"]["Cache-Status"];
                    "CDN-Cache-Control": components["headers"]["CDN-Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            406: components["responses"]["NotAcceptable"];
            414: components["responses"]["URITooLong"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["RequestHeaderFieldsTooLarge"];
            500: components["responses"]["InternalServerError"];
            502: components["responses"]["BadGateway"];
            503: components["responses"]["ServiceUnavailable"];
            504: components["responses"]["GatewayTimeout"];
        };
    };
}
