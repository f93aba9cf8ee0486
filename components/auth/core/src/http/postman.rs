//! What is left to do after responses: mail, and sessions that the gateway could not be told of.

use crate::Auth;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use std::fmt;
use vitrine_events::{Bell, Spawn};

/// Sends mail, one run at a time. Clones are the same.
#[derive(Clone)]
pub(super) struct Postman {
    auth: Auth,
    spawn: Spawn,
    bell: Bell,
}

impl fmt::Debug for Postman {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postman").finish_non_exhaustive()
    }
}

impl Postman {
    pub(super) fn new(auth: Auth, spawn: Spawn) -> Self {
        Self { auth, spawn, bell: Bell::default() }
    }

    fn go(&self) {
        if !self.auth.mail_may_wait() {
            return;
        }
        let Some(mut turn) = self.bell.ring() else { return };
        let auth = self.auth.clone();
        (self.spawn)(Box::pin(async move {
            if let Err(error) = auth.close_left().await {
                tracing::warn!(%error, "the gateway could not be told that sessions have ended; it is tried again");
            }
            loop {
                if let Err(error) = auth.deliver_mail().await {
                    tracing::warn!(%error, "mail could not be sent; it is tried again");
                }
                if !turn.once_more() {
                    return;
                }
            }
        }));
    }
}

/// Sends what mail there is after the response of any route.
pub(super) async fn layer(State(postman): State<Postman>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    postman.go();
    response
}
