//! Components as bytes: their imports, read and renamed.

use wasm_encoder::{Component, Encode, RawSection};
use wasmparser::{ComponentImportSectionReader, ComponentTypeRef, Parser, Payload, TypeBounds};

use super::ComposeError;

/// The names of what a component imports, in its own order.
///
/// # Errors
/// When the bytes are not a whole component.
pub fn imports(component: &[u8]) -> Result<Vec<String>, ComposeError> {
    let mut names = Vec::new();
    each_section(component, |section| {
        if let Payload::ComponentImportSection(imports) = section {
            for import in imports.clone() {
                let import = import.map_err(broken)?;
                // A type that equals another one has a name here and nothing behind it that could be called.
                if !matches!(import.ty, ComponentTypeRef::Type(TypeBounds::Eq(_))) {
                    names.push(import.name.name.to_owned());
                }
            }
        }
        Ok(())
    })?;
    Ok(names)
}

/// The same component with its imports under other names. Nothing else changes, for inside a component an import is
/// known by its number.
pub(super) fn rename_imports(
    component: &[u8],
    rename: impl Fn(&str) -> Option<String>,
) -> Result<Vec<u8>, ComposeError> {
    let mut renamed = Component::new();
    each_section(component, |section| {
        if let Payload::ComponentImportSection(imports) = section {
            let data = renamed_section(component, imports, &rename)?;
            renamed.section(&RawSection { id: IMPORT_SECTION, data: &data });
        } else if let Some((id, range)) = section.as_section() {
            let data = component.get(range).ok_or_else(|| ComposeError::Broken("a section is cut off".to_owned()))?;
            renamed.section(&RawSection { id, data });
        }
        Ok(())
    })?;
    Ok(renamed.finish())
}

/// The id of a component's import section (component-model Binary.md).
const IMPORT_SECTION: u8 = 10;

/// An import section: a count, then imports that are a form byte, a name (length and bytes) and a type.
fn renamed_section(
    component: &[u8],
    imports: &ComponentImportSectionReader<'_>,
    rename: &impl Fn(&str) -> Option<String>,
) -> Result<Vec<u8>, ComposeError> {
    let mut data = Vec::new();
    imports.count().encode(&mut data);
    let starts: Vec<_> = imports
        .clone()
        .into_iter_with_offsets()
        .map(|item| item.map(|(start, import)| (start, import.name.name)))
        .collect::<Result<_, _>>()
        .map_err(broken)?;
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([imports.range().end]);
    for ((start, name), end) in starts.iter().zip(ends) {
        let entry = component.get(*start..end).unwrap_or_default();
        match rename(name) {
            None => data.extend_from_slice(entry),
            Some(new) => {
                let mut old = Vec::new();
                name.encode(&mut old);
                // The old name must stand where it is looked for: a length written in more bytes than it needs is legal.
                let (form, rest) = entry.split_at_checked(1).unwrap_or_default();
                let rest = rest
                    .strip_prefix(old.as_slice())
                    .ok_or_else(|| ComposeError::Broken(format!("the import `{name}` is encoded in an unusual way")))?;
                data.extend_from_slice(form);
                new.as_str().encode(&mut data);
                data.extend_from_slice(rest);
            }
        }
    }
    Ok(data)
}

/// Visits the sections of the component itself, and not those of what is nested in it; checks on the way that all of it
/// can be parsed.
fn each_section<'c>(
    component: &'c [u8],
    mut visit: impl FnMut(&Payload<'c>) -> Result<(), ComposeError>,
) -> Result<(), ComposeError> {
    if !Parser::is_component(component) {
        return Err(match component {
            bytes if Parser::is_core_wasm(bytes) => ComposeError::CoreModule,
            [] => ComposeError::NotWasm("the file is empty"),
            [b'(', ..] => ComposeError::NotWasm("it is WebAssembly text"),
            bytes if std::str::from_utf8(bytes).is_ok() => ComposeError::NotWasm("it is text"),
            _ => ComposeError::NotWasm("it does not begin as WebAssembly does"),
        });
    }
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload.map_err(broken)?;
        if depth == 1 {
            visit(&payload)?;
        }
        match payload {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

pub(super) fn broken(error: impl std::fmt::Display) -> ComposeError {
    ComposeError::Broken(error.to_string())
}
