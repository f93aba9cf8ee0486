//! The document describes the route that there is.

use std::sync::Arc;
use vitrine_blob::{Blobs, MemoryKeys};
use vitrine_edge::openapi::{documented, routes};
use vitrine_random::{Ids, SeededRandom};

#[tokio::test]
async fn the_route_is_documented_and_no_other() {
    let blobs = Blobs::new(Arc::new(MemoryKeys::default()), Arc::new(SeededRandom::new(1)));
    let real = routes(images_core::router(images_core::Images::new(blobs), Ids::system())).await;
    assert_eq!(real.len(), 1);
    assert_eq!(documented(&images_core::document()), real);
}
