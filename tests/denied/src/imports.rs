//! What a component imports, read from its bytes: what it does not import, it cannot touch, whatever it is granted.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use wasmparser::{Parser, Payload};

/// The names of a component's imports, such as `wasi:clocks/monotonic-clock@0.3.0`, in their order.
///
/// # Errors
/// When the file cannot be read or is no component.
pub fn of(path: &Path) -> Result<Vec<String>> {
    let bytes =
        fs::read(path).with_context(|| format!("cannot read {}: run `cargo xtask build --guests`", path.display()))?;
    let mut imports = Vec::new();
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(&bytes) {
        match payload? {
            // Whatever is nested imports from the outermost component only.
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    imports.push(import?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(imports)
}
