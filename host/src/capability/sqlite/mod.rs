//! `spin:sqlite`: databases that are files of the deployment, reached by the labels that the manifest grants.

mod check;
mod confine;
mod count;
mod database;
mod statement;

pub use database::{Connection, Database};

use super::bindings::spin::sqlite::sqlite::{self, Error, HostConnectionWithStore, QueryResult, RowResult, Value};
use crate::instance::InstanceState;
use wasmtime::AsContextMut;
use wasmtime::component::{Access, Accessor, FutureReader, HasData, Linker, Resource, StreamReader};

/// Links `spin:sqlite`.
///
/// # Errors
/// When a function is linked twice.
pub fn bind(linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
    sqlite::add_to_linker::<_, Sqlite>(linker, |state| state)
}

struct Sqlite;

impl HasData for Sqlite {
    type Data<'a> = &'a mut InstanceState;
}

type Host = Accessor<InstanceState, Sqlite>;
/// The functions that are not `async` in WIT have the store to themselves.
type Alone<'a> = Access<'a, InstanceState, Sqlite>;
type Answer<T> = wasmtime::Result<Result<T, Error>>;
type Rows = (Vec<String>, StreamReader<RowResult>, FutureReader<Result<(), Error>>);

fn open(state: &mut InstanceState, label: &str) -> Answer<Resource<Connection>> {
    let opened = check::granted(&state.guest, label).and_then(|database| {
        let open = check::room(state)?;
        database.connect(open)
    });
    Ok(match opened {
        Ok(connection) => Ok(state.table.push(connection)?),
        Err(error) => Err(error),
    })
}

fn connection(state: &mut InstanceState, connection: &Resource<Connection>) -> wasmtime::Result<Connection> {
    Ok(state.table.get(connection)?.clone())
}

impl sqlite::Host for InstanceState {}
impl sqlite::HostConnection for InstanceState {}

impl HostConnectionWithStore<InstanceState> for Sqlite {
    async fn open(mut host: Alone<'_>, database: String) -> Answer<Resource<Connection>> {
        open(host.get(), &database)
    }

    async fn open_async(host: &Host, database: String) -> Answer<Resource<Connection>> {
        host.with(|mut access| open(access.get(), &database))
    }

    async fn execute(
        mut host: Alone<'_>,
        resource: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> Answer<QueryResult> {
        let connection = connection(host.get(), &resource)?;
        let _timer = count::start(host.get());
        let outcome = connection.execute(statement, parameters).await;
        Ok(outcome.map(|outcome| QueryResult { columns: outcome.columns, rows: outcome.rows }))
    }

    async fn execute_async(
        host: &Host,
        resource: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> Answer<Rows> {
        let (connection, _timer) = host.with(|mut access| {
            let state = access.get();
            Ok::<_, wasmtime::Error>((connection(state, &resource)?, count::start(state)))
        })?;
        let outcome = match connection.execute(statement, parameters).await {
            Ok(outcome) => outcome,
            Err(error) => return Ok(Err(error)),
        };
        host.with(|mut access| {
            let rows = StreamReader::new(access.as_context_mut(), outcome.rows)?;
            let done = async { Ok::<_, wasmtime::Error>(Ok(())) };
            let done = FutureReader::new(access.as_context_mut(), done)?;
            Ok(Ok((outcome.columns, rows, done)))
        })
    }

    async fn last_insert_rowid(mut host: Alone<'_>, resource: Resource<Connection>) -> wasmtime::Result<i64> {
        Ok(connection(host.get(), &resource)?.last_insert_rowid())
    }

    async fn last_insert_rowid_async(host: &Host, resource: Resource<Connection>) -> wasmtime::Result<i64> {
        let connection = host.with(|mut access| connection(access.get(), &resource))?;
        Ok(connection.last_insert_rowid())
    }

    async fn changes(mut host: Alone<'_>, resource: Resource<Connection>) -> wasmtime::Result<u64> {
        Ok(connection(host.get(), &resource)?.changes())
    }

    async fn changes_async(host: &Host, resource: Resource<Connection>) -> wasmtime::Result<u64> {
        let connection = host.with(|mut access| connection(access.get(), &resource))?;
        Ok(connection.changes())
    }

    async fn drop(host: &Host, resource: Resource<Connection>) -> wasmtime::Result<()> {
        host.with(|mut access| access.get().table.delete(resource))?;
        Ok(())
    }
}
