//! What has a limit in time, against an app that has nothing else to do.

use std::time::{Duration, Instant};

use vitrine_scenarios::World;
use vitrine_scenarios::client::Client;
use vitrine_scenarios::harness::{Deployment, Runtime};
use vitrine_scenarios::scenarios::refusals::{bombs, no_pictures, rejected, truncated};

/// The product's promise.
const REJECTED_WITHIN: Duration = Duration::from_secs(2);

#[tokio::test]
async fn what_is_no_picture_is_rejected_within_two_seconds() {
    let runtime = Runtime::from_env().unwrap();
    let deployment = Deployment::product(runtime).unwrap();
    let running = deployment.start().unwrap();
    let world =
        World { client: Client::new(&running.base()).unwrap(), runtime, secrets: deployment.secrets().cloned() };
    // The first request of each component pays for its first instance and its tables.
    rejected(&world, no_pictures().unwrap().into_iter().take(1).collect(), Duration::from_secs(10)).await.unwrap();
    for pictures in [no_pictures(), truncated(), bombs()] {
        for picture in pictures.unwrap() {
            let (what, start) = (picture.0, Instant::now());
            rejected(&world, vec![picture], REJECTED_WITHIN)
                .await
                .unwrap_or_else(|error| panic!("{what}: {error:?}\n{}", running.log()));
            println!("{what}: {} ms", start.elapsed().as_millis());
        }
    }
}
