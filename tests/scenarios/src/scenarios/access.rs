//! Who gets in: every token but a proper one is refused, in the same words everywhere.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use crate::client::Fetch as _;
use crate::token::{base64url, claims, proper_header, sign, thumbprint};
use crate::world::World;

/// Routes that need a token, of both services that check one.
const GUARDED: [&str; 3] =
    ["/api/v1/auth/me", "/api/v1/photos", "/api/v1/photos/01931f7a-0000-7000-8000-000000000000/original"];

async fn refused(world: &World, token: &str) -> Result<()> {
    for path in GUARDED {
        let answer = world.client.get(path).bearer_auth(token).fetch().await?;
        let challenge = answer.header("www-authenticate").to_owned();
        answer.problem(401).with_context(|| format!("{path} with {token}"))?;
        ensure!(challenge.starts_with("Bearer"), "{path}: 401 needs a challenge (RFC 9110, 11.6.1), got {challenge:?}");
    }
    Ok(())
}

pub(super) async fn a_missing_token_is_asked_for(world: World) -> Result<()> {
    for path in GUARDED {
        let answer = world.client.get(path).fetch().await?;
        let challenge = answer.header("www-authenticate").to_owned();
        answer.problem(401)?;
        ensure!(challenge.starts_with("Bearer"), "{path}: {challenge:?}");
        world.client.get(path).basic_auth("ada", Some("secret")).fetch().await?.problem(401)?;
    }
    Ok(())
}

pub(super) async fn a_garbage_token_is_refused(world: World) -> Result<()> {
    let user = world.register("gil").await?;
    let (body, signature) = user.token.rsplit_once('.').context("a JWT has three parts")?;
    let (header, claims) = body.split_once('.').context("a JWT has three parts")?;
    let claims_of_another = base64url(br#"{"sub":"somebody else"}"#);
    let garbage = [
        "x".to_owned(),
        "a.b.c".to_owned(),
        "..".to_owned(),
        format!("{header}.{claims}."),
        format!("{header}.{claims}.{}", signature.chars().rev().collect::<String>()),
        format!("{header}.{claims_of_another}.{signature}"),
        "x".repeat(5000),
    ];
    for token in garbage {
        refused(&world, &token).await?;
    }
    Ok(())
}

/// Claims that are right, and the key that makes them count.
async fn proper(world: &World) -> Result<(SigningKey, Value)> {
    let user = world.register("hal").await?;
    let key = world.secrets.as_ref().context("the app's secrets")?.signing_key.clone();
    let claims = claims(&user.token)?;
    let again = sign(&key, &proper_header(&key), &claims);
    // Else everything below would be refused for the wrong reason.
    world.client.get("/api/v1/auth/me").bearer_auth(again).fetch().await?.expect(200)?;
    Ok((key, claims))
}

fn with(claims: &Value, changes: Value) -> Value {
    let mut claims = claims.clone();
    if let (Some(claims), Value::Object(changes)) = (claims.as_object_mut(), changes) {
        claims.extend(changes);
    }
    claims
}

fn now() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

pub(super) async fn an_expired_token_is_refused(world: World) -> Result<()> {
    let (key, claims) = proper(&world).await?;
    let now = now()?;
    for age in [3600, 120] {
        let old = with(&claims, json!({"iat": now - 900 - age, "nbf": now - 900 - age, "exp": now - age}));
        refused(&world, &sign(&key, &proper_header(&key), &old)).await?;
    }
    Ok(())
}

pub(super) async fn a_token_not_yet_valid_is_refused(world: World) -> Result<()> {
    let (key, claims) = proper(&world).await?;
    let later = now()? + 3600;
    let early = with(&claims, json!({"nbf": later, "exp": later + 900}));
    refused(&world, &sign(&key, &proper_header(&key), &early)).await
}

pub(super) async fn a_token_of_another_issuer_or_audience_is_refused(world: World) -> Result<()> {
    let (key, claims) = proper(&world).await?;
    for change in
        [json!({"iss": "somebody else"}), json!({"aud": "another app"}), json!({"iss": null}), json!({"aud": null})]
    {
        refused(&world, &sign(&key, &proper_header(&key), &with(&claims, change))).await?;
    }
    Ok(())
}

pub(super) async fn a_token_signed_by_another_key_is_refused(world: World) -> Result<()> {
    let (key, claims) = proper(&world).await?;
    let mallory = SigningKey::from_bytes(&[7; 32]);
    refused(&world, &sign(&mallory, &proper_header(&mallory), &claims)).await?;
    // Under the name of the proper key, too; and carrying her own key along.
    refused(&world, &sign(&mallory, &proper_header(&key), &claims)).await?;
    let x = base64url(mallory.verifying_key().as_bytes());
    let header = json!({"alg": "EdDSA", "kid": thumbprint(&key), "jwk": {"kty": "OKP", "crv": "Ed25519", "x": x}});
    refused(&world, &sign(&mallory, &header, &claims)).await
}

pub(super) async fn a_token_of_another_algorithm_is_refused(world: World) -> Result<()> {
    let (key, claims) = proper(&world).await?;
    for algorithm in ["none", "None", "HS256", "ES256"] {
        let header = json!({"alg": algorithm, "typ": "JWT", "kid": thumbprint(&key)});
        refused(&world, &sign(&key, &header, &claims)).await?;
        let unsigned =
            format!("{}.{}.", base64url(header.to_string().as_bytes()), base64url(claims.to_string().as_bytes()));
        refused(&world, &unsigned).await?;
    }
    Ok(())
}
