//! From Spin's requests to the router of a service and back.

use crate::{
    answer::finished,
    turn::{Once, Turn},
};
use axum::{
    Router,
    body::Body,
    response::{IntoResponse, Response},
};
use spin_sdk::wasip3::http::types::{self, ErrorCode};
use std::{fmt, sync::OnceLock, time::Duration};
use vitrine_db::DbError;
use vitrine_edge::Problem;

/// When a service that could not start because a server was away may start.
const RETRY: Duration = Duration::from_secs(1);

/// A service cannot start: a variable, a key or a database is not as it must be. Goes to the log only.
#[derive(Debug)]
pub struct StartError {
    what: String,
    /// Whether it may start a little later, as it is.
    transient: bool,
}

impl StartError {
    /// Says what is wrong and, if that is not plain, what to do.
    pub fn new(what: impl fmt::Display) -> Self {
        Self { what: what.to_string(), transient: false }
    }

    /// Something that may be right again by itself, such as a server that is away.
    pub fn transient(what: impl fmt::Display) -> Self {
        Self { transient: true, ..Self::new(what) }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

// `StartError` is no `std::error::Error` itself, so that every error becomes one with `?`.
impl<E: std::error::Error + 'static> From<E> for StartError {
    fn from(error: E) -> Self {
        let transient = (&error as &dyn std::error::Error).downcast_ref().is_some_and(DbError::is_transient);
        Self { transient, ..Self::new(error) }
    }
}

/// The service of a component: its router, built at the first request of an instance and kept for the others.
#[derive(Debug)]
pub struct Service {
    router: Once<Router>,
    /// Whether requests are taken one after another, and whose turn it is.
    turns: Option<OnceLock<Turn>>,
}

impl Service {
    /// A service that has not started.
    #[must_use]
    pub const fn new() -> Self {
        Self { router: Once::new(), turns: None }
    }

    /// A service that takes one request at a time, whatever the runtime gives it: for components that hold hostile input
    /// in memory, or that a trap may end.
    #[must_use]
    pub const fn exclusive() -> Self {
        Self { router: Once::new(), turns: Some(OnceLock::new()) }
    }

    /// Answers `request`. Bodies stream through in both directions. If `start` fails, this request is answered with a
    /// 500 problem (503 where a server is away), and the next one tries again.
    ///
    /// # Errors
    /// When the runtime does not take the answer, which is a mistake in the service.
    pub async fn serve<F>(
        &self,
        request: spin_sdk::http::Request,
        start: impl FnOnce() -> F,
    ) -> Result<types::Response, ErrorCode>
    where
        F: Future<Output = Result<Router, StartError>>,
    {
        let start = async {
            crate::log::init();
            start().await
        };
        let _turn = match &self.turns {
            Some(turns) => Some(turns.get_or_init(Turn::default).take().await),
            None => None,
        };
        finished(match self.router.get_or_try_init(|| start).await {
            Ok(router) => call(router.clone(), request).await,
            Err(error) => {
                // The problem says it in the log.
                let cause = format!("the service cannot start: {error}");
                match error.transient {
                    true => Problem::unavailable(RETRY, &cause).into_response(),
                    false => Problem::internal(&cause).into_response(),
                }
            }
        })
    }
}

impl Default for Service {
    fn default() -> Self {
        Self::new()
    }
}

async fn call(mut router: Router, request: spin_sdk::http::Request) -> Response {
    use tower::Service as _;
    let Ok(response) = router.as_service().call(request.map(Body::new)).await;
    response
}
