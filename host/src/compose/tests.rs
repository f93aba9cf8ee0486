use wasmparser::{Validator, WasmFeatures};

use super::*;
use crate::manifest::{DependencySource, Inherit};

/// Imports an interface and exports a function that is that of the interface.
const MAIN: &str = r#"(component
  (import "wasi:cli/environment@0.2.6" (instance $env (export "get-arguments" (func (result (list string))))))
  (import "vitrine:imaging/engine@0.1.0" (instance $engine
    (export "size" (func (param "bytes" (list u8)) (result u32)))))
  (alias export $engine "size" (func $size))
  (export "size" (func $size))
)"#;

/// Exports the interface, and imports a store, a resource of it, and what every component imports.
const ENGINE: &str = r#"(component
  (import "spin:key-value/key-value@3.0.0" (instance $kv
    (export "store" (type $store (sub resource)))
    (export "[static]store.open" (func (param "label" string) (result (own $store))))))
  (alias export $kv "store" (type $store))
  (import "wasi:random/random@0.2.6" (instance (export "get-random-u64" (func (result u64)))))
  (import "wasi:cli/environment@0.2.6" (instance (export "get-arguments" (func (result (list string))))))
  (core module $m
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0))
    (func (export "size") (param i32 i32) (result i32) (local.get 1)))
  (core instance $i (instantiate $m))
  (func $size (param "bytes" (list u8)) (result u32)
    (canon lift (core func $i "size") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (instance $engine (export "size" (func $size)))
  (export "vitrine:imaging/engine@0.1.0" (instance $engine))
  (export "other:name/engine" (instance $engine))
)"#;

fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

fn dependency(name: &str, inherit: Inherit) -> Dependency {
    let source = DependencySource::Component("imaging".to_owned());
    Dependency { name: name.to_owned(), source, export: None, inherit, line: 1 }
}

fn composed(name: &str, inherit: Inherit) -> Result<Vec<String>, ComposeError> {
    let bytes = compose(&wasm(MAIN), vec![(dependency(name, inherit), wasm(ENGINE))])?;
    Validator::new_with_features(WasmFeatures::all()).validate_all(&bytes).unwrap();
    let mut imports = imports(&bytes)?;
    imports.sort();
    Ok(imports)
}

#[test]
fn what_is_not_inherited_is_renamed_and_the_rest_is_shared() {
    let with = |inherit| composed("vitrine:imaging/engine@0.1.0", inherit).unwrap();
    assert_eq!(
        with(Inherit::None),
        [
            "denied:spin-key-value/key-value@3.0.0",
            "denied:wasi-cli/environment@0.2.6",
            "wasi:cli/environment@0.2.6",
            "wasi:random/random@0.2.6"
        ]
    );
    let all = ["spin:key-value/key-value@3.0.0", "wasi:cli/environment@0.2.6", "wasi:random/random@0.2.6"];
    assert_eq!(with(Inherit::All), all);
    assert_eq!(
        with(Inherit::Some(vec!["key_value_stores".into()])),
        [
            "denied:wasi-cli/environment@0.2.6",
            "spin:key-value/key-value@3.0.0",
            "wasi:cli/environment@0.2.6",
            "wasi:random/random@0.2.6"
        ]
    );
    assert_eq!(with(Inherit::Some(vec!["environment".into(), "key_value_stores".into()])), all);
}

#[test]
fn every_form_of_name_satisfies_the_import() {
    for name in ["vitrine:imaging", "vitrine:imaging@0.1.0", "vitrine:imaging/engine", "vitrine:imaging/engine@0.1.0"] {
        assert!(composed(name, Inherit::None).is_ok(), "{name}");
    }
    let mut renamed = dependency("vitrine:imaging/engine", Inherit::None);
    renamed.export = Some("other:name/engine".to_owned());
    assert!(compose(&wasm(MAIN), vec![(renamed, wasm(ENGINE))]).is_ok());
}

#[test]
fn denied_names_lead_back_to_their_origin() {
    for import in ["spin:key-value/key-value@3.0.0", "wasi:http/client@0.3.0", "fermyon:spin/llm@2.0.0"] {
        let component = wasm(&format!("(component (import \"{import}\" (instance)))"));
        let denied = imports(&deny::deny(&component, &Inherit::None).unwrap()).unwrap();
        assert!(denied[0].starts_with("denied:"), "{denied:?}");
        assert_eq!(denied_origin(&denied[0]).as_deref(), Some(import));
    }
    assert_eq!(denied_origin("wasi:cli/stdout@0.2.6"), None);
}

#[test]
fn capabilities_are_denied_by_their_key_and_nothing_else_is() {
    let capabilities = [
        ("spin:key-value/key-value@3.0.0", "key_value_stores"),
        ("wasi:keyvalue/store@0.2.0-draft2", "key_value_stores"),
        ("spin:sqlite/sqlite@3.1.0", "sqlite_databases"),
        ("spin:variables/variables@3.0.0", "variables"),
        ("wasi:config/store@0.2.0-draft-2024-09-27", "variables"),
        ("spin:postgres/postgres@4.2.0", "allowed_outbound_hosts"),
        ("spin:redis/redis@3.0.0", "allowed_outbound_hosts"),
        ("wasi:http/client@0.3.0", "allowed_outbound_hosts"),
        ("wasi:http/outgoing-handler@0.2.6", "allowed_outbound_hosts"),
        ("wasi:sockets/types@0.3.0", "allowed_outbound_hosts"),
        ("wasi:cli/environment@0.3.0", "environment"),
    ];
    for (import, key) in capabilities {
        let component = wasm(&format!("(component (import \"{import}\" (instance)))"));
        let after = |inherit| imports(&deny::deny(&component, &inherit).unwrap()).unwrap().remove(0);
        assert!(after(Inherit::None).starts_with("denied:"), "{import}");
        let others = crate::manifest::INHERITABLE.iter().filter(|other| **other != key);
        let others = Inherit::Some(others.map(|other| (*other).to_owned()).collect());
        assert!(after(others).starts_with("denied:"), "{import}");
        assert_eq!(after(Inherit::Some(vec![key.to_owned()])), import);
        assert_eq!(after(Inherit::All), import);
    }
    let harmless =
        ["wasi:cli/stdout@0.2.6", "wasi:clocks/monotonic-clock@0.3.0", "wasi:filesystem/types@0.2.6", "my:own/thing"];
    for import in harmless {
        let component = wasm(&format!("(component (import \"{import}\" (instance)))"));
        assert_eq!(deny::deny(&component, &Inherit::None).unwrap(), component, "{import}");
    }
}

#[test]
fn the_types_of_http_go_with_its_client() {
    let component = wasm(
        r#"(component
          (import "wasi:http/types@0.3.0" (instance $types (export "request" (type (sub resource)))))
          (alias export $types "request" (type $request))
          (import "wasi:http/client@0.3.0" (instance
            (export "request" (type $r (eq $request)))
            (export "send" (func (param "request" (own $r)))))))"#,
    );
    let denied = deny::deny(&component, &Inherit::None).unwrap();
    Validator::new_with_features(WasmFeatures::all()).validate_all(&denied).unwrap();
    assert_eq!(imports(&denied).unwrap(), ["denied:wasi-http/types@0.3.0", "denied:wasi-http/client@0.3.0"]);
    let types_alone = wasm("(component (import \"wasi:http/types@0.3.0\" (instance)))");
    assert_eq!(deny::deny(&types_alone, &Inherit::None).unwrap(), types_alone);
}

#[test]
fn nested_components_keep_their_own_imports() {
    let component = wasm(
        r#"(component
          (import "spin:sqlite/sqlite@3.1.0" (instance $db))
          (component $inner (import "spin:sqlite/sqlite@3.1.0" (instance)))
          (instance (instantiate $inner (with "spin:sqlite/sqlite@3.1.0" (instance $db)))))"#,
    );
    assert_eq!(imports(&component).unwrap(), ["spin:sqlite/sqlite@3.1.0"]);
    let denied = deny::deny(&component, &Inherit::None).unwrap();
    Validator::new_with_features(WasmFeatures::all()).validate_all(&denied).unwrap();
    assert_eq!(imports(&denied).unwrap(), ["denied:spin-sqlite/sqlite@3.1.0"]);
}

#[test]
fn what_does_not_fit_is_refused_with_names() {
    let refused =
        |dependencies: Vec<(Dependency, Vec<u8>)>| compose(&wasm(MAIN), dependencies).unwrap_err().to_string();
    let one = |name: &str, text: &str| vec![(dependency(name, Inherit::None), wasm(text))];
    let message = refused(one("vitrine:other", ENGINE));
    assert!(message.starts_with("the dependency `vitrine:other` satisfies no import"), "{message}");
    assert!(message.ends_with("wasi:cli/environment@0.2.6, vitrine:imaging/engine@0.1.0"), "{message}");
    let both = [one("vitrine:imaging", ENGINE), one("vitrine:imaging/engine", ENGINE)].concat();
    assert!(refused(both).contains("both satisfy the import `vitrine:imaging/engine@0.1.0`"));
    let message = refused(one("vitrine:imaging", "(component)"));
    assert!(message.contains("does not export `vitrine:imaging/engine@0.1.0`"), "{message}");
    let other = ENGINE.replace("(result u32)", "(result s32)");
    let message = refused(one("vitrine:imaging", &other));
    assert!(message.contains("does not fit the import `vitrine:imaging/engine@0.1.0`"), "{message}");
    let broken = vec![(dependency("vitrine:imaging", Inherit::None), b"text".to_vec())];
    let message = refused(broken);
    assert!(
        message.starts_with("the dependency `vitrine:imaging` cannot be used: it is not WebAssembly (it is text)"),
        "{message}"
    );
}

#[test]
fn what_is_no_component_is_refused() {
    let refused = |bytes: &[u8]| imports(bytes).unwrap_err().to_string();
    assert!(refused(&wasm("(module)")).starts_with("it is a core WebAssembly module"));
    assert!(refused(b"").contains("the file is empty"));
    assert!(refused(MAIN.as_bytes()).contains("it is WebAssembly text"));
    assert!(refused(b"version https://git-lfs").contains("it is text"));
    assert!(refused(&[0xff, 0, 1, 2]).contains("it does not begin as WebAssembly does"));
    let whole = wasm(ENGINE);
    for cut in 8..whole.len() {
        // Wherever it is cut, it is refused or at least does not panic: a cut between sections may parse.
        let _ = imports(&whole[..cut]);
        let _ = compose(&whole[..cut], Vec::new());
    }
    assert!(refused(&whole[..whole.len() - 3]).starts_with("it is a broken component"));
}
