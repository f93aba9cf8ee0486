//! What a dependency does not inherit is taken from it before it is composed: its imports of those capabilities get
//! names in a namespace of our own, under which the host links functions that refuse.

use super::ComposeError;
use super::binary::{imports, rename_imports};
use crate::manifest::Inherit;

/// The namespace of imports that were taken away: `spin:key-value/key-value@3.0.0` becomes
/// `denied:spin-key-value/key-value@3.0.0`.
pub const DENIED_NAMESPACE: &str = "denied";

/// The import that a denied one was, if it is one.
pub fn denied_origin(import: &str) -> Option<String> {
    let renamed = import.strip_prefix(DENIED_NAMESPACE)?.strip_prefix(':')?;
    // No namespace that is ever denied has a hyphen in it.
    let (namespace, rest) = renamed.split_once('-')?;
    Some(format!("{namespace}:{rest}"))
}

fn denied_name(import: &str) -> String {
    format!("{DENIED_NAMESPACE}:{}", import.replacen(':', "-", 1))
}

/// Takes from a component what it does not inherit.
pub(super) fn deny(component: &[u8], inherit: &Inherit) -> Result<Vec<u8>, ComposeError> {
    let names = imports(component)?;
    let is_denied = |import: &str| capability(import).is_some_and(|capability| !inherits(inherit, capability));
    let without_http = names.iter().any(|import| is_denied(import) && is_http(import));
    // The types of HTTP go with its client: the resources that they share must not have two names.
    let denied = |import: &str| is_denied(import) || (without_http && interface(import) == "wasi:http/types");
    if !names.iter().any(|import| denied(import)) {
        return Ok(component.to_vec());
    }
    rename_imports(component, |import| denied(import).then(|| denied_name(import)))
}

fn inherits(inherit: &Inherit, capability: &str) -> bool {
    match inherit {
        Inherit::All => true,
        Inherit::None => false,
        Inherit::Some(keys) => keys.iter().any(|key| key == capability),
    }
}

fn is_http(import: &str) -> bool {
    matches!(interface(import), "wasi:http/client" | "wasi:http/outgoing-handler")
}

/// An import without its version.
fn interface(import: &str) -> &str {
    import.split_once('@').map_or(import, |(interface, _)| interface)
}

/// The key of `inherit_configuration` that an import belongs to; none if it is no capability. Files are none: the host
/// gives no component any. A capability of Spin that is unknown here belongs to no key, and is inherited only with all.
fn capability(import: &str) -> Option<&'static str> {
    let (package, name) = interface(import).split_once('/')?;
    Some(match (package, name) {
        ("wasi:cli", "environment") => "environment",
        ("wasi:http", "client" | "outgoing-handler") | ("wasi:sockets", _) => "allowed_outbound_hosts",
        ("wasi:config", _) => "variables",
        ("wasi:keyvalue", _) => "key_value_stores",
        ("spin:key-value", _) | ("fermyon:spin", "key-value") => "key_value_stores",
        ("spin:sqlite", _) | ("fermyon:spin", "sqlite") => "sqlite_databases",
        ("spin:variables", _) | ("fermyon:spin", "config" | "variables") => "variables",
        ("spin:mqtt" | "spin:mysql" | "spin:postgres" | "spin:redis", _)
        | ("fermyon:spin", "http" | "mqtt" | "mysql" | "postgres" | "redis") => "allowed_outbound_hosts",
        ("fermyon:spin", "llm") => "ai_models",
        (package, _) if package.starts_with("spin:") || package.starts_with("fermyon:") => "",
        _ => return None,
    })
}
