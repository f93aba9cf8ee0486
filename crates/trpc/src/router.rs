//! The router: which procedures there are.

use crate::{
    Dialect, Event, Handler, IntoAnswer, Kind, Streams, TrpcError, options::Options, procedure::Procedure, serve::serve,
};
use axum::{extract::Request, routing::any};
use futures::Stream;
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};

/// The procedures of a service, by their dotted paths. `S` is the state that handlers get, as in a router of axum.
#[derive(Debug)]
pub struct Router<S> {
    pub(crate) procedures: BTreeMap<String, Procedure<S>>,
    pub(crate) options: Options,
}

impl<S> Default for Router<S> {
    fn default() -> Self {
        Self { procedures: BTreeMap::new(), options: Options::default() }
    }
}

impl<S: Clone + Send + Sync + 'static> Router<S> {
    /// A router without procedures.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a query: it reads, and is called by GET.
    ///
    /// # Panics
    /// If the path is taken, is empty or holds `,` or `/`, as no client could call it.
    #[must_use]
    #[track_caller]
    pub fn query<M, H, T, E>(self, path: &str, handler: H) -> Self
    where
        H: Handler<M, S, Output = Result<T, E>>,
        T: IntoAnswer + Send,
        E: Into<TrpcError> + Send,
        M: 'static,
    {
        self.with(path, Procedure::answering(Kind::Query, handler))
    }

    /// Adds a mutation: it changes something, and is called by POST.
    ///
    /// # Panics
    /// As [`Router::query`].
    #[must_use]
    #[track_caller]
    pub fn mutation<M, H, T, E>(self, path: &str, handler: H) -> Self
    where
        H: Handler<M, S, Output = Result<T, E>>,
        T: IntoAnswer + Send,
        E: Into<TrpcError> + Send,
        M: 'static,
    {
        self.with(path, Procedure::answering(Kind::Mutation, handler))
    }

    /// Adds a subscription: its handler returns a stream of [`Event`]s, which the client gets as they come. A client that lost its
    /// connection comes back with the id of the last tracked event as `lastEventId` in the input.
    ///
    /// # Panics
    /// As [`Router::query`].
    #[must_use]
    #[track_caller]
    pub fn subscription<M, H, St, E, T, E2>(self, path: &str, handler: H) -> Self
    where
        H: Handler<M, S, Output = Result<St, E>>,
        St: Stream<Item = Result<Event<T>, E2>> + Send + 'static,
        E: Into<TrpcError> + Send,
        T: Serialize,
        E2: Into<TrpcError>,
        M: 'static,
    {
        self.with(path, Procedure::subscribing(handler))
    }

    /// Adds the procedures of another router, under `prefix` and a dot. Its options are not taken.
    ///
    /// # Panics
    /// As [`Router::query`].
    #[must_use]
    #[track_caller]
    pub fn nest(self, prefix: &str, other: Self) -> Self {
        other
            .procedures
            .into_iter()
            .fold(self, |router, (path, procedure)| router.with(&format!("{prefix}.{path}"), procedure))
    }

    /// Lets a request hold one call of that procedure only: for what is limited by the number of requests and must not be tried
    /// ten times in one, such as passwords and codes.
    ///
    /// # Panics
    /// If there is no procedure of the path.
    #[must_use]
    #[track_caller]
    pub fn once_per_request(mut self, path: &str) -> Self {
        let procedure = self.procedures.get_mut(path);
        assert!(procedure.is_some(), "there is no procedure of the path `{path}`");
        if let Some(procedure) = procedure {
            procedure.once = true;
        }
        self
    }

    /// Takes at most `calls` calls in one request; [`BATCH_CALLS`](crate::BATCH_CALLS) unless it is said.
    #[must_use]
    pub fn batch_calls(mut self, calls: usize) -> Self {
        self.options.batch_calls = Some(calls);
        self
    }

    /// Takes one call in a request, and no batches.
    #[must_use]
    pub fn without_batches(mut self) -> Self {
        self.options.batch_calls = None;
        self
    }

    /// Takes at most `bytes` of JSON in one request, all inputs together; 64 KiB unless it is said. How deep it may be nested is
    /// the limit of serde_json, 128 levels.
    #[must_use]
    pub fn input_bytes(mut self, bytes: usize) -> Self {
        self.options.input_bytes = bytes;
        self
    }

    /// Lets clients read by POST too (`methodOverride`), for inputs that are too long for an address.
    #[must_use]
    pub fn method_override(mut self) -> Self {
        self.options.method_override = true;
        self
    }

    /// Whose rules decide where the versions of tRPC differ; those of 11 unless it is said.
    #[must_use]
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.options.dialect = dialect;
        self
    }

    /// Keeps subscriptions and streamed batches alive, and ends them. Without it there are no pings and no end.
    #[must_use]
    pub fn streams(mut self, streams: Streams) -> Self {
        self.options.streams = Some(streams);
        self
    }

    /// All procedures, by path: for tests that must miss none.
    pub fn procedures(&self) -> impl Iterator<Item = (&str, Kind)> {
        self.procedures.iter().map(|(path, procedure)| (path.as_str(), procedure.kind))
    }

    /// A router of axum that answers for the procedures, to be nested where clients call them (`/api/<service>`).
    pub fn into_axum(self, state: S) -> axum::Router {
        let router = Arc::new(self);
        let service = any(move |request: Request| serve(router.clone(), state.clone(), request));
        axum::Router::new().route("/", service.clone()).route("/{*path}", service)
    }

    #[track_caller]
    fn with(mut self, path: &str, procedure: Procedure<S>) -> Self {
        assert!(!path.is_empty() && !path.contains([',', '/']), "no client can call a procedure of the path `{path}`");
        let before = self.procedures.insert(path.to_owned(), procedure);
        assert!(before.is_none(), "there are two procedures of the path `{path}`");
        self
    }
}
