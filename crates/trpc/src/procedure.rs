//! One procedure: what kind it is, and what runs.

use crate::{
    Call, Event, Handler, IntoAnswer, Media, TrpcError,
    answer::{self, Outcome},
    sse::{Events, Frame},
};
use axum::http::Method;
use futures::{FutureExt as _, Stream, StreamExt as _, future::BoxFuture};
use serde::Serialize;
use std::{fmt, sync::Arc};

/// What kind a procedure is, which decides how it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Reads; by GET.
    Query,
    /// Changes something; by POST.
    Mutation,
    /// Answers with events, for as long as there are any; by GET.
    Subscription,
}

impl Kind {
    /// Its name in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Subscription => "subscription",
        }
    }

    /// Whether a procedure of this kind is called so. A change is never made by GET, which others repeat and prefetch.
    pub(crate) fn takes(self, method: &Method, method_override: bool) -> bool {
        match self {
            Self::Mutation => method == Method::POST,
            Self::Query | Self::Subscription => method == Method::GET || (method_override && method == Method::POST),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

type Run<S, T> = Arc<dyn Fn(Call, S) -> BoxFuture<'static, T> + Send + Sync>;

/// What runs.
pub(crate) enum Action<S> {
    Answer(Run<S, Outcome>),
    Subscribe(Run<S, Result<Events, TrpcError>>),
}

/// One procedure.
pub(crate) struct Procedure<S> {
    pub(crate) kind: Kind,
    pub(crate) media: &'static [Media],
    /// Whether a request may hold one call of it only.
    pub(crate) once: bool,
    pub(crate) action: Action<S>,
}

impl<S: Send + 'static> Procedure<S> {
    /// A query or a mutation.
    pub(crate) fn answering<M, H, T, E>(kind: Kind, handler: H) -> Self
    where
        H: Handler<M, S, Output = Result<T, E>>,
        T: IntoAnswer + Send,
        E: Into<TrpcError> + Send,
        M: 'static,
    {
        let run = move |call: Call, state: S| {
            let handler = handler.clone();
            async move {
                let answer = handler.call(call, state).await?.map_err(Into::into)?;
                answer::write(answer)
            }
            .boxed()
        };
        Self { kind, media: H::MEDIA, once: false, action: Action::Answer(Arc::new(run)) }
    }

    /// A subscription.
    pub(crate) fn subscribing<M, H, St, E, T, E2>(handler: H) -> Self
    where
        H: Handler<M, S, Output = Result<St, E>>,
        St: Stream<Item = Result<Event<T>, E2>> + Send + 'static,
        E: Into<TrpcError> + Send,
        T: Serialize,
        E2: Into<TrpcError>,
        M: 'static,
    {
        let run = move |call: Call, state: S| {
            let handler = handler.clone();
            async move {
                let events = handler.call(call, state).await?.map_err(Into::into)?;
                Ok(events.map(|event| Frame::of(event.map_err(Into::into)?)).boxed())
            }
            .boxed()
        };
        Self { kind: Kind::Subscription, media: H::MEDIA, once: false, action: Action::Subscribe(Arc::new(run)) }
    }
}

impl<S> fmt::Debug for Procedure<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Procedure").field("kind", &self.kind).field("media", &self.media).finish_non_exhaustive()
    }
}
