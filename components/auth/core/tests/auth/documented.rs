//! The document describes the routes that there are.

use crate::support::fixture;
use vitrine_edge::openapi::{documented, routes};

#[tokio::test]
async fn every_route_is_documented_and_no_other() {
    let fixture = fixture().await;
    let real = routes(fixture.router()).await;
    assert_eq!(real.len(), 33);
    assert_eq!(documented(&auth_core::document()), real);
}
