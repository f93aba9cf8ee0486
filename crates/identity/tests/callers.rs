//! What handlers get of a request, and what is refused before them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use axum::{
    Router,
    body::Body,
    extract::FromRef,
    http::{Request, StatusCode},
    routing::get,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use std::sync::Arc;
use tower::ServiceExt as _;
use uuid::Uuid;
use vitrine_clock::{FixedClock, Timestamp};
use vitrine_identity::{AUDIENCE, Caller, Claims, InvalidSecret, ServiceToken, Signer, Verifier};

const SECRET: &str = "0123456789012345678901234567890123456789abc";

#[derive(Clone)]
struct State(Verifier);

impl FromRef<State> for Verifier {
    fn from_ref(state: &State) -> Self {
        state.0.clone()
    }
}

/// A router and a token that is good for it.
fn service() -> (Router, String) {
    let signer = Signer::from_seed(&URL_SAFE_NO_PAD.encode([7; 32])).unwrap();
    let clock = FixedClock::at(Timestamp::from_seconds(100));
    let verifier = Verifier::new(vec![signer.public_key().clone()], "vitrine", Arc::new(clock));
    let token = signer.sign(&Claims {
        iss: "vitrine".to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: Uuid::nil(),
        handle: "ada".to_owned(),
        roles: vec![],
        iat: 100,
        nbf: 100,
        exp: 1000,
        jti: Uuid::nil(),
        sid: Uuid::from_u128(3),
        scopes: None,
    });
    let private = Router::new().route("/_private", get(async || "private"));
    let router = Router::new()
        .route("/mine", get(async |caller: Caller| caller.handle))
        .route("/all", get(async |caller: Option<Caller>| caller.map_or("nobody".to_owned(), |caller| caller.handle)))
        .merge(ServiceToken::new(SECRET).unwrap().guard(private))
        .with_state(State(verifier));
    (router, token)
}

async fn send(path: &str, authorizations: &[&str]) -> (StatusCode, String) {
    let mut request = Request::get(path);
    for value in authorizations {
        request = request.header("authorization", *value);
    }
    let response = service().0.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let challenge = response.headers().get_all("www-authenticate").iter().map(|value| value.to_str().unwrap());
    (response.status(), challenge.collect::<Vec<_>>().join(" + "))
}

#[tokio::test]
async fn a_caller_is_required_or_optional() {
    let good = format!("Bearer {}", service().1);
    assert_eq!(send("/mine", &[&good]).await.0, StatusCode::OK);
    assert_eq!(send("/all", &[&good]).await.0, StatusCode::OK);
    assert_eq!(send("/all", &[]).await.0, StatusCode::OK);
    assert_eq!(send("/mine", &[]).await, (StatusCode::UNAUTHORIZED, "Bearer".to_owned()));
}

#[tokio::test]
async fn a_bad_token_is_refused_also_where_none_is_needed() {
    let good = format!("Bearer {}", service().1);
    let refused = (StatusCode::UNAUTHORIZED, r#"Bearer error="invalid_token""#.to_owned());
    for values in [&["Bearer x"][..], &["Basic YTpi"], &["Bearer"], &[""], &[&good, &good], &[&good[7..]]] {
        assert_eq!(send("/mine", values).await, refused, "{values:?}");
        assert_eq!(send("/all", values).await, refused, "{values:?}");
    }
}

#[tokio::test]
async fn a_private_route_needs_its_own_token() {
    let (user, own) = (format!("Bearer {}", service().1), format!("Bearer {SECRET}"));
    assert_eq!(send("/_private", &[&own]).await.0, StatusCode::OK);
    for values in [&[][..], &[user.as_str()], &["Bearer 0"], &[SECRET], &[&own, &own]] {
        assert_eq!(send("/_private", values).await.0, StatusCode::UNAUTHORIZED, "{values:?}");
    }
}

#[test]
fn a_secret_is_long_and_never_shown() {
    let token = ServiceToken::new(&format!(" {SECRET}\n")).unwrap();
    assert!(token.matches(SECRET) && !token.matches("") && !token.matches(&SECRET[1..]));
    assert!(!format!("{token:?} {:?}", token.authorization()).contains(SECRET));
    for bad in ["", "short", &SECRET[1..], &"with space".repeat(9), &"ümlaut".repeat(9)] {
        assert_eq!(ServiceToken::new(bad).unwrap_err(), InvalidSecret);
    }
}
