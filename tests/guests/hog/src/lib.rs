//! A hostile guest: takes memory on `/grab` until it gets no more, and then needs one page too many; on `/count` it stops
//! there and tells how many MiB it got; answers on every other path.

use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

const MIB: usize = 1 << 20;

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let path = request.uri().path();
    if path.ends_with("/count") {
        return format!("{}", grab_until_refused().len());
    }
    if path.ends_with("/grab") {
        let held = grab_until_refused();
        // An allocation that cannot fail politely: the guest aborts here. The optimiser must not see that nobody reads it.
        let one_too_many = std::hint::black_box(vec![1_u8; 64 * MIB]);
        return format!("{} {}", held.len(), one_too_many.len());
    }
    "still answering".to_owned()
}

fn grab_until_refused() -> Vec<Vec<u8>> {
    let mut held = Vec::new();
    loop {
        let mut block = Vec::new();
        if block.try_reserve_exact(MIB).is_err() {
            return held;
        }
        block.resize(MIB, 1);
        held.push(block);
    }
}
