//! The gateway without one of its grants: what it needs that one for is seen to be refused, and nothing else is.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use vitrine_scenarios::World;
use vitrine_scenarios::client::{Client, Fetch as _};
use vitrine_scenarios::harness::{Deployment, Running, Runtime, repository};

const STORES: &str = r#"sqlite_databases = ["kv-limits", "kv-sessions"]"#;
const HOSTS: &str =
    r#"allowed_outbound_hosts = ["{{ auth_url }}", "{{ redis_host }}", "{{ relay_url }}", "{{ upload_url }}"]"#;

/// The product, but for one line of the gateway's block in its manifest.
fn twin(line: &str, other: &str) -> (World, Running) {
    let text = std::fs::read_to_string(repository().join("spin.toml")).unwrap();
    let (before, block) = text.split_once("[component.gateway]").unwrap();
    assert!(block.contains(line), "the gateway has other grants than this test knows: {line}");
    let text = format!("{before}[component.gateway]{}", block.replacen(line, other, 1));
    let folder = tempfile::tempdir().unwrap();
    let built = repository().join("target/components");
    let manifest = folder.path().join("spin.toml");
    std::fs::write(&manifest, text.replace("target/components", &built.display().to_string())).unwrap();
    let runtime = Runtime::from_env().unwrap();
    let mut deployment = Deployment::product_of(runtime, &manifest).unwrap();
    // So that every request is counted.
    deployment.set("limit_address", "1000/60");
    let running = deployment.start().unwrap();
    let world =
        World { client: Client::new(&running.base()).unwrap(), runtime, secrets: deployment.secrets().cloned() };
    (world, running.keeping(deployment))
}

async fn answers(world: &World, path: &str) -> u16 {
    world.client.get(path).fetch().await.unwrap().status.as_u16()
}

const AUTH: &str = "/api/v1/auth/me";
const UPLOAD: &str = "/api/v1/photos";
const RELAY: &str = "/api/v1/ring";

#[tokio::test]
async fn with_all_grants_every_service_answers() {
    let (world, running) = twin(HOSTS, HOSTS);
    let all = [answers(&world, AUTH).await, answers(&world, UPLOAD).await, answers(&world, RELAY).await];
    assert_eq!(all, [401, 401, 405], "{}", running.log());
}

#[tokio::test]
async fn a_service_that_is_not_granted_cannot_be_called() {
    for (grant, expected) in [("auth", [502, 401, 405]), ("relay", [401, 401, 502]), ("upload", [401, 502, 405])] {
        let less = HOSTS.replace(&format!(r#""{{{{ {grant}_url }}}}""#), r#""http://images.spin.internal""#);
        assert_ne!(less, HOSTS);
        let (world, running) = twin(HOSTS, &less);
        let all = [answers(&world, AUTH).await, answers(&world, UPLOAD).await, answers(&world, RELAY).await];
        assert_eq!(all, expected, "without {grant}: {}", running.log());
    }
}

/// It does not go on without a store that it was to have: then nobody would be counted, or nobody's session looked up.
#[tokio::test]
async fn without_a_store_nothing_passes() {
    if std::env::var("VITRINE_BINDING").is_ok_and(|binding| binding == "servers") {
        return;
    }
    for (granted, missing) in [("kv-limits", "kv-sessions"), ("kv-sessions", "kv-limits")] {
        let (world, running) = twin(STORES, &format!(r#"sqlite_databases = ["{granted}"]"#));
        assert_eq!(answers(&world, UPLOAD).await, 503, "without {missing}: {}", running.log());
        running.log_line(&[&format!("database `{missing}`")]).unwrap();
    }
}
