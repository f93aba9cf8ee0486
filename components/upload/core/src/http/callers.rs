//! Who is calling, and what a key of theirs is for: asked before anything else of a request is read.
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use vitrine_edge::Problem;
use vitrine_identity::Caller;

use super::State;
use crate::model;

/// What a key of an account needs.
const READ: &str = "photos:read";
const WRITE: &str = "photos:write";

/// Who reads what is theirs.
#[derive(Debug)]
pub(crate) struct Reader(Caller);

/// Who changes what is theirs.
#[derive(Debug)]
pub(crate) struct Writer(Caller);

/// Who looks at what may be everybody's: an account, or nobody. A key that may not read photos does not see what everybody sees.
#[derive(Debug)]
pub(crate) struct Viewer(pub(crate) Option<String>);

impl Reader {
    /// The account.
    pub(crate) fn account(&self) -> String {
        self.0.account_id.to_string()
    }
}

impl Writer {
    /// The account.
    pub(crate) fn account(&self) -> String {
        self.0.account_id.to_string()
    }

    /// Whose the photos are that it sends.
    pub(crate) fn owner(&self) -> model::Owner {
        model::Owner { id: self.account(), handle: self.0.handle.clone() }
    }
}

async fn caller(parts: &mut Parts, state: &State, scope: &str) -> Result<Caller, Problem> {
    let caller = <Caller as FromRequestParts<State>>::from_request_parts(parts, state).await?;
    caller.require_scope(scope)?;
    Ok(caller)
}

impl FromRequestParts<State> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        Ok(Self(caller(parts, state, READ).await?))
    }
}

impl FromRequestParts<State> for Writer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        Ok(Self(caller(parts, state, WRITE).await?))
    }
}

impl FromRequestParts<State> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let caller = <Option<Caller> as FromRequestParts<State>>::from_request_parts(parts, state).await?;
        if let Some(caller) = &caller {
            caller.require_scope(READ)?;
        }
        Ok(Self(caller.map(|caller| caller.account_id.to_string())))
    }
}
