//! Who may depend on whom. A core imports ports and kits, never another service's core; only the guest kit and the shims
//! name Spin's SDK; nothing but the host names wasmtime; kits know no component.

use super::{Problem, Tree};

/// What binds to Spin and WASI.
const GUEST_ONLY: [&str; 6] = ["spin-sdk", "vitrine-guest", "wasip2", "wasip3", "wit-bindgen", "wit-bindgen-rt"];
const SECTIONS: [&str; 3] = ["build-dependencies", "dependencies", "dev-dependencies"];

/// What a package is, by its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer<'a> {
    Core(&'a str),
    Shim(&'a str),
    Kit,
    GuestKit,
    TestGuest,
    Host,
    Other,
}

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let components = tree.folders("components");
    for (folder, manifest) in tree.packages() {
        for name in names(&manifest) {
            if let Some(message) = refuse(layer(folder), &name, &components) {
                problems.push(Problem::new(format!("{folder}/Cargo.toml"), format!("{name}: {message}")));
            }
        }
    }
    problems
}

fn layer(folder: &str) -> Layer<'_> {
    match folder.split('/').collect::<Vec<_>>().as_slice() {
        ["components", name] => Layer::Shim(name),
        ["components", name, "core"] => Layer::Core(name),
        ["crates", "guest"] => Layer::GuestKit,
        ["crates", _] => Layer::Kit,
        ["tests", "guests", _] => Layer::TestGuest,
        ["host"] => Layer::Host,
        _ => Layer::Other,
    }
}

/// Why a package of this layer may not depend on this name.
fn refuse(layer: Layer<'_>, name: &str, components: &[&str]) -> Option<String> {
    let guest = matches!(layer, Layer::Shim(_) | Layer::GuestKit | Layer::TestGuest);
    if GUEST_ONLY.contains(&name) && !guest {
        return Some("only crates/guest, component shims and test guests bind to Spin".into());
    }
    if (name == "wasmtime" || name.starts_with("wasmtime-")) && layer != Layer::Host {
        return Some("only the host names wasmtime".into());
    }
    let owner = components.iter().find(|owner| name == **owner || name.strip_suffix("-core") == Some(**owner))?;
    match layer {
        Layer::Core(own) if own != *owner => Some("a core imports ports and kits, never another component".into()),
        Layer::Shim(own) if own != *owner => Some("a shim wires its own core only".into()),
        Layer::Kit | Layer::GuestKit => Some("a kit knows no component".into()),
        Layer::Host => Some("the host knows components only as files".into()),
        _ => None,
    }
}

/// The packages that a manifest depends on, also for one target only; a renamed one by its real name.
fn names(manifest: &toml::Table) -> Vec<String> {
    let targets = manifest.get("target").and_then(toml::Value::as_table).into_iter().flatten();
    let tables = std::iter::once(manifest).chain(targets.filter_map(|(_, target)| target.as_table()));
    tables
        .flat_map(|table| SECTIONS.iter().filter_map(move |section| table.get(*section)?.as_table()))
        .flatten()
        .map(|(name, value)| value.get("package").and_then(toml::Value::as_str).unwrap_or(name).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(folder: &str, dependency: &str) -> usize {
        let manifest = format!("[dependencies]\n{dependency}\n");
        let mut tree = Tree::of(&[("components/auth/Cargo.toml", ""), ("components/upload/Cargo.toml", "")]);
        tree.set(&format!("{folder}/Cargo.toml"), &manifest);
        check(&tree).len()
    }

    #[test]
    fn a_core_imports_ports_only() {
        for refused in [
            "auth-core = \"1\"",
            "spin-sdk = \"1\"",
            "wit-bindgen = \"1\"",
            "vitrine-guest = \"1\"",
            "wasmtime = \"1\"",
        ] {
            assert_eq!(count("components/upload/core", refused), 1, "{refused}");
        }
        assert_eq!(count("components/upload/core", "vitrine-db = \"1\""), 0);
    }

    #[test]
    fn a_shim_wires_its_own_core() {
        assert_eq!(count("components/upload", "upload-core = \"1\"\nspin-sdk = \"1\"\nvitrine-guest = \"1\""), 0);
        assert_eq!(count("components/upload", "auth-core = \"1\""), 1);
    }

    #[test]
    fn kits_know_neither_components_nor_spin() {
        assert_eq!(count("crates/db", "auth-core = \"1\""), 1);
        assert_eq!(count("crates/db", "spin-sdk = \"1\""), 1);
        assert_eq!(count("crates/guest", "spin-sdk = \"1\""), 0);
        assert_eq!(count("crates/guest", "auth-core = \"1\""), 1);
    }

    #[test]
    fn only_the_host_names_wasmtime() {
        assert_eq!(count("host", "wasmtime = \"1\"\nwasmtime-wasi = \"1\""), 0);
        assert_eq!(count("bench", "wasmtime-wasi = \"1\""), 1);
        assert_eq!(count("host", "auth-core = \"1\""), 1);
    }

    #[test]
    fn other_names_and_other_targets_do_not_hide_it() {
        assert_eq!(count("crates/db", "sdk = { version = \"1\", package = \"spin-sdk\" }"), 1);
        assert_eq!(count("crates/db", "[target.'cfg(unix)'.dev-dependencies]\nspin-sdk = \"1\""), 1);
    }
}
