//! `spin:postgres`: PostgreSQL servers that the manifest lets a component reach, over connections that are kept.
//!
//! A guest opens a connection by its address, gets one of the pool's, and gives it back when it drops it or ends. What
//! comes back is made clean before anybody else gets it (`session.rs`).

mod check;
mod connect;
mod count;
mod error;
mod pool;
mod session;
mod statement;
mod value;

pub use pool::Pools;
pub use session::Connection;

use super::bindings::spin::postgres::postgres::{
    self, Column, DbDataType, DbError, DbValue, Error, HostConnectionBuilderWithStore, HostConnectionWithStore,
    Interval, ParameterValue, QueryError, RangeBoundKind, Row, RowSet,
};
use super::tls;
use crate::guest::Guest;
use crate::instance::InstanceState;
use std::sync::Arc;
use wasmtime::AsContextMut;
use wasmtime::component::{Access, Accessor, FutureReader, HasData, Linker, Resource, StreamReader};

/// Links `spin:postgres`.
///
/// # Errors
/// When a function is linked twice.
pub fn bind(linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
    postgres::add_to_linker::<_, Postgres>(linker, |state| state)
}

struct Postgres;

impl HasData for Postgres {
    type Data<'a> = &'a mut InstanceState;
}

type Host = Accessor<InstanceState, Postgres>;
/// The functions that are not `async` in WIT have the store to themselves.
type Alone<'a> = Access<'a, InstanceState, Postgres>;
type Answer<T> = wasmtime::Result<Result<T, Error>>;
type Rows = (Vec<Column>, StreamReader<Row>, FutureReader<Result<(), Error>>);

/// A connection that a guest is about to open, with more than an address.
pub struct Builder {
    address: String,
    authority: Option<tls::Authority>,
}

/// A connection to an address that the component may reach.
async fn open(guest: &Arc<Guest>, address: &str, authority: Option<tls::Authority>) -> Result<Connection, Error> {
    let _timer = count::start(guest);
    guest.grants.postgres.connect(guest, address, authority).await
}

fn connection(state: &mut InstanceState, connection: &Resource<Connection>) -> wasmtime::Result<Connection> {
    Ok(state.table.get(connection)?.clone())
}

fn keep(state: &mut InstanceState, opened: Result<Connection, Error>) -> Answer<Resource<Connection>> {
    Ok(match opened {
        Ok(connection) => Ok(state.table.push(connection)?),
        Err(error) => Err(error),
    })
}

fn builder(
    state: &mut InstanceState,
    builder: &Resource<Builder>,
) -> wasmtime::Result<(String, Option<tls::Authority>)> {
    let builder = state.table.get(builder)?;
    Ok((builder.address.clone(), builder.authority.clone()))
}

impl postgres::Host for InstanceState {}
impl postgres::HostConnection for InstanceState {}
impl postgres::HostConnectionBuilder for InstanceState {}

impl HostConnectionBuilderWithStore<InstanceState> for Postgres {
    async fn new(mut host: Alone<'_>, address: String) -> wasmtime::Result<Resource<Builder>> {
        Ok(host.get().table.push(Builder { address, authority: None })?)
    }

    async fn set_ca_root(mut host: Alone<'_>, resource: Resource<Builder>, certificate: String) -> Answer<()> {
        Ok(match tls::Authority::parse(&certificate) {
            Ok(authority) => {
                host.get().table.get_mut(&resource)?.authority = Some(authority);
                Ok(())
            }
            Err(reason) => Err(Error::Other(format!("invalid root certificate: {reason}"))),
        })
    }

    async fn build(mut host: Alone<'_>, resource: Resource<Builder>) -> Answer<Resource<Connection>> {
        let (address, authority) = builder(host.get(), &resource)?;
        let guest = host.get().guest.clone();
        let opened = open(&guest, &address, authority).await;
        keep(host.get(), opened)
    }

    async fn build_async(host: &Host, resource: Resource<Builder>) -> Answer<Resource<Connection>> {
        let (guest, (address, authority)) = host.with(|mut access| {
            let state = access.get();
            Ok::<_, wasmtime::Error>((state.guest.clone(), builder(state, &resource)?))
        })?;
        let opened = open(&guest, &address, authority).await;
        host.with(|mut access| keep(access.get(), opened))
    }

    async fn drop(host: &Host, resource: Resource<Builder>) -> wasmtime::Result<()> {
        host.with(|mut access| access.get().table.delete(resource))?;
        Ok(())
    }
}

impl HostConnectionWithStore<InstanceState> for Postgres {
    async fn open(mut host: Alone<'_>, address: String) -> Answer<Resource<Connection>> {
        let guest = host.get().guest.clone();
        let opened = open(&guest, &address, None).await;
        keep(host.get(), opened)
    }

    async fn open_async(host: &Host, address: String) -> Answer<Resource<Connection>> {
        let guest = host.with(|mut access| access.get().guest.clone());
        let opened = open(&guest, &address, None).await;
        host.with(|mut access| keep(access.get(), opened))
    }

    async fn query(
        mut host: Alone<'_>,
        resource: Resource<Connection>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> Answer<RowSet> {
        let connection = connection(host.get(), &resource)?;
        let _timer = count::start(&host.get().guest);
        Ok(connection.query(&statement, parameters).await)
    }

    async fn query_async(
        host: &Host,
        resource: Resource<Connection>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> Answer<Rows> {
        let (connection, _timer) = started(host, &resource)?;
        let found = match connection.query(&statement, parameters).await {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        host.with(|mut access| {
            let rows = StreamReader::new(access.as_context_mut(), found.rows)?;
            let done = async { Ok::<_, wasmtime::Error>(Ok(())) };
            let done = FutureReader::new(access.as_context_mut(), done)?;
            Ok(Ok((found.columns, rows, done)))
        })
    }

    async fn execute(
        mut host: Alone<'_>,
        resource: Resource<Connection>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> Answer<u64> {
        let connection = connection(host.get(), &resource)?;
        let _timer = count::start(&host.get().guest);
        Ok(connection.execute(&statement, parameters).await)
    }

    async fn execute_async(
        host: &Host,
        resource: Resource<Connection>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> Answer<u64> {
        let (connection, _timer) = started(host, &resource)?;
        Ok(connection.execute(&statement, parameters).await)
    }

    async fn drop(host: &Host, resource: Resource<Connection>) -> wasmtime::Result<()> {
        host.with(|mut access| access.get().table.delete(resource))?;
        Ok(())
    }
}

/// The connection of a statement that begins now, and its clock.
fn started(host: &Host, resource: &Resource<Connection>) -> wasmtime::Result<(Connection, count::Timer)> {
    host.with(|mut access| {
        let state = access.get();
        Ok((connection(state, resource)?, count::start(&state.guest)))
    })
}
