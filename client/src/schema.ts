// Written by `cargo xtask client` from docs/openapi.json. Don't edit.

export interface paths {
    "/products": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Products, newest first, or found by words.
         * @description Products, newest first, or found by words.
         */
        get: operations["listProducts"];
        put?: never;
        /**
         * A new product.
         * @description A new product.
         */
        post: operations["createProduct"];
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
         * One product.
         * @description One product.
         */
        get: operations["readProduct"];
        /**
         * Replaces a product.
         * @description Replaces a product.
         */
        put: operations["replaceProduct"];
        post?: never;
        /**
         * Deletes a product.
         * @description Deletes a product.
         */
        delete: operations["deleteProduct"];
        options?: never;
        head?: never;
        /**
         * Changes a product.
         * @description Changes a product.
         */
        patch: operations["changeProduct"];
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
         * One's own orders, newest first.
         * @description One's own orders, newest first.
         */
        get: operations["listOrders"];
        put?: never;
        /**
         * Orders and pays.
         * @description Orders and pays.
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
         * One order.
         * @description One order.
         */
        get: operations["readOrder"];
        put?: never;
        post?: never;
        /**
         * Cancels and hides an order.
         * @description Cancels and hides an order.
         */
        delete: operations["deleteOrder"];
        options?: never;
        head?: never;
        /**
         * Changes address and note, before fulfilment.
         * @description Changes address and note, before fulfilment.
         */
        patch: operations["changeOrder"];
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Money: {
            /**
             * Format: int64
             * @description Minor units: 2999 is 29.99 dollars.
             */
            amount: number;
            /** @description ISO 4217. */
            currency: string;
        };
        Product: {
            /** @enum {string} */
            object: "product";
            id: string;
            sku: string;
            name: string;
            description: string;
            category: string;
            price: components["schemas"]["Money"];
            /** @enum {string} */
            availability: "in_stock" | "low" | "out";
            image_url: string | null;
            active: boolean;
            /** Format: int64 */
            version: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        NewProduct: {
            sku: string;
            name: string;
            description: string;
            category: string;
            price: components["schemas"]["Money"];
            image_url?: string | null;
            active: boolean;
            /** Format: int64 */
            stock: number;
        };
        ProductPatch: {
            name?: string;
            description?: string;
            category?: string;
            price?: components["schemas"]["Money"];
            image_url?: string | null;
            active?: boolean;
        };
        PatchOperation: {
            /** @enum {string} */
            op: "add" | "remove" | "replace" | "move" | "copy" | "test";
            path: string;
            from?: string;
            value?: unknown;
        };
        Address: {
            name: string;
            line1: string;
            line2?: string;
            city: string;
            state?: string;
            postal_code: string;
            /** @description ISO 3166-1 alpha-2. */
            country: string;
        };
        NewItem: {
            product_id: string;
            /** Format: int64 */
            quantity: number;
        };
        NewOrder: {
            items: components["schemas"]["NewItem"][];
            payment_method: string;
            expected_total: components["schemas"]["Money"];
            shipping_address: components["schemas"]["Address"];
            note?: string | null;
        };
        OrderItem: {
            product_id: string;
            sku: string;
            name: string;
            /** Format: int64 */
            quantity: number;
            unit_price: components["schemas"]["Money"];
            line_total: components["schemas"]["Money"];
        };
        Payment: {
            id: string;
            status: string;
            method: string;
            decline_code: string | null;
        };
        Order: {
            /** @enum {string} */
            object: "order";
            id: string;
            /** @enum {string} */
            status: "pending" | "processing" | "confirmed" | "fulfilled" | "refunded" | "payment_failed" | "rejected" | "cancelled";
            customer_id: string;
            items: components["schemas"]["OrderItem"][];
            total: components["schemas"]["Money"];
            payment: components["schemas"]["Payment"];
            shipping_address: components["schemas"]["Address"];
            note: string | null;
            /** Format: int64 */
            version: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        OrderPatch: {
            shipping_address?: components["schemas"]["Address"];
            note?: string | null;
        };
        ProductList: {
            /** @enum {string} */
            object: "list";
            data: components["schemas"]["Product"][];
            has_more: boolean;
            next_cursor: string | null;
        };
        OrderList: {
            /** @enum {string} */
            object: "list";
            data: components["schemas"]["Order"][];
            has_more: boolean;
            next_cursor: string | null;
        };
        FieldError: {
            pointer: string;
            code: string;
            detail: string;
            fix: string;
        };
        Problem: {
            type: string;
            title: string;
            /** Format: int64 */
            status: number;
            detail: string;
            instance?: string;
            code: string;
            request_id: string;
            errors: components["schemas"]["FieldError"][];
            retry: {
                retryable: boolean;
                /** Format: int64 */
                after_seconds: number | null;
                same_key: boolean;
            };
            /** @enum {string} */
            outcome?: "not_applied" | "unknown" | "applied";
            safe_new_key?: boolean;
            error?: {
                type: string;
                code: string;
                decline_code?: string;
                message: string;
                param?: string;
                doc_url: string;
            };
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listProducts: {
        parameters: {
            query?: {
                /** @description Words to look for. */
                q?: string;
                /** @description A category's slug. */
                category?: string;
                /** @description Minor units. */
                min_price?: number;
                /** @description Minor units. */
                max_price?: number;
                /** @description The order. */
                sort?: "newest" | "price_asc" | "price_desc" | "relevance";
                /** @description Rows a page. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductList"];
                };
            };
            /** @description A problem document. */
            400: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            401: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            403: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            404: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            409: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            412: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            422: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            429: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    /** @description Seconds. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            500: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            502: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            503: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            504: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
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
            /** @description Done. */
            201: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            /** @description A problem document. */
            400: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            401: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            403: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            404: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            409: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            412: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            422: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            429: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    /** @description Seconds. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            500: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            502: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            503: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            504: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readProduct: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The resource. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            /** @description A problem document. */
            400: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            401: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            403: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            404: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            409: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            412: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            422: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            429: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    /** @description Seconds. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            500: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            502: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            503: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            504: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replaceProduct: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The resource. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewProduct"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            /** @description A problem document. */
            400: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            401: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            403: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            404: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            409: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            412: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            422: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            429: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    /** @description Seconds. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            500: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            502: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            503: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            504: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteProduct: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The resource. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem document. */
            400: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            401: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            403: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            404: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            409: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            412: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            422: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            429: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    /** @description Seconds. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            500: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            502: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            503: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            504: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeProduct: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The resource. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["ProductPatch"];
                "application/json-patch+json": components["schemas"]["PatchOperation"][];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            /** @description A problem document. */
            400: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            401: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            403: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            404: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            409: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            412: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            422: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            429: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    /** @description Seconds. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            500: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            502: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            503: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            504: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listOrders: {
        parameters: {
            query?: {
                /** @description Rows a page. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderList"];
                };
            };
            /** @description A problem document. */
            400: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            401: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            403: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            404: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            409: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            412: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            422: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            429: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    /** @description Seconds. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            500: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            502: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            503: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            504: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
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
            /** @description Done. */
            201: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description A problem document. */
            400: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            401: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            403: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            404: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            409: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            412: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            422: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            429: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    /** @description Seconds. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            500: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            502: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            503: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            504: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The resource. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description A problem document. */
            400: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            401: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            403: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            404: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            409: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            412: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            422: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            429: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    /** @description Seconds. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            500: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            502: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            503: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            504: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The resource. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem document. */
            400: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            401: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            403: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            404: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            409: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            412: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            422: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            429: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    /** @description Seconds. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            500: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            502: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            503: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            504: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The resource. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/merge-patch+json": components["schemas"]["OrderPatch"];
                "application/json-patch+json": components["schemas"]["PatchOperation"][];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description A problem document. */
            400: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            401: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            403: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            404: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            409: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            412: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            422: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            429: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    /** @description Seconds. */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            500: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            502: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            503: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem document. */
            504: {
                headers: {
                    /** @description Which pages may read it. */
                    "Access-Control-Allow-Origin"?: string;
                    /** @description What is left. */
                    RateLimit?: string;
                    /** @description For support. */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
