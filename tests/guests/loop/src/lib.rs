//! A hostile guest: computes for ever on `/loop` and never lets go of the thread; answers on every other path.

use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    if request.uri().path().ends_with("/loop") {
        let mut steps = 0_u64;
        // The optimiser must not see that nothing comes of it.
        while std::hint::black_box(steps) != u64::MAX {
            steps = steps.wrapping_add(1) % 1_000_003;
        }
    }
    "still answering"
}
