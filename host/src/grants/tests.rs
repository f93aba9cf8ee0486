use super::*;

fn hosts(entries: &[&str]) -> AllowedHosts {
    let patterns = entries.iter().map(|entry| HostPattern::parse(entry).unwrap());
    AllowedHosts::new("shop", patterns, ["auth", "upload"].into_iter())
}

fn allows(entries: &[&str], uri: &str) -> bool {
    hosts(entries).allows(&uri.parse().unwrap()).is_ok()
}

#[test]
fn scheme_host_and_port_must_all_be_granted() {
    let entry = ["http://example.com:8080"];
    assert!(allows(&entry, "http://example.com:8080/any/path?q"));
    assert!(allows(&entry, "http://EXAMPLE.com:8080"));
    for other in
        ["https://example.com:8080", "http://example.com", "http://example.org:8080", "http://a.example.com:8080"]
    {
        assert!(!allows(&entry, other), "{other}");
    }
    assert!(allows(&["https://example.com"], "https://example.com:443/"));
    assert!(!allows(&[], "https://example.com"));
}

#[test]
fn wildcards_cover_what_they_say() {
    assert!(allows(&["*://*:*"], "ftp://anything:21"));
    assert!(allows(&["https://*"], "https://anything") && !allows(&["https://*"], "https://anything:8443"));
    assert!(allows(&["https://*.example.com"], "https://a.b.example.com"));
    assert!(!allows(&["https://*.example.com"], "https://example.com"));
    assert!(!allows(&["https://*.example.com"], "https://badexample.com"));
    assert!(allows(&["http://localhost:3000..3002"], "http://localhost:3001"));
    assert!(!allows(&["http://localhost:3000..3002"], "http://localhost:3002"));
    assert!(allows(&["http://localhost:*"], "http://localhost:1"));
}

#[test]
fn addresses_are_compared_as_addresses() {
    assert!(allows(&["http://127.0.0.1"], "http://127.0.0.1/"));
    assert!(allows(&["http://127.0.0.1"], "http://0x7f.1/"), "another way to write the same address");
    assert!(allows(&["http://10.0.0.0/8"], "http://10.9.8.7"));
    assert!(!allows(&["http://10.0.0.0/8"], "http://11.0.0.1"));
    assert!(allows(&["http://[::1]"], "http://[::1]/") && allows(&["http://[::1]:81"], "http://[::1]:81/"));
    assert!(!allows(&["http://localhost"], "http://127.0.0.1"), "names are not looked up");
}

#[test]
fn the_app_itself_is_granted_by_self() {
    assert!(allows(&["http://self"], "/relative") && allows(&["https://self.alt"], "http://self.alt/x"));
    assert!(allows(&["*://*:*"], "/relative") && !allows(&["redis://self"], "/relative"));
    assert!(!allows(&["http://self"], "http://example.com"));
    let refused = hosts(&[]).allows(&"/relative".parse().unwrap()).unwrap_err();
    assert!(refused.to_string().contains("http://self"), "{refused}");
}

#[test]
fn chaining_is_granted_by_name_or_for_the_components_of_the_app() {
    assert!(allows(&["http://auth.spin.internal"], "http://auth.spin.internal/me"));
    assert!(!allows(&["http://auth.spin.internal"], "http://upload.spin.internal/me"));
    assert!(allows(&["http://*.spin.internal"], "http://upload.spin.internal"));
    assert!(!allows(&["http://*.spin.internal"], "http://elsewhere.spin.internal"));
}

#[test]
fn the_target_of_a_chained_call_is_its_first_label() {
    let target = |uri: &str| chained(&uri.parse().unwrap()).map(str::to_owned);
    assert_eq!(target("http://image-processor.spin.internal/x").as_deref(), Some("image-processor"));
    assert_eq!(target("http://user@auth.spin.internal:80").as_deref(), Some("auth"));
    for other in ["http://spin.internal", "http://a.b.spin.internal", "http://auth.spin.internal.example.com", "/x"] {
        assert_eq!(target(other), None, "{other}");
    }
}

#[test]
fn a_refusal_says_who_what_and_which_line_to_add() {
    let refused = |uri: &str| hosts(&[]).allows(&uri.parse().unwrap()).unwrap_err().to_string();
    assert_eq!(
        refused("http://db.test:5000/secret?token=1"),
        "the component `shop` may not connect to http://db.test:5000: add \"http://db.test:5000\" to \
         `allowed_outbound_hosts` of [component.shop] in the manifest if it should"
    );
    assert!(refused("https://db.test:443").contains("\"https://db.test\""));
}

#[test]
fn entries_that_mean_nothing_are_refused() {
    use PatternError::*;
    for (entry, error) in [
        ("", NoScheme),
        ("*", NoScheme),
        ("example.com", NoScheme),
        ("ht-tp://example.com", BadScheme),
        ("http://example.com/path", Path),
        ("http://example.com:80/path", Path),
        ("http://exa*mple.com", Wildcard),
        ("http://*.*.com", Wildcard),
        ("http://exa mple.com", BadHost),
        ("http://", BadHost),
        ("http://example.com:http", BadPort),
        ("http://example.com:99999", BadPort),
        ("*://example.com", NoPort),
        ("ftp://example.com", NoPort),
    ] {
        assert_eq!(HostPattern::parse(entry).unwrap_err(), error, "{entry}");
    }
    assert!(HostPattern::parse("http://example.com/").is_ok());
}

#[test]
fn grants_are_resolved_with_the_variables_of_the_app() {
    let (_dir, manifest) = crate::manifest::testing::manifest(
        r#"spin_manifest_version = 2
application.name = "test"
[variables]
url = { default = "http://example.com" }
empty = { default = "" }
path = { default = "http://example.com/path" }
[[trigger.http]]
route = "/..."
component = "a"
[component.a]
source = "a.wasm"
allowed_outbound_hosts = ["{{ url }}", "{{ empty }}", "https://{{ empty }}", "http://*.spin.internal"]
[component.b]
source = "b.wasm"
allowed_outbound_hosts = ["{{ path }}"]
"#,
    );
    let nothing = crate::config::Environment::default();
    let variables = Variables::load(&manifest, &[], std::path::Path::new("/nowhere"), &nothing).unwrap();
    let of = |id: &str| AllowedHosts::of_component(&manifest, &manifest.components[id], &variables);
    let a = of("a").unwrap();
    assert!(a.allows(&"http://example.com/x".parse().unwrap()).is_ok());
    assert!(a.allows(&"http://b.spin.internal/x".parse().unwrap()).is_ok());
    assert!(a.allows(&"http://c.spin.internal/x".parse().unwrap()).is_err());
    let error = of("b").unwrap_err().to_string();
    assert!(error.contains("spin.toml:13: the component `b` has `{{ path }}` in `allowed_outbound_hosts`"), "{error}");
    assert!(error.ends_with("remove the path"), "{error}");
}
