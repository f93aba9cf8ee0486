//! Engines run under their caller's grants, as far as the manifest lets them inherit these, and by default not at all.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::PathBuf;

use vitrine_denied::app::App;
use vitrine_denied::imports;
use vitrine_scenarios::harness::repository;

/// What Rust's standard library imports for every program, whether it is used or not. It touches nothing by itself: the time,
/// random numbers, the log, an end; an input that is empty, and files of which the host has none to give.
const STANDARD: [&str; 10] = [
    "wasi:cli/environment@",
    "wasi:cli/exit@",
    "wasi:cli/stderr@",
    "wasi:cli/stdin@",
    "wasi:cli/stdout@",
    "wasi:clocks/",
    "wasi:filesystem/preopens@",
    "wasi:filesystem/types@",
    "wasi:io/",
    "wasi:random/",
];

fn component(name: &str) -> PathBuf {
    repository().join("target/components").join(format!("{name}.wasm"))
}

/// The imports of a component beyond what every Rust program has.
fn capabilities(name: &str) -> Vec<String> {
    let all = imports::of(&component(name)).unwrap();
    let beyond = |import: &String| !STANDARD.iter().any(|standard| import.starts_with(standard));
    all.into_iter().filter(|import| beyond(import) && !import.starts_with("wasi:cli/terminal-")).collect()
}

#[test]
fn the_imaging_engine_imports_no_capability() {
    let beyond = capabilities("imaging");
    let own: Vec<_> = beyond.iter().filter(|import| !import.starts_with("vitrine:imaging/")).collect();
    assert!(own.is_empty(), "{own:?}");
}

#[test]
fn the_imaging_engine_is_granted_nothing_and_inherits_nothing() {
    let text = std::fs::read_to_string(repository().join("spin.toml")).unwrap();
    let manifest: toml::Table = toml::from_str(&text).unwrap();
    let imaging = manifest["component"]["imaging"].as_table().unwrap();
    let keys: Vec<_> = imaging.keys().filter(|key| !["source", "build", "tool"].contains(&key.as_str())).collect();
    assert!(keys.is_empty(), "the engine is granted something: {keys:?}");
    let dependency = &manifest["component"]["image-processor"]["dependencies"]["vitrine:imaging/engine@0.1.0"];
    let keys: Vec<_> = dependency.as_table().unwrap().keys().collect();
    assert_eq!(keys, ["component"], "the engine inherits something");
}

#[test]
fn the_check_of_imports_sees_a_capability() {
    let nosy = capabilities("guest_nosy_engine");
    assert!(nosy.iter().any(|import| import.starts_with("spin:key-value/")), "{nosy:?}");
    assert!(nosy.iter().any(|import| import.starts_with("wasi:http/")), "{nosy:?}");
}

#[tokio::test]
async fn what_an_engine_inherits_it_may_use() {
    let app = App::start("dependency", &[("server", "http://127.0.0.1:9")]).unwrap();
    for caller in ["all", "some", "nothing"] {
        let answer = app.get(&format!("/{caller}/behave")).await.unwrap().expect(200).unwrap();
        assert_eq!(answer.text(), "nothing was touched");
        app.get(&format!("/{caller}/own?things")).await.unwrap().expect(200).unwrap();
    }
    for caller in ["all", "some"] {
        let answer = app.get(&format!("/{caller}/key-value?things")).await.unwrap().expect(200).unwrap();
        assert_eq!(answer.text(), "taken", "{}", app.running.log());
    }
    // Nobody listens on that port; but it was allowed to try, and the refusal is the network's.
    let answer = app.get("/all/http?http://127.0.0.1:9/").await.unwrap();
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(!answer.text().to_lowercase().contains("denied"), "{}", answer.text());
}

#[tokio::test]
async fn what_an_engine_does_not_inherit_ends_the_call() {
    let app = App::start("dependency", &[("server", "http://127.0.0.1:9")]).unwrap();
    let denied = [
        ("/nothing/key-value?things", "spin:key-value/"),
        ("/nothing/http?http://127.0.0.1:9/", "wasi:http/"),
        ("/some/http?http://127.0.0.1:9/", "wasi:http/"),
    ];
    for (n, (path, capability)) in denied.iter().enumerate() {
        let id = format!("nosy-{n}");
        app.problem(path, 500, &id).await.unwrap_or_else(|error| panic!("{path}: {error}\n{}", app.running.log()));
        let refusal = format!("refused: a dependency may not use {capability}");
        app.running.log_line(&[&id, &refusal, "inherit_configuration"]).unwrap();
    }
    // The caller is none the worse for it.
    let answer = app.get("/nothing/behave").await.unwrap().expect(200).unwrap();
    assert_eq!(answer.text(), "nothing was touched");
    app.get("/nothing/own?things").await.unwrap().expect(200).unwrap();
}
