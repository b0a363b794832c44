//! The one catalogue of problem codes. Statuses, titles, pages and tests derive from it.

/// Stripe's classes of errors, by which client libraries choose an exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request is at fault.
    InvalidRequest,
    /// The caller is not known or not allowed.
    Authentication,
    /// Too many requests.
    RateLimit,
    /// The idempotency key is at fault.
    Idempotency,
    /// The card was declined.
    Card,
    /// We are at fault.
    Api,
}

impl Kind {
    /// As it stands in `error.type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request_error",
            Self::Authentication => "authentication_error",
            Self::RateLimit => "rate_limit_error",
            Self::Idempotency => "idempotency_error",
            Self::Card => "card_error",
            Self::Api => "api_error",
        }
    }
}

macro_rules! catalogue {
    ($($name:ident $code:literal $status:literal $kind:ident $retryable:literal $title:literal
       $meaning:literal;)*) => {
        /// A problem's code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $name,)*
        }

        impl Code {
            /// Every code, in the catalogue's order.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// As it stands in `code` and in the `Error-Code` field.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status),* }
            }

            /// Stripe's class.
            pub const fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind),* }
            }

            /// Whether the very same request, with the same key, may succeed later.
            pub const fn retryable(self) -> bool {
                match self { $(Self::$name => $retryable),* }
            }

            /// Short and the same for every occurrence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }

            /// What it means and what to do, for its page.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning),* }
            }
        }
    };
}

catalogue! {
    RequestInvalid "request_invalid" 400 InvalidRequest false "The request is malformed"
        "A part of the request line, a header field or a query parameter can't be read. The detail names it.";
    BodyInvalid "body_invalid" 400 InvalidRequest false "The body is invalid"
        "The JSON body does not have the documented shape. `errors` lists each fault with a JSON pointer and its fix.";
    CursorInvalid "cursor_invalid" 400 InvalidRequest false "The cursor is not one of ours"
        "The `cursor` parameter was altered or cut. Take it from `next_cursor` as it stands, or start again without one.";
    CursorMismatch "cursor_mismatch" 400 InvalidRequest false "The cursor belongs to another list"
        "A cursor continues the list that it came from: the same filters, the same order, the same caller. Start again without one.";
    IdempotencyKeyRequired "idempotency_key_required" 400 Idempotency false "An idempotency key is required"
        "This call must carry an Idempotency-Key field, so that a retry can't do the work twice. Make a random UUID for each new attempt to order, and send the same one with each retry of it.";
    IdempotencyKeyInvalid "idempotency_key_invalid" 400 Idempotency false "The idempotency key is invalid"
        "The Idempotency-Key field must stand once and hold 1 to 255 printable ASCII characters, with or without surrounding quotes.";
    ApiVersionConflict "api_version_conflict" 400 InvalidRequest false "Two versions were asked for"
        "The path and the Accept field name different versions of the API. Name one.";
    TokenMissing "token_missing" 401 Authentication false "Credentials are required"
        "Send an access token as `Authorization: Bearer …`, or an API key as `X-Api-Key: …`.";
    TokenInvalid "token_invalid" 401 Authentication false "The token is not valid"
        "The access token or API key can't be read, has a bad signature, was revoked, or was made for another audience or by another issuer. Get a new one.";
    TokenExpired "token_expired" 401 Authentication false "The token has expired"
        "Access tokens live ten minutes. Get a new one with the refresh token and repeat the request with the same idempotency key.";
    CredentialsInvalid "credentials_invalid" 401 Authentication false "Email address or password is wrong"
        "No user signs in with this email address and this password. Which of the two is wrong is not told. After several failures the answer is 429 for a while.";
    RefreshTokenInvalid "refresh_token_invalid" 401 Authentication false "The refresh token is not valid"
        "The refresh token is unknown, its session has ended, or it was used before: one that comes again may have been stolen, so its whole session has ended. Sign in again.";
    PaymentDeclined "payment_declined" 402 Card false "The payment was declined"
        "The card was declined; `error.decline_code` says why. The answer is final for this key: pay again with another method and a new key.";
    ScopeMissing "scope_missing" 403 Authentication false "The scope is missing"
        "The caller is known, and its token does not carry the scope that this route needs. The detail names the scope.";
    Forbidden "forbidden" 403 Authentication false "Not yours to do"
        "You may see this resource, and what you asked for is for its owner alone. The detail says so; no other token of yours will do.";
    AccessDenied "access_denied" 403 InvalidRequest false "Not let in"
        "The address or country of the request is not let in, or the request looks like an attack. Nothing was looked at beyond that. If you are a client in good faith, tell us the `request_id`.";
    NotFound "not_found" 404 InvalidRequest false "Not found"
        "Nothing that you may see is here. What belongs to another customer is not found, too.";
    ApiVersionUnknown "api_version_unknown" 404 InvalidRequest false "No such version of the API"
        "The path names a version that is not served. `versions` lists those that are.";
    MethodNotAllowed "method_not_allowed" 405 InvalidRequest false "The method is not allowed here"
        "The resource exists and does not take this method. The Allow field lists those that it takes.";
    NotAcceptable "not_acceptable" 406 InvalidRequest false "No acceptable representation"
        "The Accept field names a version or media type that is not served. `versions` lists the versions.";
    PriceChanged "price_changed" 409 InvalidRequest false "The price has changed"
        "The total of the order is no longer the `expected_total` that the customer saw. `total` is the current one: show it, and order again.";
    OutOfStock "out_of_stock" 409 InvalidRequest false "Not enough in stock"
        "At least one product has fewer units than ordered. `errors` names the items; nothing was reserved or charged. With `outcome` `applied`, the payment came to be known only after the stock had been given back and sold: `order` is cancelled, and `charge` goes back.";
    ProductUnavailable "product_unavailable" 409 InvalidRequest false "A product can't be ordered"
        "At least one product does not exist or is no longer sold. `errors` names the items. Nothing was reserved or charged.";
    IdempotencyInProgress "idempotency_in_progress" 409 Idempotency true "The first request is still in progress"
        "A request with this key is being worked on. Repeat it with the same key after Retry-After; you will get its answer.";
    OperationUncertain "operation_uncertain" 409 Idempotency true "The outcome is not known yet"
        "The payment provider has not said whether it charged. Repeat with the same key, never with a new one: we settle it by our own reference.";
    VersionConflict "version_conflict" 409 InvalidRequest false "The version is not the current one"
        "The `version` in the body is not the resource's current one: somebody changed it in between. `current_version` names it. Read the resource again, and repeat the change if it still makes sense.";
    SkuTaken "sku_taken" 409 InvalidRequest false "The article number is taken"
        "Another product has this `sku`. Choose another, or change that product.";
    EmailTaken "email_taken" 409 InvalidRequest false "The email address is taken"
        "Another user has this email address. Sign in as that user, or send another address.";
    NameTaken "name_taken" 409 InvalidRequest false "The name is taken"
        "Another resource of this kind has this `name`. Choose another, or change that one.";
    PlanInUse "plan_in_use" 409 InvalidRequest false "The plan is in use"
        "API keys that still hold are on this plan. Revoke them or let them end, then delete the plan.";
    FirewallLocksOut "firewall_locks_out" 409 InvalidRequest false "The lists leave out too many"
        "The firewall's lists would leave out everybody, or the address or country that sends them, so that nobody could correct them. Look at them again, or send `force: true` if it is meant.";
    IllegalTransition "illegal_transition" 409 InvalidRequest false "The order can't move to this status"
        "An order moves along `pending`, `processing`, `confirmed`, `fulfilled`, `refunded`, or to one of its ends. The detail names where it stands and where it may go.";
    RefundExceedsPayment "refund_exceeds_payment" 409 InvalidRequest false "The refund is more than what is left of the payment"
        "All refunds of a payment together are never more than the payment, and of its currency. `refundable` is what is left of it.";
    PatchTestFailed "patch_test_failed" 409 InvalidRequest false "A test of the patch failed"
        "A `test` operation of the JSON Patch [RFC 6902] found another value, so nothing was changed. Read the resource again, and repeat the change if it still makes sense.";
    DeadLetterSettled "dead_letter_settled" 409 InvalidRequest false "The dead letter is settled"
        "Only a letter that is `dead` can be redriven, edited or discarded; `letter_status` says where it stands. Read it again.";
    LimitReached "limit_reached" 409 InvalidRequest false "There are as many as there may be"
        "A collection holds as many resources as it may; the detail names the limit. Delete one that is no longer needed, then repeat the request.";
    WebhookDisabled "webhook_disabled" 409 InvalidRequest false "The webhook is switched off"
        "Nothing is sent to a webhook that is switched off, by an admin or because its receiver answered 410. Switch it on (`enabled`), then repeat the request.";
    ApiVersionRetired "api_version_retired" 410 InvalidRequest false "This version of the API has been retired"
        "The version was deprecated, announced its end in the Sunset field, and is no longer served. `successor` names the version to move to.";
    PreconditionFailed "precondition_failed" 412 InvalidRequest false "The resource has changed"
        "The If-Match field names another state of the resource than the current one, which the ETag field of this answer names. Read it again, and repeat the change if it still makes sense.";
    BodyTooLarge "body_too_large" 413 InvalidRequest false "The body is too large"
        "The body is larger than this route takes. The detail names the limit in bytes.";
    UriTooLong "uri_too_long" 414 InvalidRequest false "The URI is too long"
        "Path and query are longer than the edge reads. The detail names the limit in bytes; long filters go into the body of POST /products/search.";
    MediaTypeUnsupported "media_type_unsupported" 415 InvalidRequest false "The media type is not supported"
        "Send the body as one of the media types in `accepted`, which the Accept field (of PATCH: Accept-Patch) of this answer lists too. Version 1 takes no JSON Patch.";
    ContentEncodingUnsupported "content_encoding_unsupported" 415 InvalidRequest false "The content coding is not supported"
        "The Content-Encoding field names a coding that is not read here. The Accept-Encoding field of this answer lists those that are.";
    RangeNotSatisfiable "range_not_satisfiable" 416 InvalidRequest false "The range is not there"
        "The Range field asks for bytes beyond the end. The Content-Range field of this answer says how many there are.";
    IdempotencyKeyReused "idempotency_key_reused" 422 Idempotency false "The key was used for another request"
        "This key came before with a different request; the detail names the part that differs. Use a new key for a new request.";
    PreconditionRequired "precondition_required" 428 InvalidRequest false "The change must be conditional"
        "Changing this resource needs an If-Match field with the ETag of the state that you have seen, so that nobody's change is overwritten unseen [RFC 6585]. Read the resource, and send its ETag along.";
    RateLimited "rate_limited" 429 RateLimit true "Too many requests"
        "The caller's bucket is empty. `violated-policies` names the policy; wait for Retry-After seconds. Nothing was debited for this request.";
    QuotaExceeded "quota_exceeded" 429 RateLimit true "The quota is used up"
        "The plan's requests of this calendar window are used up. `violated-policies` names what refused; the window ends after Retry-After seconds. Nothing was debited for this request.";
    ConcurrencyExceeded "concurrency_exceeded" 429 RateLimit true "Too many requests at once"
        "As many requests are under way as the plan allows at once. Wait for one of them to end; after Retry-After seconds one has ended in any case. Nothing was debited for this request.";
    HeadersTooLarge "headers_too_large" 431 InvalidRequest false "The header section is too large"
        "The request's header fields are larger than the edge reads. The detail names the limit in bytes; cookies are not needed here.";
    Internal "internal" 500 Api true "Something went wrong here"
        "The fault is ours and has been logged with the request's id. A keyed request may be repeated with the same key.";
    OriginUnreachable "origin_unreachable" 502 Api true "The origin can't be reached"
        "The edge could not get an answer from the origin. Repeat after Retry-After; a keyed request with the same key.";
    Unavailable "unavailable" 503 Api true "Not available for the moment"
        "A part that is needed for this request is down or overloaded. Repeat after Retry-After; a keyed request with the same key.";
    FeedUnreachable "feed_unreachable" 503 Api true "Changes are refused for the moment"
        "The edge has not heard for a while which tokens and keys were revoked, so it refuses whatever would change something. Nothing was done. Reads go on; repeat after Retry-After, a keyed request with the same key.";
    ApiVersionBrownout "api_version_brownout" 503 Api true "This version of the API is switched off for a while"
        "A deprecated version is switched off for a short, announced time, so that whoever still uses it notices before its end. Repeat after Retry-After, and move to the version that `successor` names.";
    OriginTimeout "origin_timeout" 504 Api true "The origin did not answer in time"
        "The request was sent and no answer came in time. Whether it was applied is unknown: repeat it with the same key.";
    NotStored "not_stored" 504 Api true "Nothing is stored that answers this"
        "Cache-Control says `only-if-cached`, and the edge holds no copy that may answer. The origin was not asked. Leave that out, or repeat after Retry-After: somebody else may have asked in between.";
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_snake_case() {
        let codes: HashSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(
                code.as_str()
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b == b'_')
            );
            assert!((400..=504).contains(&code.status()));
        }
    }

    #[test]
    fn only_what_a_wait_can_mend_is_retryable() {
        for code in Code::ALL {
            let waits = matches!(code.status(), 429 | 500 | 502 | 503 | 504)
                || matches!(code, Code::IdempotencyInProgress | Code::OperationUncertain);
            assert_eq!(code.retryable(), waits, "{code:?}");
        }
    }
}
