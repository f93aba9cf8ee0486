//! Redis over TLS: whom the host trusts, and what it says of others.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::process::Command;
use vitrine_ports::Suites;
use vitrine_scenarios::client::Fetch as _;
use vitrine_servers::{Given, Redis, Url, free_port, program, redis};

/// A key, and a certificate of it for this machine that nobody but itself vouches for.
fn certify(key: &Path, certificate: &Path) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=redis.test", "-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(key)
        .arg("-out")
        .arg(certificate)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// Has the guest count once.
async fn count(suites: &Suites) -> (u16, String) {
    let answer = suites.client.post("/suite/count/redis/a").fetch().await.unwrap();
    (answer.status.as_u16(), answer.text())
}

#[tokio::test]
async fn a_server_is_reached_over_tls_by_those_who_trust_it() {
    let (Some(server), Some(_)) = (Redis::alone().unwrap(), program("openssl")) else {
        eprintln!("not run, since Redis or openssl is not installed");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (key, certificate) = (folder.path().join("key.pem"), folder.path().join("certificate.pem"));
    certify(&key, &certificate);
    let (key, certificate) = (key.to_str().unwrap(), certificate.to_str().unwrap());
    let port = free_port().unwrap().to_string();
    let settings = [
        ["tls-cert-file", certificate],
        ["tls-key-file", key],
        ["tls-ca-cert-file", certificate],
        ["tls-auth-clients", "no"],
        ["tls-port", &port],
    ];
    redis(&server.url(), &[["CONFIG", "SET"].as_slice(), settings.as_flattened()].concat()).unwrap();

    let password = Url::parse(&server.url()).unwrap().password;
    let (url, host) = (format!("rediss://:{password}@127.0.0.1:{port}"), format!("rediss://127.0.0.1:{port}"));
    let variables = [("kv_backend", "redis"), ("redis_url", &*url), ("redis_host", &*host)];

    let trusting = [("SSL_CERT_FILE", certificate)];
    let suites = Suites::start_in(&trusting, &Given::default(), &variables).unwrap();
    assert_eq!(count(&suites).await, (200, "1".to_owned()));
    assert_eq!(count(&suites).await, (200, "2".to_owned()));

    let suites = Suites::start(&Given::default(), &variables).unwrap();
    let (status, text) = count(&suites).await;
    assert_eq!(status, 500);
    for word in ["`redis_url`", "certificate", &*format!("`redis_host` is {host}")] {
        assert!(text.contains(word), "`{word}` is not in: {text}");
    }
    assert!(!text.contains(&password), "the password is in: {text}");

    // A grant is of one scheme.
    let plain = format!("redis://127.0.0.1:{port}");
    let variables = [("kv_backend", "redis"), ("redis_url", &*url), ("redis_host", &*plain)];
    let suites = Suites::start_in(&trusting, &Given::default(), &variables).unwrap();
    let (status, text) = count(&suites).await;
    assert!(status == 500 && text.contains("granted") && text.contains(&host), "{status}: {text}");
}
