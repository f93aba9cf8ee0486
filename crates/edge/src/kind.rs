//! The kinds of problems, in one closed list.

use axum::http::StatusCode;

macro_rules! kinds {
    ($($name:ident: $status:ident, $slug:literal, $title:literal, $meaning:literal;)*) => {
        /// What kind of problem a response tells of. Each kind has one type URI, one status and one title;
        /// `docs/problems.md` is written from this list.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind {
            $(#[doc = $meaning] $name,)*
        }

        impl Kind {
            /// Every kind, by status.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The last part of the type URI, in kebab-case.
            #[must_use]
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$name => $slug,)* }
            }

            /// The status of the response.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// Names the kind to a person; the same for every problem of the kind.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// When it is answered, and what a client does about it.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning,)* }
            }
        }
    };
}

kinds! {
    BadRequest: BAD_REQUEST, "bad-request", "The request cannot be understood",
        "The path, the query, a header or the form of the body is not what is expected here. Correct it; the same request is refused again.";
    Unauthorized: UNAUTHORIZED, "unauthorized", "Not signed in",
        "There is no token, or one that is not valid, or not any more. Log in, and send the access token as `Authorization: Bearer <token>`.";
    Forbidden: FORBIDDEN, "forbidden", "Not allowed",
        "The caller is known and may not do this.";
    NotFound: NOT_FOUND, "not-found", "Not found",
        "There is no such thing, or the caller may not know that there is.";
    MethodNotAllowed: METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed",
        "What is here does not know the method. The header `Allow` lists those it knows.";
    Conflict: CONFLICT, "conflict", "In conflict with what is there",
        "The state of things stands against it. Read the state, then decide anew.";
    InProgress: CONFLICT, "in-progress", "The first request is still at work",
        "Another request with the same `Idempotency-Key` has not ended. Send the same request again after the time in `Retry-After`.";
    PreconditionFailed: PRECONDITION_FAILED, "precondition-failed", "It has changed meanwhile",
        "The entity tags of `If-Match` or `If-None-Match` do not allow it. Read the current state and its `ETag`, then decide anew.";
    TooLarge: PAYLOAD_TOO_LARGE, "too-large", "The body is too large",
        "The body has more bytes than are taken here; the detail says how many are.";
    UnsupportedMediaType: UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body is of the wrong kind",
        "The `Content-Type` or the `Content-Encoding` is none that is taken here.";
    Unprocessable: UNPROCESSABLE_ENTITY, "unprocessable", "The values are not acceptable",
        "The request is understood, but its values are not acceptable; `errors` names the fields.";
    KeyReused: UNPROCESSABLE_ENTITY, "key-reused", "The key belongs to another request",
        "The `Idempotency-Key` was used before for a request with another method, address or body. Take a new key for a new request.";
    PreconditionRequired: PRECONDITION_REQUIRED, "precondition-required", "Say which state you mean to change",
        "The change needs the header `If-Match` with the `ETag` of the state that it is meant for.";
    RateLimited: TOO_MANY_REQUESTS, "rate-limited", "Too many requests",
        "More was asked than one address or one account may ask in a while. Wait for the time in `Retry-After`; `RateLimit-Policy` says how much is allowed.";
    HeadersTooLarge: REQUEST_HEADER_FIELDS_TOO_LARGE, "headers-too-large", "The headers are too large",
        "One header, or all of them together, is larger than is taken here. Send smaller ones.";
    Internal: INTERNAL_SERVER_ERROR, "internal", "Internal error",
        "Something is wrong on our side. Try again; if it stays, report the request id in `instance`.";
    BadGateway: BAD_GATEWAY, "bad-gateway", "Another service failed",
        "A service behind this one did not do its part. Try again later.";
    Unavailable: SERVICE_UNAVAILABLE, "unavailable", "Busy",
        "The service is busy, or what it needs is away. Try again after the time in `Retry-After`.";
    Timeout: GATEWAY_TIMEOUT, "timeout", "No answer in time",
        "The service behind this address took too long. It may have done its work all the same: read the state before you send a change again, or send it with its `Idempotency-Key`.";
}

impl Kind {
    /// The type URI: a reference without a host, since the deployment decides where the API is.
    #[must_use]
    pub fn uri(self) -> String {
        format!("/problems/{}", self.slug())
    }
}
