//! The way of a request through the gateway, and what every answer is given.

use crate::{
    Credentials, Dialect, Error, Route, Settings, address,
    api_keys::{self, ApiKeys},
    cors::Cors,
    credentials::{Presented, has_refresh_cookie},
    csrf,
    forward::{Known, Way},
    headers,
    limits::{self, Limits, Policy, Standing},
    path,
    route::{AROUND_AN_UPLOAD, BodyLimit, ROUTES},
    sessions::Sessions,
};
use axum::{
    Router,
    body::Body,
    extract::{Extension, Request, State},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
    response::{IntoResponse, Response},
    routing::any,
};
use core::net::IpAddr;
use std::{fmt, sync::Arc};
use vitrine_clock::{Clock, Timer};
use vitrine_edge::RequestId;
use vitrine_http_out::{HttpOut, StreamLimits};
use vitrine_identity::{Caller, ServiceToken, Verifier};
use vitrine_kv::Kv;
use vitrine_random::Ids;
use vitrine_session::LiveSessions;
use vitrine_trpc::TrpcError;

/// What the gateway needs of the outside.
pub struct Ports {
    /// Sends requests, and holds those that stream to these limits.
    pub out: Box<dyn Fn(StreamLimits) -> Arc<dyn HttpOut>>,
    /// Which sessions are live.
    pub sessions: LiveSessions,
    /// Where requests are counted.
    pub limits: Kv,
    /// What it shows auth to ask for the token of an API key.
    pub auth_token: ServiceToken,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Waits.
    pub timer: Arc<dyn Timer>,
    /// Makes the ids of requests.
    pub ids: Ids,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ports")
    }
}

struct Gateway {
    settings: Settings,
    verifier: Verifier,
    cors: Cors,
    sessions: Sessions,
    api_keys: ApiKeys,
    limits: Limits,
    /// In the order of [`ROUTES`].
    ways: Vec<Way>,
}

/// The router of the gateway. Built once for each instance.
///
/// # Errors
/// If the settings hold no address of a service, which [`Settings::parse`] does not let happen.
pub fn router(settings: Settings, ports: Ports) -> Result<Router, Error> {
    let base = |service| settings.services.get(&service).cloned().ok_or(Error::Answer("a service without an address"));
    let way = |route: &Route| {
        let out = (ports.out)(StreamLimits { head: route.head, idle: route.idle });
        let body_limit = match route.body {
            BodyLimit::Bytes(bytes) => bytes,
            BodyLimit::Upload => settings.upload_max_bytes.saturating_add(AROUND_AN_UPLOAD),
        };
        Ok(Way { out, base: base(route.service)?, body_limit })
    };
    let ways = ROUTES.iter().map(way).collect::<Result<Vec<_>, Error>>()?;
    let (scheme, authority) = base(crate::Service::Auth)?;
    let token_uri = format!("{scheme}://{authority}{}", api_keys::PATH);
    let token_uri = token_uri.parse().map_err(|_| Error::Answer("auth has no address"))?;
    let gateway = Gateway {
        verifier: Verifier::new(settings.public_keys.clone(), &settings.issuer, Arc::clone(&ports.clock)),
        cors: Cors::new(settings.public_origin.clone(), settings.cors_origins.clone()),
        sessions: Sessions::new(ports.sessions, Arc::clone(&ports.clock), Arc::clone(&ports.timer)),
        api_keys: ApiKeys::new(
            (ports.out)(StreamLimits::default()),
            token_uri,
            ports.auth_token,
            Arc::clone(&ports.clock),
        ),
        limits: Limits::new(ports.limits, ports.clock, ports.timer),
        ways,
        settings,
    };
    let routes = Router::new().route("/", any(handle)).route("/{*path}", any(handle)).with_state(Arc::new(gateway));
    Ok(vitrine_edge::finish(routes, ports.ids))
}

async fn handle(
    State(gateway): State<Arc<Gateway>>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let preflight = Cors::is_preflight(&parts.method, &parts.headers);
    let mut standings = Vec::new();
    let trpc = Route::of(parts.uri.path()).is_some_and(|(_, route)| route.dialect == Dialect::Trpc);
    let answer = match gateway.look(&parts) {
        Ok((place, route)) => gateway.admit(&parts, body, &id, (place, route), &mut standings).await,
        Err(error) => Err(error),
    };
    let mut response = answer.unwrap_or_else(|error| {
        if let Error::TooMany(refusal) = &error {
            standings.push(refusal.standing.clone());
        }
        match trpc {
            true => TrpcError::from(error.problem()).refuse(&parts.headers, parts.uri.path()),
            false => error.into_response(),
        }
    });
    let headers = response.headers_mut();
    gateway.cors.tell(gateway.cors.trusted(&parts.headers).cloned(), preflight, headers);
    limits::tell(headers, &standings);
    headers::secure(headers, &gateway.settings.public_origin);
    response
}

impl Gateway {
    /// What can be said of a request by its head alone.
    fn look(&self, parts: &Parts) -> Result<(usize, &'static Route), Error> {
        if !headers::are_small(&parts.headers) {
            return Err(Error::HeadersTooLarge);
        }
        path::check(parts.uri.path())?;
        path::check_query(parts.uri.query())?;
        Route::of(parts.uri.path()).ok_or(Error::NotFound)
    }

    async fn admit(
        &self,
        parts: &Parts,
        body: Body,
        id: &RequestId,
        (place, route): (usize, &'static Route),
        standings: &mut Vec<Standing>,
    ) -> Result<Response, Error> {
        let client = self.settings.trusted_proxies.client(&parts.headers);
        self.count(Policy::Address, &address::counted(client), 1, standings).await?;
        let known =
            [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
        if !known.contains(&parts.method) {
            return Err(Error::Method);
        }
        if Cors::is_preflight(&parts.method, &parts.headers) {
            return self.cors.preflight(&parts.headers);
        }
        if route.is_too_long(parts.uri.path()) {
            return Err(Error::BadRequest("A batch may hold 10 calls."));
        }
        let attempts = route.attempts(&parts.method, parts.uri.path());
        if attempts > 0 {
            self.count(Policy::Login, &address::counted(client), attempts, standings).await?;
        }
        let registrations = route.registrations(&parts.method, parts.uri.path());
        if registrations > 0 {
            self.count(Policy::Registration, &address::counted(client), registrations, standings).await?;
        }
        let authorization = match route.credentials {
            Credentials::Opaque => opaque(&parts.headers)?,
            Credentials::Access { roles, scopes } => {
                let token = self.token(parts, route, id, client, standings).await?;
                match token {
                    Some((token, caller)) => {
                        reaches(&caller, roles, scopes, &parts.method)?;
                        self.count(Policy::Account, &caller.account_id.to_string(), 1, standings).await?;
                        Some(bearer(&token)?)
                    }
                    None => None,
                }
            }
        };
        let known = Known { route, client, id, authorization };
        let way = self.ways.get(place).ok_or(Error::NotFound)?;
        let mut response = way.send(parts, body, &known, &self.settings.public_origin).await?;
        if known.authorization.is_some() {
            // What is made for one person is for nobody else's cache, unless the service says more.
            response
                .headers_mut()
                .entry(header::CACHE_CONTROL)
                .or_insert(HeaderValue::from_static("private, no-store"));
        }
        Ok(response)
    }

    async fn count(&self, policy: Policy, who: &str, cost: u32, standings: &mut Vec<Standing>) -> Result<(), Error> {
        let quota = match policy {
            Policy::Account => self.settings.limit_account,
            Policy::Address => self.settings.limit_address,
            Policy::Login => self.settings.limit_login,
            Policy::Registration => self.settings.limit_registration,
        };
        if let Some(quota) = quota {
            standings.push(self.limits.take(policy, quota, who, cost).await.map_err(Error::TooMany)?);
        }
        Ok(())
    }

    /// The access token that the request comes with, in whatever form, and who it is. Verified, and its session is live.
    async fn token(
        &self,
        parts: &Parts,
        route: &Route,
        id: &RequestId,
        client: Option<IpAddr>,
        standings: &mut Vec<Standing>,
    ) -> Result<Option<(Arc<str>, Caller)>, Error> {
        let presented = Presented::of(&parts.headers);
        if presented.is_cookie() || presented == Presented::Nothing {
            let by_cookie = presented.is_cookie() || (route.cookies() && has_refresh_cookie(&parts.headers));
            csrf::check(&parts.method, &parts.headers, by_cookie, &self.cors)?;
        }
        let token: Arc<str> = match presented {
            Presented::Nothing => return Ok(None),
            Presented::Token(token) | Presented::Cookie(token) => token.into(),
            Presented::ApiKey(key) => match self.api_keys.remembered(key) {
                // A key outlives what ends its tokens, such as a change of roles: then there is another one.
                Some(token) => match self.verify(&token).await {
                    Err(Error::InvalidToken) => self.exchange(key, id, client, standings).await?,
                    verified => return verified.map(|caller| Some((token, caller))),
                },
                None => self.exchange(key, id, client, standings).await?,
            },
            Presented::Unreadable => return Err(Error::InvalidToken),
            Presented::UnreadableCookie if route.cookies() => return Ok(None),
            Presented::UnreadableCookie => return Err(Error::InvalidToken),
        };
        match self.verify(&token).await {
            Ok(caller) => Ok(Some((token, caller))),
            // A browser cannot take back a cookie that it must not read: only auth can, so it has to get there.
            Err(Error::InvalidToken) if route.cookies() && presented.is_cookie() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The token of an API key. Who guesses keys guesses as slowly as who guesses passwords, so it is counted before it is asked
    /// for; a key that is none of a guess is not counted, or programs that have one would keep people from logging in.
    async fn exchange(
        &self,
        key: &str,
        id: &RequestId,
        client: Option<IpAddr>,
        standings: &mut Vec<Standing>,
    ) -> Result<Arc<str>, Error> {
        let (who, before) = (address::counted(client), standings.len());
        self.count(Policy::Login, &who, 1, standings).await?;
        let exchanged = self.api_keys.exchange(key, id.to_header()).await;
        if exchanged != Err(Error::InvalidToken)
            && let Some(quota) = self.settings.limit_login
        {
            self.limits.give_back(Policy::Login, quota, &who, 1).await;
            standings.truncate(before);
        }
        exchanged
    }

    async fn verify(&self, token: &str) -> Result<Caller, Error> {
        let caller = self.verifier.verify(token).map_err(|_| Error::InvalidToken)?;
        self.sessions.check(caller.session_id).await?;
        Ok(caller)
    }
}

/// The secret of a deployment, as it came: one header, or none.
fn opaque(headers: &HeaderMap) -> Result<Option<HeaderValue>, Error> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value.cloned()),
        _ => Err(Error::InvalidToken),
    }
}

/// Refuses a caller whose roles or scopes do not reach to this route. What he may do there is the service's to say.
fn reaches(caller: &Caller, roles: &[&str], scopes: Option<(&str, &str)>, method: &Method) -> Result<(), Error> {
    if !roles.is_empty() && !roles.iter().any(|role| caller.has_role(role)) {
        return Err(Error::Forbidden("Your account has none of the roles that this needs."));
    }
    let Some(own) = &caller.scopes else { return Ok(()) };
    let (read, write) = scopes.ok_or(Error::Forbidden("An API key cannot do this; log in instead."))?;
    let has = |scope: &str| own.iter().any(|one| one == scope);
    // tRPC reads by POST too, so there the service looks again.
    match has(if method.is_safe() { read } else { write }) {
        true => Ok(()),
        false => Err(Error::Forbidden("The API key has not the scope that this needs.")),
    }
}

fn bearer(token: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| Error::InvalidToken)?;
    value.set_sensitive(true);
    Ok(value)
}
