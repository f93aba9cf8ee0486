//! What passed and what failed.

use std::fmt;

/// The sum of all steps.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    passed: u64,
    failed: u64,
}

impl Report {
    /// Counts a step that passes or fails as a whole.
    pub(crate) fn check(&mut self, ok: bool) {
        if ok {
            self.passed += 1;
        } else {
            self.failed += 1;
        }
    }

    /// Counts the lines `test result:` that a test program printed. A program that failed without a failed test (it crashed,
    /// or was not built) counts as one failure.
    pub(crate) fn libtest(&mut self, output: &str, ok: bool) {
        let mut failed = 0;
        for line in output.lines().filter_map(|line| line.trim().strip_prefix("test result:")) {
            self.passed += count(line, "passed");
            failed += count(line, "failed");
        }
        self.failed += if ok { failed } else { failed.max(1) };
    }

    /// Whether something passed, and nothing failed.
    pub(crate) fn is_green(&self) -> bool {
        self.failed == 0 && self.passed > 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// The number before a word: 12 in `ok. 12 passed; 0 failed`.
fn count(line: &str, word: &str) -> u64 {
    let words: Vec<&str> = line.split([' ', ';']).filter(|word| !word.is_empty()).collect();
    words
        .windows(2)
        .find_map(|pair| match pair {
            [number, name] if *name == word => number.parse().ok(),
            _ => None,
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_several_programs_add_up() {
        let mut report = Report::default();
        report.libtest(
            "running 2 tests\ntest a ... ok\ntest result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n\
             test result: FAILED. 10 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\n",
            false,
        );
        report.check(true);
        assert_eq!(report, Report { passed: 13, failed: 3 });
        assert_eq!(report.to_string(), "13 passed, 3 failed");
    }

    #[test]
    fn a_program_that_crashes_is_a_failure() {
        let mut report = Report::default();
        report.libtest("running 9 tests\n", false);
        assert_eq!(report, Report { passed: 0, failed: 1 });
    }

    #[test]
    fn nothing_at_all_is_not_green() {
        assert!(!Report::default().is_green());
    }
}
