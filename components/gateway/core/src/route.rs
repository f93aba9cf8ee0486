//! Which path leads where, and on which terms.

use http::Method;
use percent_encoding::percent_decode_str;
use std::time::Duration;

/// A service behind the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Accounts, sessions and keys.
    Auth,
    /// The bell and the administration of events.
    Relay,
    /// Photos.
    Upload,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Auth, Self::Relay, Self::Upload];

    /// The variable that holds its address.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Auth => "auth_url",
            Self::Relay => "relay_url",
            Self::Upload => "upload_url",
        }
    }
}

/// What stands in `Authorization` on a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credentials {
    /// An access token, or what becomes one (a cookie, an API key). Without one the service decides.
    Access {
        /// Of these roles, the account of the token needs one. Empty: none is needed.
        roles: &'static [&'static str],
        /// What a token that is limited to scopes needs, to read and to change. `None`: no such token gets in.
        scopes: Option<(&'static str, &'static str)>,
    },
    /// A secret of the deployment, which only the service knows.
    Opaque,
}

/// How much a body may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyLimit {
    /// This many bytes.
    Bytes(u64),
    /// As much as the variable `upload_max_bytes` says, and what a form adds around it.
    Upload,
}

/// In which form the clients of a route read errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// RFC 9457.
    Problem,
    /// The error shape of tRPC.
    Trpc,
}

/// One route: all paths that begin with its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// Whole segments, without a slash at the end.
    pub prefix: &'static str,
    /// Who answers.
    pub service: Service,
    /// What `Authorization` holds.
    pub credentials: Credentials,
    /// How much a body may hold.
    pub body: BodyLimit,
    /// How long the answer's head may take after the request's body has last moved.
    pub head: Duration,
    /// How long the answer's body may stand still.
    pub idle: Duration,
    /// How errors are told.
    pub dialect: Dialect,
}

const KIB: u64 = 1024;
/// What a form may hold beside the picture. The service measures the picture itself.
pub(crate) const AROUND_AN_UPLOAD: u64 = 128 * KIB;
/// For answers that are made at once; a password hash on a busy machine takes longest.
const SOON: Duration = Duration::from_secs(15);
/// Live feeds say something every quarter of a minute at least.
const IDLE: Duration = Duration::from_secs(45);

const PLAIN: Route = Route {
    prefix: "",
    service: Service::Auth,
    credentials: Credentials::Access { roles: &[], scopes: None },
    body: BodyLimit::Bytes(256 * KIB),
    head: SOON,
    idle: IDLE,
    dialect: Dialect::Problem,
};

/// The scopes of an API key for one's own photos.
const PHOTOS: Option<(&str, &str)> = Some(("photos:read", "photos:write"));
/// The scopes of an API key for one's own account: a key reads it and never changes it.
const ACCOUNT: Option<(&str, &str)> = Some(("account:read", "account:write"));

/// Every route of the app that the gateway knows. A path that none of them covers leads nowhere.
pub const ROUTES: [Route; 9] = [
    Route { prefix: "/.well-known/jwks.json", ..PLAIN },
    Route {
        prefix: "/api/auth",
        credentials: Credentials::Access { roles: &[], scopes: ACCOUNT },
        dialect: Dialect::Trpc,
        ..PLAIN
    },
    Route {
        prefix: "/api/upload",
        service: Service::Upload,
        credentials: Credentials::Access { roles: &[], scopes: PHOTOS },
        body: BodyLimit::Upload,
        dialect: Dialect::Trpc,
        ..PLAIN
    },
    Route { prefix: "/api/v1/admin/events", service: Service::Relay, credentials: Credentials::Opaque, ..PLAIN },
    Route { prefix: "/api/v1/auth", credentials: Credentials::Access { roles: &[], scopes: ACCOUNT }, ..PLAIN },
    Route {
        prefix: "/api/v1/auth/admin",
        credentials: Credentials::Access { roles: &["admin"], scopes: None },
        ..PLAIN
    },
    Route { prefix: "/api/v1/auth/admin/mailbox", credentials: Credentials::Opaque, ..PLAIN },
    Route {
        prefix: "/api/v1/photos",
        service: Service::Upload,
        credentials: Credentials::Access { roles: &[], scopes: PHOTOS },
        body: BodyLimit::Upload,
        ..PLAIN
    },
    Route { prefix: "/api/v1/ring", service: Service::Relay, credentials: Credentials::Opaque, ..PLAIN },
];

impl Route {
    /// The route of a path, if there is one, and its place in [`ROUTES`].
    #[must_use]
    pub fn of(path: &str) -> Option<(usize, &'static Self)> {
        let covers = |route: &&Self| {
            path.strip_prefix(route.prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        ROUTES.iter().enumerate().filter(|(_, route)| covers(route)).max_by_key(|(_, route)| route.prefix.len())
    }

    /// Whether the service behind it sets and reads this app's cookies.
    pub(crate) fn cookies(&self) -> bool {
        self.service == Service::Auth && self.credentials != Credentials::Opaque
    }

    /// Whether a batch of tRPC holds more calls than a service takes. It is refused before its attempts are counted, so that
    /// one request does not use up what is there for many.
    pub(crate) fn is_too_long(&self, path: &str) -> bool {
        let rest = path.strip_prefix(self.prefix).unwrap_or_default();
        self.dialect == Dialect::Trpc && percent_decode_str(rest).filter(|byte| *byte == b',').count() >= MOST_CALLS
    }

    /// How many attempts to prove who one is a request to `path` makes: what guesses passwords comes through here. A batch of
    /// tRPC makes as many as it has calls.
    pub(crate) fn attempts(&self, method: &Method, path: &str) -> u32 {
        self.calls(method, path, &PROCEDURES, |rest| {
            (rest == MAKING_KEYS && *method == Method::POST) || RESOURCES.iter().any(|own| is_below(rest, own))
        })
    }

    /// How many accounts a request to `path` asks for.
    pub(crate) fn registrations(&self, method: &Method, path: &str) -> u32 {
        self.calls(method, path, &[REGISTER], |rest| is_below(rest, REGISTER))
    }

    /// How many calls a request to `path` makes that change something: of these procedures, or of a resource that `is_one` knows.
    fn calls(&self, method: &Method, path: &str, procedures: &[&str], is_one: impl Fn(&str) -> bool) -> u32 {
        if self.service != Service::Auth || method.is_safe() {
            return 0;
        }
        let rest = path.strip_prefix(self.prefix).unwrap_or_default();
        let rest = percent_decode_str(rest).decode_utf8_lossy();
        let rest = rest.trim_matches('/');
        let count = match self.dialect {
            Dialect::Trpc => rest.split(',').filter(|name| procedures.contains(&name.trim())).count(),
            Dialect::Problem => usize::from(is_one(rest)),
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

/// Whether `rest` is that resource, or one below it.
fn is_below(rest: &str, resource: &str) -> bool {
    rest.strip_prefix(resource).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The calls of one batch: as many as the services take.
const MOST_CALLS: usize = 10;

/// The procedures of auth that take a secret that can be guessed, or send mail for someone who is not known.
const PROCEDURES: [&str; 16] = [
    "apiKeys.create",
    "changePassword",
    "deleteAccount",
    "login",
    "passkeys.beginLogin",
    "passkeys.beginRegister",
    "passkeys.finishLogin",
    "passkeys.remove",
    REGISTER,
    "requestPasswordReset",
    "requestVerification",
    "resetPassword",
    "totp.begin",
    "totp.confirm",
    "totp.disable",
    "verifyEmail",
];

/// What makes accounts, and tells by that which addresses have one (docs/adr/0009).
const REGISTER: &str = "register";

/// The resource that takes a password of who makes an API key; of who revokes one it takes none.
const MAKING_KEYS: &str = "api-keys";

/// The same below `/api/v1/auth`.
const RESOURCES: [&str; 12] = [
    "delete-account",
    "login",
    "passkeys/login",
    "passkeys/register",
    "passkeys/remove",
    "password",
    REGISTER,
    "request-password-reset",
    "request-verification",
    "reset-password",
    "totp",
    "verify-email",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn service(path: &str) -> Option<(Service, Dialect)> {
        Route::of(path).map(|(_, route)| (route.service, route.dialect))
    }

    #[test]
    fn a_path_leads_by_whole_segments() {
        let rest = |service| Some((service, Dialect::Problem));
        assert_eq!(service("/api/v1/auth/login"), rest(Service::Auth));
        assert_eq!(service("/api/v1/auth"), rest(Service::Auth));
        assert_eq!(service("/api/auth/login,me"), Some((Service::Auth, Dialect::Trpc)));
        assert_eq!(service("/.well-known/jwks.json"), rest(Service::Auth));
        assert_eq!(service("/api/v1/photos/"), rest(Service::Upload));
        assert_eq!(service("/api/upload/create"), Some((Service::Upload, Dialect::Trpc)));
        assert_eq!(service("/api/v1/ring"), rest(Service::Relay));
        assert_eq!(service("/api/v1/admin/events/stats"), rest(Service::Relay));
        for nowhere in [
            "/",
            "/api",
            "/api/v1",
            "/api/v1/author",
            "/API/v1/auth",
            "/api/v1/%61uth",
            "/api/v1/admin",
            "/static/image/x",
        ] {
            assert_eq!(service(nowhere), None, "{nowhere}");
        }
    }

    #[test]
    fn the_table_is_sorted_and_leads_to_nothing_private() {
        assert!(ROUTES.is_sorted_by_key(|route| route.prefix));
        for route in ROUTES {
            assert!(crate::path::check(route.prefix).is_ok() && !route.prefix.ends_with('/'), "{}", route.prefix);
        }
    }

    #[test]
    fn attempts_are_counted_in_batches_too() {
        let attempts =
            |method: &Method, path: &str| Route::of(path).map_or(0, |(_, route)| route.attempts(method, path));
        for (path, expected) in [
            ("/api/v1/auth/login", 1),
            ("/api/v1/auth/login/", 1),
            ("/api/v1/auth/%6cogin", 1),
            ("/api/v1/auth/passkeys/login/begin", 1),
            ("/api/v1/auth/passkeys/register/begin", 1),
            ("/api/v1/auth/passkeys/remove", 1),
            ("/api/v1/auth/passkeys", 0),
            ("/api/v1/auth/me", 0),
            ("/api/v1/auth/logins", 0),
            ("/api/v1/photos/login", 0),
            ("/api/auth/login", 1),
            ("/api/auth/me", 0),
            ("/api/auth/login,login,me,register", 3),
            ("/api/auth/login%2Clog%69n", 2),
            ("/api/auth/totp.begin,totp.confirm,totp.disable", 3),
            ("/api/v1/auth/totp/begin", 1),
            ("/api/auth/apiKeys.create", 1),
            ("/api/v1/auth/api-keys", 1),
            ("/api/v1/auth/api-keys/1", 0),
        ] {
            assert_eq!(attempts(&Method::POST, path), expected, "{path}");
            assert_eq!(attempts(&Method::GET, path), 0, "{path}");
        }
    }

    #[test]
    fn registrations_are_counted_in_every_spelling() {
        let count =
            |method: &Method, path: &str| Route::of(path).map_or(0, |(_, route)| route.registrations(method, path));
        for (path, expected) in [
            ("/api/v1/auth/register", 1),
            ("/api/v1/auth/%72egister/", 1),
            ("/api/v1/auth/registers", 0),
            ("/api/v1/auth/login", 0),
            ("/api/auth/register", 1),
            ("/api/auth/me,%72egister%2Cregister", 2),
            ("/api/v1/photos/register", 0),
        ] {
            assert_eq!(count(&Method::POST, path), expected, "{path}");
            assert_eq!(count(&Method::GET, path), 0, "{path}");
        }
    }
}
