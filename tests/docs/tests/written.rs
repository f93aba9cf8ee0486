//! The documents in `docs/` are what the code says. `cargo xtask openapi` sets `VITRINE_WRITE_DOCS`: then they are written.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{env, fs, path::Path};

fn is_written(name: &str, expected: &str) {
    // The folder of the package at run time, not that of the build, which may have been another clone.
    let package = env::var("CARGO_MANIFEST_DIR").unwrap();
    let path = Path::new(&package).join("../../docs").join(name);
    if env::var_os("VITRINE_WRITE_DOCS").is_some() {
        fs::write(&path, expected).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/{name} is not what the code says; run `cargo xtask openapi` and commit what it wrote"
    );
}

#[test]
fn openapi_json_is_up_to_date() {
    is_written("openapi.json", &(vitrine_docs::openapi().to_pretty_json().unwrap() + "\n"));
}

#[test]
fn problems_md_is_up_to_date() {
    is_written("problems.md", &vitrine_docs::problems());
}
