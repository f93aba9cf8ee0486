//! Registering, logging in, and being known.

use anyhow::{Result, ensure};
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::client::{Fetch as _, number_at, text_at};
use crate::token;
use crate::user::{PASSWORD, unique};
use crate::world::World;

const REGISTER: &str = "/api/v1/auth/register";
const LOGIN: &str = "/api/v1/auth/login";

pub(super) async fn registering_gives_an_account_and_a_token(world: World) -> Result<()> {
    let handle = unique("ada");
    let email = format!("{handle}@example.com");
    let body = json!({"email": email, "handle": handle, "password": PASSWORD});
    let answer = world.client.post(REGISTER).json(&body).fetch().await?.expect(201)?;
    ensure!(!answer.text().contains(PASSWORD) && !answer.text().contains("argon2"), "it tells the password");
    let answer = answer.json()?;
    ensure!(text_at(&answer, "/account/handle")? == handle, "another handle: {answer}");
    ensure!(text_at(&answer, "/account/email")? == email, "another address: {answer}");
    ensure!(number_at(&answer, "/tokens/expiresIn")? == 900, "a token lives 15 minutes: {answer}");

    let access = text_at(&answer, "/tokens/accessToken")?;
    let header = token::header(access)?;
    ensure!(text_at(&header, "/alg")? == "EdDSA", "{header}");
    ensure!(!text_at(&header, "/kid")?.is_empty(), "{header}");
    let claims = token::claims(access)?;
    ensure!(text_at(&claims, "/sub")? == text_at(&answer, "/account/id")?, "{claims}");
    ensure!(text_at(&claims, "/aud")? == "vitrine", "{claims}");
    ensure!(text_at(&claims, "/handle")? == handle, "{claims}");
    ensure!(number_at(&claims, "/exp")? - number_at(&claims, "/iat")? == 900, "{claims}");
    for claim in ["/iss", "/jti", "/sid"] {
        ensure!(!text_at(&claims, claim)?.is_empty(), "{claims}");
    }
    Ok(())
}

pub(super) async fn login_works_by_handle_and_by_email(world: World) -> Result<()> {
    let user = world.register("bea").await?;
    for login in [&user.handle, &user.email, &user.email.to_uppercase()] {
        let body = json!({"login": login, "password": PASSWORD});
        let answer = world.client.post(LOGIN).json(&body).fetch().await?.expect(200)?.json()?;
        ensure!(text_at(&answer, "/account/id")? == user.id, "another account for {login}: {answer}");
        ensure!(number_at(&answer, "/tokens/expiresIn")? == 900, "{answer}");
        let claims = token::claims(text_at(&answer, "/tokens/accessToken")?)?;
        ensure!(text_at(&claims, "/sub")? == user.id, "{claims}");
    }
    Ok(())
}

pub(super) async fn me_is_the_account_of_the_token(world: World) -> Result<()> {
    let user = world.register("cy").await?;
    let answer = user.get("/api/v1/auth/me").fetch().await?.expect(200)?.json()?;
    ensure!(text_at(&answer, "/id")? == user.id && text_at(&answer, "/handle")? == user.handle, "{answer}");
    ensure!(text_at(&answer, "/email")? == user.email, "{answer}");
    Ok(())
}

pub(super) async fn a_taken_handle_or_email_is_a_conflict(world: World) -> Result<()> {
    let user = world.register("dan").await?;
    let other = unique("dan");
    let taken = [
        json!({"email": format!("{other}@example.com"), "handle": user.handle, "password": PASSWORD}),
        json!({"email": user.email, "handle": other, "password": PASSWORD}),
        json!({"email": user.email.to_uppercase(), "handle": other, "password": PASSWORD}),
    ];
    for body in taken {
        world.client.post(REGISTER).json(&body).fetch().await?.problem(409)?;
    }
    Ok(())
}

pub(super) async fn a_wrong_password_and_an_unknown_login_look_alike(world: World) -> Result<()> {
    let user = world.register("eve").await?;
    let mut problems = Vec::new();
    for (login, password) in [(user.handle.clone(), "not the password at all"), (unique("nobody"), PASSWORD)] {
        let body = json!({"login": login, "password": password});
        let mut problem = world.client.post(LOGIN).json(&body).fetch().await?.problem(401)?;
        if let Some(problem) = problem.as_object_mut() {
            // The occurrence is the one thing that may differ.
            problem.remove("instance");
        }
        problems.push(problem);
    }
    ensure!(problems.first() == problems.last(), "they differ: {problems:?}");
    Ok(())
}

pub(super) async fn fields_that_break_a_rule_are_named(world: World) -> Result<()> {
    let good = json!({"email": "fay@example.com", "handle": unique("fay"), "password": PASSWORD});
    let long = "x".repeat(300);
    let wrong = [
        ("email", json!("no address")),
        ("email", json!("")),
        ("email", json!(format!("{long}@example.com"))),
        ("handle", json!("")),
        ("handle", json!("a handle with spaces")),
        ("handle", json!(long)),
        ("password", json!("short")),
    ];
    for (field, value) in wrong {
        let mut body = good.clone();
        if let Some(body) = body.as_object_mut() {
            body.insert(field.to_owned(), value.clone());
        }
        let problem = world.client.post(REGISTER).json(&body).fetch().await?.problem(422)?;
        ensure!(problem.to_string().contains(field), "{field} = {value} is refused without a word about it: {problem}");
    }
    for value in [json!(7), Value::Null] {
        let body = json!({"email": "fay@example.com", "handle": "fay", "password": value});
        world.client.post(REGISTER).json(&body).fetch().await?.problem(422)?;
    }
    let missing = json!({"email": "fay@example.com", "password": PASSWORD});
    let problem = world.client.post(REGISTER).json(&missing).fetch().await?.problem(422)?;
    ensure!(problem.to_string().contains("handle"), "the missing field is not named: {problem}");
    Ok(())
}

pub(super) async fn a_body_that_is_no_json_is_refused(world: World) -> Result<()> {
    for path in [REGISTER, LOGIN] {
        let bodies: [&[u8]; 4] =
            [b"{\"login\": ", b"", b"{\"login\": \"\xFF\", \"handle\": \"\xFF\"}", b"login=ada&password=x"];
        for body in bodies {
            let request = world.client.post(path).header(CONTENT_TYPE, "application/json").body(body);
            request.fetch().await?.problem(400)?;
        }
    }
    Ok(())
}

pub(super) async fn another_content_type_is_refused(world: World) -> Result<()> {
    for path in [REGISTER, LOGIN] {
        world.client.post(path).header(CONTENT_TYPE, "text/plain").body("{}").fetch().await?.problem(415)?;
        world.client.post(path).body("{}").fetch().await?.problem(415)?;
    }
    Ok(())
}

pub(super) async fn an_oversized_body_is_refused(world: World) -> Result<()> {
    for path in [REGISTER, LOGIN] {
        let body = json!({"login": "x".repeat(100 << 10), "password": PASSWORD});
        world.client.post(path).json(&body).fetch().await?.problem(413)?;
        // A server may close before the client has sent all of this, and then the client may miss the answer.
        let body = json!({"login": "x".repeat(4 << 20), "password": PASSWORD});
        if let Ok(answer) = world.client.post(path).json(&body).fetch().await {
            answer.problem(413)?;
        }
    }
    Ok(())
}
