//! A test that is not run counts as passed only where that may be.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::env;
use std::panic::catch_unwind;
use std::process::Command;

use vitrine_servers::not_run;

const MUST_RUN: &str = "VITRINE_MUST_RUN";
/// Set in the processes that the test starts.
const INNER: &str = "VITRINE_TEST_INNER";

#[test]
fn where_everything_must_run_it_fails() {
    let failed = catch_unwind(|| not_run("there is no server")).is_err();
    assert_eq!(failed, env::var_os(MUST_RUN).is_some());
    if env::var_os(INNER).is_some() {
        return;
    }
    for must_run in [true, false] {
        let mut again = Command::new(env::current_exe().unwrap());
        again.args(["--exact", "where_everything_must_run_it_fails", "--nocapture"]).env(INNER, "1");
        if must_run {
            again.env(MUST_RUN, "1")
        } else {
            again.env_remove(MUST_RUN)
        };
        let output = again.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        assert!(said.contains("there is no server"), "{said}");
        assert_eq!(said.contains("everything must run"), must_run, "{said}");
    }
}
