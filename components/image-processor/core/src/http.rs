//! The router: one private route.
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::post;
use vitrine_edge::Problem;
use vitrine_events::OneEvent;
use vitrine_identity::ServiceToken;
use vitrine_random::Ids;

use crate::events::Order;
use crate::service::Processor;

/// The longest event, in bytes; one has about 400.
const LONGEST_EVENT: usize = 16 << 10;

/// When a photo that could not be finished is worth another try. Whoever delivers has a schedule of its own.
const RETRY: Duration = Duration::from_secs(1);

/// The routes of the worker. Built once for each instance; `token` is what its callers present.
pub fn router(processor: Processor, token: &ServiceToken, ids: Ids) -> Router {
    let private = Router::new().route("/_events", post(event)).layer(DefaultBodyLimit::max(LONGEST_EVENT));
    vitrine_edge::finish(token.guard(private).with_state(processor), ids)
}

/// `POST /_events`: 204 once the owner knows the end of the photo, or once nothing is left of one that is gone; 503 if the
/// event is to be delivered again; 400 or 422 if it is none.
async fn event(State(processor): State<Processor>, OneEvent(event): OneEvent) -> Result<StatusCode, Problem> {
    let (id, kind) = (event.id, event.r#type.clone());
    let order = Order::try_from(event).map_err(|why| Problem::unprocessable(&format!("{why}.")))?;
    let done = match &order {
        Order::Render(job) => processor.process(job).await,
        Order::Remove(removal) => processor.remove(removal).await,
    };
    match done {
        Ok(()) => {
            tracing::info!(event = %id, r#type = kind, "took effect");
            Ok(StatusCode::NO_CONTENT)
        }
        Err(error) => Err(Problem::unavailable(RETRY, &error)),
    }
}
