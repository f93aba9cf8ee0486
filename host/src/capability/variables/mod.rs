//! `spin:variables`: the values that the manifest gives a component, resolved when the app started.

mod check;

use super::bindings::spin::variables::variables;
use crate::instance::InstanceState;
use wasmtime::component::{Accessor, HasData, Linker};

/// Links `spin:variables`.
///
/// # Errors
/// When a function is linked twice.
pub fn bind(linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
    variables::add_to_linker::<_, Variables>(linker, |state| state)
}

struct Variables;

impl HasData for Variables {
    type Data<'a> = &'a mut InstanceState;
}

impl variables::Host for InstanceState {}

impl variables::HostWithStore<InstanceState> for Variables {
    async fn get(
        store: &Accessor<InstanceState, Self>,
        name: String,
    ) -> wasmtime::Result<Result<String, variables::Error>> {
        Ok(store.with(|mut access| check::value(&access.get().guest, &name)))
    }
}
