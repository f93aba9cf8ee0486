//! The blob port and the keys below it, each case in a corner of the one store or bucket of the component.

use crate::Ran;
use std::sync::Arc;
use vitrine_blob::suite::{Corner, Place, run, run_on_keys};
use vitrine_guest::KvKeys;
use vitrine_random::Ids;

/// Each run of a case has a corner that no other has had.
fn corner(case: &str) -> String {
    format!("{case}-{}/", Ids::system().next())
}

pub(crate) async fn blob(case: &str) -> Ran {
    let blobs = vitrine_guest::blobs("suites", "suites").await?;
    Ok(run(case, Place::new(blobs, &corner(case))).await)
}

pub(crate) async fn keys(case: &str) -> Ran {
    let keys = Corner::new(Arc::new(KvKeys::new("suites")), &corner(case));
    Ok(run_on_keys(case, Arc::new(keys)).await)
}
