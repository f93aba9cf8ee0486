//! Tests that run once for each client, each by a name of its own.

use libtest_mimic::{Failed, Trial};
use vitrine_trpc_clients::Version;

/// A test of that client; a panic is a failure.
pub(crate) fn trial<F: Future<Output = ()>>(
    version: Version,
    name: &str,
    run: impl FnOnce() -> F + Send + 'static,
) -> Trial {
    let run = move || -> Result<(), Failed> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(run());
        Ok(())
    };
    Trial::test(format!("{version}::{name}"), run)
}
