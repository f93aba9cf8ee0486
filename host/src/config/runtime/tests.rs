use super::*;
use crate::manifest::testing::manifest;

const APP: &str = "spin_manifest_version = 2
application.name = \"test\"
[[trigger.http]]
route = \"/...\"
component = \"a\"
[component.a]
source = \"a.wasm\"
";

fn load(text: &str) -> (tempfile::TempDir, Result<RuntimeConfig, RuntimeConfigError>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("runtime-config.toml");
    std::fs::write(&path, text).unwrap();
    let config = RuntimeConfig::load(Some(&path), Path::new("/state"));
    (dir, config)
}

fn refused(text: &str, message: &str) {
    let refusal = load(text).1.unwrap_err().to_string();
    assert!(
        refusal.contains(&format!("runtime-config.toml:{message}")),
        "\n  refused: {refusal}\n  expected: {message}"
    );
}

#[test]
fn stores_lie_beside_the_file_and_databases_in_the_state_folder() {
    let (dir, config) = load(
        "max_instance_memory = 1048576
state_dir = \"elsewhere\"
[key_value_store.originals]
type = \"spin\"
path = \"originals.db\"
[key_value_store.absolute]
type = \"spin\"
path = \"/data/absolute.db\"
[sqlite_database.auth]
type = \"spin\"
path = \"auth.db\"
allow_attach_file = false
",
    );
    let config = config.unwrap();
    let (_app, manifest) = manifest(APP);
    let a = &manifest.components["a"];
    let store = |label| config.key_value_store(&manifest, a, label).unwrap();
    assert_eq!(store("originals"), dir.path().join("originals.db"));
    assert_eq!(store("absolute"), Path::new("/data/absolute.db"));
    assert_eq!(store("default"), Path::new("/state/sqlite_key_value.db"));
    let database = |label| config.sqlite_database(&manifest, a, label);
    assert_eq!(database("auth").unwrap(), Path::new("/state/auth.db"));
    assert_eq!(database("default").unwrap(), Path::new("/state/sqlite_db.db"));
    assert_eq!(config.max_instance_memory(), Some(1_048_576));
    assert_eq!(config.state_dir(), Path::new("/state"));
}

#[test]
fn a_label_that_is_not_bound_is_refused_with_component_and_remedy() {
    let (_app, manifest) = manifest(APP);
    let a = &manifest.components["a"];
    let (_dir, config) = load("");
    let refusal = config.unwrap().sqlite_database(&manifest, a, "orders").unwrap_err().to_string();
    assert!(
        refusal.contains("spin.toml:6: the component `a` uses the SQLite database \"orders\", which is not bound"),
        "{refusal}"
    );
    assert!(refusal.contains("add [sqlite_database.orders]") && refusal.ends_with("runtime-config.toml"), "{refusal}");
    let none = RuntimeConfig::load(None, Path::new("/state")).unwrap();
    let refusal = none.key_value_store(&manifest, a, "orders").unwrap_err().to_string();
    assert!(refusal.ends_with("to a file given by --runtime-config-file"), "{refusal}");
}

#[test]
fn variables_providers_are_read_in_their_order() {
    let (_dir, config) = load(
        "[[variables_provider]]
type = \"env\"
prefix = \"SHOP\"
dotenv_path = \".env.local\"
[[variables_provider]]
type = \"static\"
values = { token = \"hunter2\" }
",
    );
    let config = config.unwrap();
    assert!(
        matches!(&config.providers()[0], Provider::Env { prefix: Some(prefix), dotenv: Some(path) } if prefix == "SHOP" && path == Path::new(".env.local"))
    );
    assert!(matches!(&config.providers()[1], Provider::Static(values) if values["token"].expose() == "hunter2"));
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn what_is_unknown_or_not_here_is_refused_by_name_and_line() {
    let store = |text: &str| format!("[key_value_store.a]\n{text}");
    refused("[other]", "1: unknown key `other`");
    refused("[outbound_http]\nmax_connections = 3", "1: the host does not have the setting `outbound_http`");
    refused(
        "[[config_provider]]",
        "1: the host does not have the setting `config_provider`; write [[variables_provider]]",
    );
    refused(&store("type = \"redis\"\nurl = \"redis://x\""), "2: the host does not have the type \"redis\"");
    refused(&store("type = \"azure_cosmos\""), "2: the host does not have the type \"azure_cosmos\"");
    refused("[sqlite_database.a]\ntype = \"libsql\"", "2: the host does not have the type \"libsql\"");
    refused(&store("type = \"memory\""), "2: `key_value_store.a.type` cannot be \"memory\": write \"spin\"");
    refused(&store("path = \"x\""), "1: `type` is missing in [key_value_store.a]");
    refused(&store("type = \"spin\""), "1: `path` is missing in [key_value_store.a]");
    refused(&store("type = \"spin\"\npaht = \"x\""), "3: unknown key `paht`");
    refused(
        "[sqlite_database.a]\ntype = \"spin\"\npath = \"x\"\nallow_attach_file = true",
        "4: the host does not have attached database files",
    );
    refused("[[variables_provider]]\ntype = \"vault\"", "2: the host does not have variables from \"vault\"");
    refused("[[variables_provider]]\ntype = \"file\"", "2: `variables_provider[0].type` cannot be \"file\"");
    refused("max_instance_memory = 1", "1: `max_instance_memory` cannot be 1");
}
