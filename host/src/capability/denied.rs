//! Functions in place of what a dependency may not use: calling one is a trap.
//!
//! A dependency runs in its caller's store. So its imports of capabilities that it does not inherit are renamed when
//! it is composed (see [`crate::compose`]), and linked here.

use crate::compose::denied_origin;
use crate::instance::InstanceState;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker, ResourceType, Val};
use wasmtime::{Engine, format_err};

/// Links every renamed import of `component` to functions that refuse.
///
/// # Errors
/// When a function is linked twice.
pub fn bind(linker: &mut Linker<InstanceState>, engine: &Engine, component: &Component) -> wasmtime::Result<()> {
    for (import, item) in component.component_type().imports(engine) {
        let Some(origin) = denied_origin(import) else {
            continue;
        };
        let ComponentItem::ComponentInstance(instance) = item.ty else {
            continue;
        };
        let mut interface = linker.instance(import)?;
        for (name, item) in instance.exports(engine) {
            match item.ty {
                ComponentItem::ComponentFunc(function) => {
                    let what = format!("{origin}#{name}");
                    let harmless = origin.starts_with("wasi:cli/environment");
                    let async_ = function.async_();
                    drop(function);
                    if async_ {
                        interface.func_new_concurrent(name, move |_, _, _, _| {
                            let refused = refusal(&what);
                            Box::pin(async move { Err(refused) })
                        })?;
                    } else {
                        interface.func_new(name, move |_, _, _, results| {
                            if harmless {
                                return empty(results, &what);
                            }
                            Err(refusal(&what))
                        })?;
                    }
                }
                ComponentItem::Resource(_) => {
                    interface.resource(name, resource(name), |_, _| Ok(()))?;
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// The type of a refused interface's resource. Those of `wasi:io`, which it only uses, stay what they are: everybody
/// may have them.
fn resource(name: &str) -> ResourceType {
    match name {
        "error" => ResourceType::host::<wasmtime_wasi::p2::bindings::io::error::Error>(),
        "input-stream" => ResourceType::host::<wasmtime_wasi::p2::DynInputStream>(),
        "output-stream" => ResourceType::host::<wasmtime_wasi::p2::DynOutputStream>(),
        "pollable" => ResourceType::host::<wasmtime_wasi::p2::DynPollable>(),
        _ => ResourceType::host::<Denied>(),
    }
}

/// A resource that nobody can have.
struct Denied;

fn refusal(what: &str) -> wasmtime::Error {
    format_err!(
        "refused: a dependency may not use {what}, because its inherit_configuration does not name that capability"
    )
}

/// A dependency that may not see its caller's environment sees none: no variables, no arguments, no folder.
fn empty(results: &mut [Val], what: &str) -> wasmtime::Result<()> {
    for result in results {
        *result = if what.ends_with("initial-cwd") || what.ends_with("get-initial-cwd") {
            Val::Option(None)
        } else {
            Val::List(Vec::new())
        };
    }
    Ok(())
}
