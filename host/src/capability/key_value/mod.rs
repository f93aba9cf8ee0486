//! `spin:key-value`: stores that are files of the deployment, reached by the labels that the manifest grants.

mod backend;
mod check;
mod count;

pub use backend::Backend;

use super::bindings::spin::key_value::key_value::{self, Error, HostStoreWithStore};
use crate::instance::InstanceState;
use std::sync::Arc;
use wasmtime::AsContextMut;
use wasmtime::component::{Accessor, FutureReader, HasData, Linker, Resource, StreamReader};

/// Links `spin:key-value`.
///
/// # Errors
/// When a function is linked twice.
pub fn bind(linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
    key_value::add_to_linker::<_, KeyValue>(linker, |state| state)
}

/// An open store, as a guest holds it.
pub struct Store(Arc<Backend>);

struct KeyValue;

impl HasData for KeyValue {
    type Data<'a> = &'a mut InstanceState;
}

type Host = Accessor<InstanceState, KeyValue>;
type Answer<T> = wasmtime::Result<Result<T, Error>>;

fn backend(host: &Host, store: &Resource<Store>) -> wasmtime::Result<Arc<Backend>> {
    host.with(|mut access| Ok(access.get().table.get(store)?.0.clone()))
}

impl key_value::Host for InstanceState {}
impl key_value::HostStore for InstanceState {}

impl HostStoreWithStore<InstanceState> for KeyValue {
    async fn open(host: &Host, label: String) -> Answer<Resource<Store>> {
        host.with(|mut access| {
            let state = access.get();
            Ok(match check::granted(&state.guest, &label) {
                Ok(backend) => Ok(state.table.push(Store(backend))?),
                Err(error) => Err(error),
            })
        })
    }

    async fn get(host: &Host, store: Resource<Store>, key: String) -> Answer<Option<Vec<u8>>> {
        let backend = backend(host, &store)?;
        let _timer = count::start(host);
        Ok(backend.get(&key))
    }

    async fn set(host: &Host, store: Resource<Store>, key: String, value: Vec<u8>) -> Answer<()> {
        let backend = backend(host, &store)?;
        let _timer = count::start(host);
        Ok(backend.set(key, value).await)
    }

    async fn delete(host: &Host, store: Resource<Store>, key: String) -> Answer<()> {
        let backend = backend(host, &store)?;
        let _timer = count::start(host);
        Ok(backend.delete(key).await)
    }

    async fn exists(host: &Host, store: Resource<Store>, key: String) -> Answer<bool> {
        let backend = backend(host, &store)?;
        let _timer = count::start(host);
        Ok(backend.exists(&key))
    }

    async fn get_keys(
        host: &Host,
        store: Resource<Store>,
    ) -> wasmtime::Result<(StreamReader<String>, FutureReader<Result<(), Error>>)> {
        let backend = backend(host, &store)?;
        let _timer = count::start(host);
        let (keys, result) = match backend.keys().await {
            Ok(keys) => (keys, Ok(())),
            Err(error) => (Vec::new(), Err(error)),
        };
        host.with(|mut access| {
            let stream = StreamReader::new(access.as_context_mut(), keys)?;
            let done = async move { Ok::<_, wasmtime::Error>(result) };
            Ok((stream, FutureReader::new(access.as_context_mut(), done)?))
        })
    }

    async fn drop(host: &Host, store: Resource<Store>) -> wasmtime::Result<()> {
        host.with(|mut access| access.get().table.delete(store))?;
        Ok(())
    }
}
