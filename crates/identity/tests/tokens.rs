//! Access tokens that are right, and every way in which they are not.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;
use vitrine_clock::{Clock as _, FixedClock, Timestamp};
use vitrine_identity::{Claims, InvalidToken, PublicKey, Signer, Verifier};

const SEED: [u8; 32] = [7; 32];
const OTHER_SEED: [u8; 32] = [8; 32];
const NOW: i64 = 1_769_860_800;

fn signer(seed: [u8; 32]) -> Signer {
    Signer::from_seed(&URL_SAFE_NO_PAD.encode(seed)).unwrap()
}

fn claims() -> Claims {
    Claims {
        iss: "vitrine".to_owned(),
        aud: "vitrine".to_owned(),
        sub: Uuid::from_u128(1),
        handle: "ada".to_owned(),
        roles: vec!["user".to_owned()],
        iat: NOW,
        nbf: NOW,
        exp: NOW + 900,
        jti: Uuid::from_u128(2),
        sid: Uuid::from_u128(3),
        scopes: None,
    }
}

fn verifier() -> (Verifier, FixedClock) {
    let clock = FixedClock::at(Timestamp::from_seconds(NOW));
    let keys = vec![signer(SEED).public_key().clone()];
    (Verifier::new(keys, "vitrine", Arc::new(clock.clone())), clock)
}

/// A token of any header and claims, signed with `seed`.
fn forge(header: &Value, claims: &Value, seed: [u8; 32]) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = SigningKey::from_bytes(&seed).sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

fn header() -> Value {
    json!({ "alg": "EdDSA", "typ": "JWT", "kid": signer(SEED).public_key().kid() })
}

fn with(mut value: Value, member: &str, to: Value) -> Value {
    value[member] = to;
    value
}

fn claims_json() -> Value {
    serde_json::to_value(claims()).unwrap()
}

#[test]
fn a_token_says_who_is_calling() {
    let (verifier, clock) = verifier();
    let caller = verifier.verify(&signer(SEED).sign(&claims())).unwrap();
    assert_eq!((caller.account_id, caller.handle.as_str()), (Uuid::from_u128(1), "ada"));
    assert_eq!(caller.roles, ["user"]);
    assert_eq!((caller.session_id, &caller.scopes), (Uuid::from_u128(3), &None));
    assert_eq!(caller.expires_at, clock.now() + Duration::from_secs(900));
    assert_eq!(verifier.verify(&forge(&header(), &claims_json(), SEED)), Ok(caller));
}

#[test]
fn a_token_of_an_api_key_says_what_it_may_be_used_for() {
    let (verifier, _) = verifier();
    let narrowed = Claims { scopes: Some(vec!["photos:read".to_owned()]), ..claims() };
    let caller = verifier.verify(&signer(SEED).sign(&narrowed)).unwrap();
    assert!(caller.require_scope("photos:read").is_ok());
    assert_eq!(caller.require_scope("photos:write").unwrap_err().status().as_u16(), 403);
    let whole = verifier.verify(&signer(SEED).sign(&claims())).unwrap();
    assert!(whole.require_scope("photos:write").is_ok());
}

#[test]
fn its_time_is_kept_to_the_millisecond_also_when_it_is_remembered() {
    let (verifier, clock) = verifier();
    let token = signer(SEED).sign(&claims());
    clock.set(Timestamp::from_millis(NOW * 1000 - 1));
    assert_eq!(verifier.verify(&token), Err(InvalidToken::NotYetValid));
    clock.set(Timestamp::from_millis(NOW * 1000));
    assert!(verifier.verify(&token).is_ok());
    clock.set(Timestamp::from_millis((NOW + 900) * 1000 - 1));
    assert!(verifier.verify(&token).is_ok());
    clock.set(Timestamp::from_millis((NOW + 900) * 1000));
    assert_eq!(verifier.verify(&token), Err(InvalidToken::Expired));
}

#[test]
fn no_other_algorithm_is_taken() {
    let (verifier, _) = verifier();
    for alg in ["none", "None", "", "HS256", "RS256", "ES256", "eddsa", "Ed25519"] {
        let token = forge(&with(header(), "alg", json!(alg)), &claims_json(), SEED);
        assert_eq!(verifier.verify(&token), Err(InvalidToken::Algorithm), "{alg}");
        let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
        assert_eq!(verifier.verify(&unsigned), Err(InvalidToken::Algorithm), "{alg}");
    }
}

#[test]
fn the_key_is_the_one_that_is_named_and_known() {
    let (verifier, _) = verifier();
    let other = signer(OTHER_SEED);
    assert_eq!(verifier.verify(&other.sign(&claims())), Err(InvalidToken::UnknownKey));
    // Signed with the other key, but naming the known one; and the other way round.
    assert_eq!(verifier.verify(&forge(&header(), &claims_json(), OTHER_SEED)), Err(InvalidToken::Signature));
    let swapped = with(header(), "kid", json!(other.public_key().kid()));
    assert_eq!(verifier.verify(&forge(&swapped, &claims_json(), SEED)), Err(InvalidToken::UnknownKey));
    let missing = json!({ "alg": "EdDSA" });
    assert_eq!(verifier.verify(&forge(&missing, &claims_json(), SEED)), Err(InvalidToken::Malformed));
    // A key that comes with the token is nobody's.
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": other.public_key().to_string() });
    let embedded = with(header(), "jwk", jwk);
    assert_eq!(verifier.verify(&forge(&embedded, &claims_json(), OTHER_SEED)), Err(InvalidToken::Signature));
}

#[test]
fn keys_can_be_changed_without_logging_anyone_out() {
    let clock = FixedClock::at(Timestamp::from_seconds(NOW));
    let list = format!("{},{}", signer(SEED).public_key(), signer(OTHER_SEED).public_key());
    let both = Verifier::new(PublicKey::parse_list(&list).unwrap(), "vitrine", Arc::new(clock));
    assert!(both.verify(&signer(SEED).sign(&claims())).is_ok());
    assert!(both.verify(&signer(OTHER_SEED).sign(&claims())).is_ok());
}

#[test]
fn claims_for_or_of_someone_else_are_refused() {
    let (verifier, _) = verifier();
    let verify = |member: &str, to: Value| verifier.verify(&forge(&header(), &with(claims_json(), member, to), SEED));
    assert_eq!(verify("iss", json!("other")), Err(InvalidToken::Issuer));
    assert_eq!(verify("iss", json!("vitrine ")), Err(InvalidToken::Issuer));
    assert_eq!(verify("aud", json!("other")), Err(InvalidToken::Audience));
    assert_eq!(verify("aud", json!(["vitrine", "other"])), Err(InvalidToken::Malformed));
    assert_eq!(verify("exp", json!(NOW)), Err(InvalidToken::Expired));
    assert_eq!(verify("exp", json!(i64::MIN)), Err(InvalidToken::Expired));
    assert_eq!(verify("exp", json!(1e300)), Err(InvalidToken::Malformed));
    assert_eq!(verify("exp", json!("1769861700")), Err(InvalidToken::Malformed));
    assert_eq!(verify("exp", Value::Null), Err(InvalidToken::Malformed));
    assert_eq!(verify("nbf", json!(NOW + 1)), Err(InvalidToken::NotYetValid));
    assert_eq!(verify("nbf", json!(i64::MAX)), Err(InvalidToken::NotYetValid));
    assert_eq!(verify("sub", json!("ada")), Err(InvalidToken::Malformed));
    assert_eq!(verify("roles", json!("admin")), Err(InvalidToken::Malformed));
    assert_eq!(verify("sid", Value::Null), Err(InvalidToken::Malformed));
    assert_eq!(verify("scopes", json!("photos:read")), Err(InvalidToken::Malformed));
}

#[test]
fn critical_extensions_are_not_understood() {
    let (verifier, _) = verifier();
    let token = forge(&with(header(), "crit", json!(["b64"])), &claims_json(), SEED);
    assert_eq!(verifier.verify(&token), Err(InvalidToken::Malformed));
}

#[test]
fn a_changed_token_is_refused_wherever_it_was_changed() {
    let (verifier, _) = verifier();
    let token = signer(SEED).sign(&claims());
    assert!(verifier.verify(&token).is_ok());
    for place in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        if changed != token {
            assert!(verifier.verify(&changed).is_err(), "byte {place}");
        }
    }
}

#[test]
fn garbage_is_refused() {
    let (verifier, _) = verifier();
    let token = signer(SEED).sign(&claims());
    let padded = format!("{token}=");
    let four_parts = format!("{token}.{token}");
    let long = format!("{token}{}", "A".repeat(5000));
    let newline = format!("{token}\n");
    let texts = ["", ".", "..", "...", "a.b.c", "🦀.🦀.🦀", &padded, &four_parts, &long, &newline, &"..".repeat(9000)];
    for text in texts {
        assert_eq!(verifier.verify(text), Err(InvalidToken::Malformed), "{text:.80}");
    }
    for end in 0..token.len() {
        assert!(verifier.verify(&token[..end]).is_err());
    }
    let twice = r#"{"alg":"none","alg":"EdDSA","kid":"x"}"#;
    let token = format!("{}.e30.", URL_SAFE_NO_PAD.encode(twice));
    assert_eq!(verifier.verify(&token), Err(InvalidToken::Malformed));
}
