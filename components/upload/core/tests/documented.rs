//! The document describes the routes that there are.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use support::App;
use vitrine_edge::openapi::{documented, routes};

#[tokio::test]
async fn every_public_route_is_documented_and_no_other() {
    let app = App::new().await;
    let real = routes(app.router.clone()).await;
    assert_eq!(real.len(), 7);
    assert_eq!(documented(&upload_core::document()), real);
}
