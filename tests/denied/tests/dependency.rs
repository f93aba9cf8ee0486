//! Engines run under their caller's grants, as far as the manifest lets them inherit these, and by default not at all.

use std::path::PathBuf;

use vitrine_denied::app::App;
use vitrine_denied::imports;
use vitrine_scenarios::harness::repository;

/// What every Rust program for WASI may import without touching anything: it can tell the time, draw random numbers, write
/// a log line and end.
const HARMLESS: [&str; 5] = ["wasi:cli/", "wasi:clocks/", "wasi:io/", "wasi:random/", "vitrine:imaging/"];

/// In the harmless packages, what reads from outside.
const NOT_HARMLESS: [&str; 1] = ["wasi:cli/stdin"];

fn component(name: &str) -> PathBuf {
    repository().join("target/components").join(format!("{name}.wasm"))
}

fn capabilities(name: &str) -> Vec<String> {
    let harmless = |import: &String| {
        HARMLESS.iter().any(|prefix| import.starts_with(prefix)) && !NOT_HARMLESS.iter().any(|prefix| import.starts_with(prefix))
    };
    imports::of(&component(name)).unwrap().into_iter().filter(|import| !harmless(import)).collect()
}

#[test]
fn the_imaging_engine_imports_no_capability() {
    assert_eq!(capabilities("imaging"), Vec::<String>::new());
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
    let denied = ["/nothing/key-value?things", "/nothing/http?http://127.0.0.1:9/", "/some/http?http://127.0.0.1:9/"];
    for (n, path) in denied.iter().enumerate() {
        app.problem(path, 500, &format!("nosy-{n}")).await.unwrap_or_else(|error| panic!("{path}: {error}\n{}", app.running.log()));
        app.running.log_line(&[&format!("nosy-{n}")]).unwrap();
    }
    // The caller is none the worse for it.
    let answer = app.get("/nothing/behave").await.unwrap().expect(200).unwrap();
    assert_eq!(answer.text(), "nothing was touched");
    app.get("/nothing/own?things").await.unwrap().expect(200).unwrap();
}
