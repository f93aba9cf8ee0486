//! The blob port, each case in a corner of the one store of the component.

use crate::Ran;
use std::sync::Arc;
use vitrine_blob::suite::{CASES, Corner};
use vitrine_guest::KvKeys;
use vitrine_suite::Failure;

pub(crate) fn names() -> Vec<&'static str> {
    CASES.iter().map(|case| case.name).collect()
}

pub(crate) async fn run(case: &str) -> Ran {
    let keys = Corner::new(Arc::new(KvKeys::new("suites")), &format!("{case}/"));
    Ok(vitrine_blob::suite::run(case, Arc::new(keys)).await.map_err(|failure| Failure(failure.0)))
}
