//! A manifest in a folder of its own, for tests.

use super::{Manifest, ManifestError, load};

/// Loads the text as `spin.toml` beside files `a.wasm`, `b.wasm` and `c.wasm`.
pub(crate) fn try_manifest(text: &str) -> (tempfile::TempDir, Result<Manifest, ManifestError>) {
    let dir = tempfile::tempdir().unwrap();
    for name in ["a.wasm", "b.wasm", "c.wasm"] {
        std::fs::write(dir.path().join(name), "").unwrap();
    }
    let path = dir.path().join("spin.toml");
    std::fs::write(&path, text).unwrap();
    let manifest = load(&path);
    (dir, manifest)
}

/// The same for a manifest that is good.
pub(crate) fn manifest(text: &str) -> (tempfile::TempDir, Manifest) {
    let (dir, manifest) = try_manifest(text);
    (dir, manifest.unwrap())
}
