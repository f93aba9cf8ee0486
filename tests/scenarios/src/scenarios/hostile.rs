//! What somebody sends who means no good: texts that break what reads them, bodies that are too deep or too long, names of
//! other people and other places.

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Answer, Fetch as _, list_at, text_at};
use crate::harness::Runtime;
use crate::user::{PASSWORD, unique};
use crate::world::World;

/// Characters that end texts, move cursors, turn lines around, or are no characters at all.
const BAD: [char; 8] = ['\0', '\u{1}', '\u{7}', '\u{1b}', '\u{7f}', '\u{85}', '\u{202e}', '\u{2066}'];

/// A 4xx that says what is wrong, in the shape of its surface.
fn is_refused(answer: &Answer, what: &str) -> Result<()> {
    let said = answer.header("content-type").contains("json") && !answer.body.is_empty();
    ensure!(answer.status.is_client_error() && said, "{what}: {} {}", answer.status, answer.text());
    Ok(())
}

/// What a field is sent in: a route, a procedure of tRPC that does the same, and a body that is right but for the field.
struct Sent {
    method: Method,
    route: &'static str,
    procedure: Option<&'static str>,
    body: Value,
    fields: &'static [&'static str],
}

/// Every text that auth takes.
fn texts() -> Vec<Sent> {
    let handle = unique("nul");
    let sent = |method, route, procedure, body, fields| Sent { method, route, procedure, body, fields };
    let post = |route, procedure, body, fields| sent(Method::POST, route, Some(procedure), body, fields);
    let new =
        json!({"email": format!("{handle}@example.com"), "handle": handle, "password": PASSWORD, "displayName": "x"});
    let login = json!({"login": handle, "password": "not the password", "totp": "123456", "deviceToken": "x"});
    let reset = json!({"token": "x", "password": "some other words in a row"});
    let password = json!({"currentPassword": "not the password", "newPassword": "some other words in a row"});
    // Right but for the field, and first, so that nothing else is a reason to refuse it.
    let key = json!({"name": "a script", "scopes": ["photos:read"], "password": PASSWORD});
    let totp = json!({"password": "not the password", "totp": "123456"});
    vec![
        post("api-keys", "apiKeys.create", key, &["name", "scopes/0", "password"]),
        post("register", "register", new, &["email", "handle", "displayName"]),
        post("login", "login", login, &["login", "password", "totp", "deviceToken"]),
        post("refresh", "refresh", json!({"refreshToken": "x"}), &["refreshToken"]),
        post("verify-email", "verifyEmail", json!({"token": "x"}), &["token"]),
        post("request-password-reset", "requestPasswordReset", json!({"email": "x"}), &["email"]),
        post("reset-password", "resetPassword", reset, &["token", "password"]),
        post("password", "changePassword", password, &["currentPassword", "newPassword"]),
        post("totp/begin", "totp.begin", json!({"password": "x"}), &["password"]),
        post("totp/confirm", "totp.confirm", json!({"code": "x"}), &["code"]),
        post("totp/disable", "totp.disable", totp.clone(), &["password", "totp"]),
        post("delete-account", "deleteAccount", totp, &["password", "totp"]),
        sent(
            Method::PATCH,
            "me",
            Some("updateProfile"),
            json!({"displayName": "x", "bio": "x"}),
            &["displayName", "bio"],
        ),
    ]
}

pub(super) async fn no_text_of_auth_takes_what_breaks_texts(world: World) -> Result<()> {
    let user = world.register("nul").await?;
    for Sent { method, route, procedure, body, fields } in texts() {
        for (field, bad) in fields.iter().flat_map(|field| BAD.map(|bad| (field, bad))) {
            let mut body = body.clone();
            let rest = if matches!(*field, "email" | "login") { "@example.com" } else { "" };
            let text = json!(format!("te{bad}xt{rest}"));
            *body.pointer_mut(&format!("/{field}")).with_context(|| (*field).to_owned())? = text;
            let what = format!("{route} {field} {bad:?}");
            let path = format!("/api/v1/auth/{route}");
            let request = world.client.request(method.clone(), &path).bearer_auth(&user.token);
            is_refused(&request.header("if-match", "*").json(&body).fetch().await?, &what)?;
            if let Some(procedure) = procedure {
                let request = world.client.post(&format!("/api/auth/{procedure}")).bearer_auth(&user.token);
                is_refused(&request.json(&body).fetch().await?, &what)?;
            }
        }
    }
    let me = user.get("/api/v1/auth/me").fetch().await?.expect(200)?.json()?;
    ensure!(text_at(&me, "/displayName")? == user.handle, "{me}");
    Ok(())
}

pub(super) async fn no_text_of_an_address_takes_what_breaks_texts(world: World) -> Result<()> {
    let user = world.register("nul").await?;
    for bad in BAD {
        let encoded: String = bad.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
        for path in [
            format!("/api/v1/auth/profiles/te{encoded}xt"),
            format!("/api/v1/photos/te{encoded}xt"),
            format!("/api/v1/photos?cursor=te{encoded}xt"),
            format!("/api/v1/auth/audit?cursor=te{encoded}xt"),
            format!("/static/image/te{encoded}xt/small.x"),
            format!("/api/auth/profile?input=%7B%22handle%22%3A%22te{encoded}xt%22%7D"),
        ] {
            is_refused(&user.get(&path).fetch().await?, &path)?;
        }
        let upload = world.client.post(&format!("/api/v1/photos?title=te{encoded}xt")).bearer_auth(&user.token);
        let upload = upload.header("content-type", "application/octet-stream").body("x");
        is_refused(&upload.fetch().await?, &format!("a title with {bad:?}"))?;
    }
    let list = user.get("/api/v1/photos").fetch().await?.expect(200)?.json()?;
    ensure!(list_at(&list, "/items")?.is_empty(), "{list}");
    // What a program calls itself is only shown, so it is taken, without what breaks texts.
    // Spin itself answers 500 to a header that is no UTF-8.
    let odd: &[u8] = if world.runtime == Runtime::Spin { b"odd\tprogram" } else { b"odd\xff\xfe\tprogram" };
    let agent = reqwest::header::HeaderValue::from_bytes(odd)?;
    let body = json!({"login": user.handle, "password": PASSWORD});
    world.client.post("/api/v1/auth/login").header("user-agent", agent).json(&body).fetch().await?.expect(200)?;
    let sessions = user.get("/api/v1/auth/sessions").fetch().await?.expect(200)?.json()?;
    ensure!(!sessions.to_string().contains("\\t"), "{sessions}");
    Ok(())
}

pub(super) async fn json_that_is_too_deep_or_too_long_is_refused(world: World) -> Result<()> {
    let user = world.register("deep").await?;
    let object = |field: &str, value: &str| format!(r#"{{"{field}":{value}}}"#);
    let lists = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
    let objects = |depth: usize| [r#"{"x":"#.repeat(depth), "0".to_owned(), "}".repeat(depth)].concat();
    for (path, field) in [
        ("/api/v1/auth/login", "login"),
        ("/api/v1/auth/register", "handle"),
        ("/api/v1/auth/me", "displayName"),
        ("/api/v1/auth/api-keys", "scopes"),
        ("/api/auth/login", "login"),
        ("/api/auth/updateProfile", "displayName"),
        ("/api/auth/apiKeys.create", "scopes"),
    ] {
        let method = if path.ends_with("/me") { Method::PATCH } else { Method::POST };
        let send = |body: String| {
            let request = world.client.request(method.clone(), path).bearer_auth(&user.token).header("if-match", "*");
            request.header("content-type", "application/json").body(body).fetch()
        };
        for value in [lists(200), lists(30_000), objects(200), objects(10_000), "[".repeat(60_000)] {
            let answer = send(object(field, &value)).await?;
            is_refused(&answer, path)?;
            ensure!([400, 422].contains(&answer.status.as_u16()), "{path}: {} {}", answer.status, answer.text());
        }
        let long = send(object(field, &format!("{:?}", "x".repeat(100 << 10)))).await?;
        is_refused(&long, path)?;
        ensure!(long.status == 413, "{path}: {} {}", long.status, long.text());
        // What nobody asked for is passed over, however deep it is; nothing stops at it.
        let passed_over = send(object("unknown", &objects(10_000))).await?;
        ensure!(!passed_over.status.is_server_error(), "{path}: {} {}", passed_over.status, passed_over.text());
    }
    // In an address too, and in a batch.
    let deep = "%5B".repeat(2000) + &"%5D".repeat(2000);
    for path in [format!("/api/auth/profile?input={deep}"), format!("/api/auth/profile,me?batch=1&input={deep}")] {
        is_refused(&user.get(&path).fetch().await?, "a deep input")?;
    }
    user.get("/api/v1/auth/me").fetch().await?.expect(200)?;
    Ok(())
}

/// Neither where an answer leads nor what is in a mail is for who asks to say.
pub(super) async fn no_answer_and_no_mail_leads_elsewhere(world: World) -> Result<()> {
    const ELSEWHERE: &str = "elsewhere.example";
    let (user, forged) = (world.register("red").await?, ["host", "x-forwarded-host", "x-original-host", "forwarded"]);
    let value = |name: &str| if name == "forwarded" { format!("host={ELSEWHERE}") } else { ELSEWHERE.to_owned() };
    let paths = [
        "//elsewhere.example",
        "//elsewhere.example/%2e%2e",
        "/%2f%2felsewhere.example",
        "/%5celsewhere.example",
        "/api/v1/auth/me?next=https://elsewhere.example&redirect_uri=//elsewhere.example",
        "/api/v1/photos?returnTo=//elsewhere.example",
        "/api/v1/photos/",
        "/static/image//elsewhere.example/x",
        "/.well-known/jwks.json?url=//elsewhere.example",
    ];
    for path in paths {
        for name in forged {
            let answer = user.get(path).header(name, value(name)).fetch().await?;
            let location = answer.header("location");
            ensure!(!answer.status.is_redirection() && location.is_empty(), "{path}: {} {location}", answer.status);
            ensure!(!answer.header("refresh").contains(ELSEWHERE), "{path}: {:?}", answer.headers);
        }
    }
    // Where the service itself names a place, it is one here.
    for name in forged {
        let upload = user.upload("red").header(name, value(name)).body("no picture");
        let answer = upload.fetch().await?.expect(202)?;
        ensure!(answer.header("location").starts_with("/api/v1/photos/"), "{:?}", answer.headers);
        let ask = world.client.post("/api/v1/auth/request-password-reset").header(name, value(name));
        ask.json(&json!({"email": user.email})).fetch().await?.expect(202)?;
    }
    let admin = &world.secrets.as_ref().context("the app's secrets")?.admin_token;
    let start = std::time::Instant::now();
    loop {
        let mailbox = world.client.get("/api/v1/auth/admin/mailbox").query(&[("to", &user.email)]).bearer_auth(admin);
        let mails = mailbox.fetch().await?.expect(200)?.json()?;
        ensure!(!mails.to_string().contains(ELSEWHERE), "{mails}");
        if list_at(&mails, "/items")?.iter().any(|mail| mail.to_string().contains("Choose another password")) {
            return Ok(());
        }
        ensure!(start.elapsed().as_secs() < 30, "no mail came: {mails}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// Whoever plants his own session in somebody's browser is not let in by their login.
pub(super) async fn a_session_that_was_planted_is_not_taken_on(world: World) -> Result<()> {
    let (victim, mallory) = (world.register("vic").await?, unique("mal"));
    let body =
        json!({"email": format!("{mallory}@example.com"), "handle": mallory, "password": PASSWORD, "cookies": true});
    let planted = world.client.post("/api/v1/auth/register").json(&body).fetch().await?.expect(201)?;
    let cookies = |answer: &Answer| -> Vec<String> {
        let lines = answer.headers.get_all("set-cookie").iter().filter_map(|it| it.to_str().ok());
        lines.filter_map(|line| line.split(';').next()).map(str::to_owned).collect()
    };
    let before = cookies(&planted);
    ensure!(before.len() >= 2, "{before:?}");
    let login = json!({"login": victim.handle, "password": PASSWORD, "cookies": true});
    let request = world.client.post("/api/v1/auth/login").header("cookie", before.join("; "));
    let answer = request.header("sec-fetch-site", "same-origin").json(&login).fetch().await?.expect(200)?;
    let after = cookies(&answer);
    for cookie in &after {
        ensure!(!before.contains(cookie), "{cookie} is what was planted");
    }
    // Each set of cookies is still its own person's.
    for (cookies, handle) in [(&before, &mallory), (&after, &victim.handle)] {
        let me = world.client.get("/api/v1/auth/me").header("cookie", cookies.join("; ")).fetch().await?.expect(200)?;
        ensure!(text_at(&me.json()?, "/handle")? == handle, "another account");
    }
    // Both at once are nobody's: one of them is somebody else's, and it cannot be told which.
    let both = [before, after].concat().join("; ");
    world.client.get("/api/v1/photos").header("cookie", both).fetch().await?.problem(401)?;
    Ok(())
}
