//! The error codes of tRPC, in one closed list.

use axum::http::StatusCode;

macro_rules! codes {
    ($($name:ident: $key:literal, $number:literal, $status:literal, $meaning:literal;)*) => {
        /// What kind of error it is. Each has a key and a number of JSON-RPC 2.0, and a status of HTTP.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $name,)*
        }

        impl Code {
            /// Every code, by status.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// What stands in `data.code`.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }

            /// What stands in `code`. Those of the kind 5xx share one.
            #[must_use]
            pub const fn number(self) -> i32 {
                match self { $(Self::$name => $number,)* }
            }

            /// What stands in `data.httpStatus`, and is the status of an answer to a single call.
            #[must_use]
            pub const fn http_status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }
        }
    };
}

codes! {
    ParseError: "PARSE_ERROR", -32700, 400, "What came is no JSON.";
    BadRequest: "BAD_REQUEST", -32600, 400, "The call cannot be understood, or its input is not what the procedure takes.";
    Unauthorized: "UNAUTHORIZED", -32001, 401, "Who is calling is not known.";
    PaymentRequired: "PAYMENT_REQUIRED", -32002, 402, "It must be paid for.";
    Forbidden: "FORBIDDEN", -32003, 403, "The caller is known and may not do this.";
    NotFound: "NOT_FOUND", -32004, 404, "There is no such thing, or no such procedure.";
    MethodNotSupported: "METHOD_NOT_SUPPORTED", -32005, 405, "The procedure is not called by this method of HTTP.";
    Timeout: "TIMEOUT", -32008, 408, "It took too long.";
    Conflict: "CONFLICT", -32009, 409, "The state of things stands against it.";
    PreconditionFailed: "PRECONDITION_FAILED", -32012, 412, "What the caller took for granted is not so.";
    PayloadTooLarge: "PAYLOAD_TOO_LARGE", -32013, 413, "The input has more bytes than are taken.";
    UnsupportedMediaType: "UNSUPPORTED_MEDIA_TYPE", -32015, 415, "The input is of a media type that is not taken.";
    UnprocessableContent: "UNPROCESSABLE_CONTENT", -32022, 422, "The input is understood, but its values are not acceptable.";
    PreconditionRequired: "PRECONDITION_REQUIRED", -32028, 428, "The caller must say which state it means to change.";
    TooManyRequests: "TOO_MANY_REQUESTS", -32029, 429, "The caller has called too often.";
    ClientClosedRequest: "CLIENT_CLOSED_REQUEST", -32099, 499, "The caller went away.";
    InternalServerError: "INTERNAL_SERVER_ERROR", -32603, 500, "Something is wrong inside.";
    NotImplemented: "NOT_IMPLEMENTED", -32603, 501, "The service does not do this.";
    BadGateway: "BAD_GATEWAY", -32603, 502, "Another service did not do its part.";
    ServiceUnavailable: "SERVICE_UNAVAILABLE", -32603, 503, "The service is busy, or what it needs is away.";
    GatewayTimeout: "GATEWAY_TIMEOUT", -32603, 504, "Another service took too long.";
}

impl Code {
    /// The status of an answer to a single call.
    #[must_use]
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The code of that status. One that has none is `BAD_REQUEST` among the 4xx and `INTERNAL_SERVER_ERROR` else.
    #[must_use]
    pub fn from_status(status: StatusCode) -> Self {
        // `PARSE_ERROR` comes first in the list and has the status of `BAD_REQUEST`, which says less.
        let mut named = Self::ALL.iter().filter(|code| **code != Self::ParseError);
        match named.find(|code| code.http_status() == status.as_u16()) {
            Some(code) => *code,
            None if status.is_client_error() => Self::BadRequest,
            None => Self::InternalServerError,
        }
    }
}
