//! The document costs the components nothing: none is built with what describes its routes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{env, fs, path::Path};

#[test]
fn no_shim_asks_for_the_feature() {
    let package = env::var("CARGO_MANIFEST_DIR").unwrap();
    let root = Path::new(&package).join("../..");
    let mut count = 0;
    for folder in fs::read_dir(root.join("components")).unwrap() {
        let manifest = fs::read_to_string(folder.unwrap().path().join("Cargo.toml")).unwrap();
        assert!(!manifest.contains("openapi"), "{manifest}");
        count += 1;
    }
    let guest = fs::read_to_string(root.join("crates/guest/Cargo.toml")).unwrap();
    assert!(!guest.contains("openapi"), "{guest}");
    assert!(count > 3, "{count}");
}
