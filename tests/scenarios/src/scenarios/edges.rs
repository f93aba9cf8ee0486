//! What any HTTP client may do to the app, by mistake or on purpose.

use anyhow::{Context as _, Result, ensure};
use reqwest::{Method, Version};
use serde_json::json;

use crate::client::{Client, Fetch as _, text_at};
use crate::harness::Runtime;
use crate::raw;
use crate::user::PASSWORD;
use crate::world::World;

pub(super) async fn an_unknown_route_is_a_problem(world: World) -> Result<()> {
    for path in
        ["/api/v1/auth/nothing", "/api/v1/auth", "/api/v1/photos/a/b/c", "/static/image/nothing", "/api/v1/ring/x"]
    {
        let answer = world.client.get(path).fetch().await?;
        // A route of the whole app may belong to nobody, and then the runtime answers in its own words.
        let bare = path == "/api/v1/auth" || path == "/api/v1/ring/x";
        if bare { answer.expect(404).map(drop) } else { answer.problem(404).map(drop) }
            .with_context(|| path.to_owned())?;
    }
    Ok(())
}

pub(super) async fn an_unknown_route_of_the_app_is_a_problem(world: World) -> Result<()> {
    for path in
        ["/", "/nothing", "/api", "/api/v2/auth/me", "/favicon.ico", "/api/v1/../../etc/passwd", "//", "/%2e%2e/"]
    {
        world.client.get(path).fetch().await?.problem(404).with_context(|| path.to_owned())?;
    }
    Ok(())
}

pub(super) async fn an_unknown_method_is_a_problem_that_lists_the_known(world: World) -> Result<()> {
    let cases = [
        (Method::GET, "/api/v1/auth/register", "POST"),
        (Method::DELETE, "/api/v1/auth/login", "POST"),
        (Method::POST, "/api/v1/auth/me", "GET"),
        (Method::PUT, "/api/v1/photos", "POST"),
        (Method::GET, "/api/v1/ring", "POST"),
    ];
    for (method, path, allowed) in cases {
        let answer = world.client.request(method.clone(), path).fetch().await?;
        let allow = answer.header("allow").to_owned();
        answer.problem(405).with_context(|| format!("{method} {path}"))?;
        ensure!(
            allow.contains(allowed),
            "{method} {path}: 405 lists what is allowed (RFC 9110, 15.5.6), got {allow:?}"
        );
    }
    Ok(())
}

pub(super) async fn private_routes_are_closed_to_the_outside(world: World) -> Result<()> {
    let user = world.register("ida").await?;
    let photo = "01931f7a-0000-7000-8000-000000000000";
    let tokens = world.secrets.as_ref().map(|secrets| {
        [
            secrets.auth_exchange_token.clone(),
            secrets.upload_report_token.clone(),
            secrets.upload_service_token.clone(),
            secrets.image_processor_service_token.clone(),
            secrets.ring_token.clone(),
            secrets.relay_service_token.clone(),
            secrets.admin_token.clone(),
        ]
    });
    // Not even with the right token, where it is known: these paths do not exist outside.
    for token in tokens.into_iter().flatten().chain([user.token.clone(), String::new()]) {
        for (method, path) in [
            (Method::POST, format!("/_photos/{photo}/attempts")),
            (Method::PUT, format!("/_photos/{photo}/result")),
            (Method::POST, "/_events".to_owned()),
            (Method::GET, "/_events".to_owned()),
            (Method::POST, "/_outbox/claim".to_owned()),
            (Method::POST, "/_ring".to_owned()),
            (Method::POST, "/image-processor/_events".to_owned()),
        ] {
            let request = world.client.request(method, &path).bearer_auth(&token);
            request.json(&json!({"eventId": photo})).fetch().await?.expect(404).with_context(|| path.clone())?;
        }
        // Nor by a way around, through a route that does lead in.
        for path in
            ["/api/v1/photos/_photos/x/result", "/api/v1/photos/..%2f..%2f_photos/x/attempts", "/api/v1/auth/_events"]
        {
            let answer = world.client.post(path).bearer_auth(&token).json(&json!({})).fetch().await?;
            ensure!(
                [400, 401, 404, 405].contains(&answer.status.as_u16()),
                "{path}: {} {}",
                answer.status,
                answer.text()
            );
        }
    }
    Ok(())
}

pub(super) async fn a_request_id_comes_back(world: World) -> Result<()> {
    for path in ["/api/v1/auth/me", "/api/v1/photos", "/static/image/none/none"] {
        let answer = world.client.get(path).header("x-request-id", "scenario-4711").fetch().await?;
        ensure!(answer.header("x-request-id") == "scenario-4711", "{path}: {:?}", answer.headers);
    }
    // One that could break a log line is not repeated as it is.
    for id in ["x".repeat(2000), "with space; and=more\t".to_owned()] {
        let answer = world.client.get("/api/v1/auth/me").header("x-request-id", &id).fetch().await?;
        ensure!(answer.status.as_u16() == 401, "{}: {}", answer.status, answer.text());
        ensure!(answer.header("x-request-id").len() <= 200, "an id of any length comes back");
    }
    Ok(())
}

pub(super) async fn broken_text_in_a_path_or_query_is_refused(world: World) -> Result<()> {
    let user = world.register("jo").await?;
    for path in ["/api/v1/photos/%FF%FE", "/static/image/%FF/small.%FF", "/api/v1/photos?cursor=%FF"] {
        let answer = user.get(path).fetch().await?;
        ensure!([400, 404].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
        let status = answer.status.as_u16();
        answer.problem(status).with_context(|| path.to_owned())?;
    }
    let request = b"GET /api/v1/\xFF\xFE HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answer = raw::exchange(world.client.base(), request).await?;
    ensure!(answer.is_refused(&[400]), "raw bytes in a path: {answer:?}");
    let request = b"GET /api/v1/auth/me HTTP/1.1\r\nhost: x\r\nx-request-id: \xFF\xFE\r\nconnection: close\r\n\r\n";
    let answer = raw::exchange(world.client.base(), request).await?;
    // Spin answers 500 here.
    ensure!(answer.is_refused(&[400, 401]) || world.runtime == Runtime::Spin, "raw bytes in a header: {answer:?}");
    Ok(())
}

pub(super) async fn an_oversized_header_is_a_problem(world: World) -> Result<()> {
    let request = format!(
        "GET /api/v1/auth/me HTTP/1.1\r\nhost: x\r\nx-big: {}\r\nconnection: close\r\n\r\n",
        "x".repeat(100 << 10)
    );
    let answer = raw::exchange(world.client.base(), request.as_bytes()).await?;
    ensure!(answer.status == Some(431), "100 KiB of one header: {answer:?}");
    ensure!(answer.is_problem(), "no problem document: {answer:?}");
    Ok(())
}

pub(super) async fn a_huge_header_is_refused(world: World) -> Result<()> {
    let one = format!("GET /api/v1/auth/me HTTP/1.1\r\nhost: x\r\nx-big: {}\r\n\r\n", "x".repeat(2 << 20));
    let line = format!("x-more: {}\r\n", "y".repeat(100));
    let many = format!("GET /api/v1/auth/me HTTP/1.1\r\nhost: x\r\n{}\r\n", line.repeat(20_000));
    let path = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "z".repeat(2 << 20));
    // Of a path so long the head as a whole is too large, and a server need not know why.
    for (request, statuses) in [(one, [400, 431, 431]), (many, [400, 431, 431]), (path, [400, 414, 431])] {
        let answer = raw::exchange(world.client.base(), request.as_bytes()).await?;
        ensure!(answer.is_refused_midway(&statuses), "{answer:?}");
    }
    world.client.get("/api/v1/auth/me").fetch().await?.expect(401)?;
    Ok(())
}

pub(super) async fn a_request_that_is_no_http_is_refused(world: World) -> Result<()> {
    let requests: [&[u8]; 4] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 tls, perhaps\r\n\r\n",
        b"HELLO\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: many\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 9\r\n\r\n12345",
    ];
    for request in requests {
        let answer = raw::exchange(world.client.base(), request).await?;
        ensure!(answer.is_refused(&[400]), "{}: {answer:?}", String::from_utf8_lossy(request));
    }
    Ok(())
}

pub(super) async fn http2_is_spoken_without_asking(world: World) -> Result<()> {
    let user = world.register("kim").await?;
    let http2 = Client::http2(world.client.base())?;
    let body = json!({"login": user.handle, "password": PASSWORD});
    let answer = http2.post("/api/v1/auth/login").json(&body).fetch().await?.expect(200)?;
    ensure!(answer.version == Version::HTTP_2, "{:?}", answer.version);
    let token = text_at(&answer.json()?, "/tokens/accessToken")?.to_owned();
    // Many at once on the one connection.
    let requests = (0..20).map(|_| http2.get("/api/v1/auth/me").bearer_auth(&token).fetch());
    for answer in futures::future::try_join_all(requests).await? {
        ensure!(text_at(&answer.expect(200)?.json()?, "/id")? == user.id, "another account");
    }
    http2.get("/nothing").fetch().await?.expect(404)?;
    Ok(())
}
