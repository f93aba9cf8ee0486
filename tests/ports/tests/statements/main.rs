//! Every SQL statement of the project, prepared by SQLite and by PostgreSQL: `cargo test -p vitrine-ports --test statements`,
//! after the tests of the crates that have statements.
//!
//! Those tests run the statements on SQLite, and record them with the tables that they ran on. Here the sources are read for
//! the texts that statements are made of: a text that no test has run fails, and so does a statement that one of the two
//! databases does not take, or whose parameters and columns have other types than the port's.

mod postgres;
mod records;
mod sources;
mod sqlite;

use std::process::ExitCode;

use anyhow::Result;
use libtest_mimic::{Arguments, Trial};
use records::Record;
use vitrine_servers::{Given, Scratch, not_run};

fn main() -> ExitCode {
    let (arguments, given) = (Arguments::from_args(), Given::from_env());
    if given.postgres.is_none() {
        not_run("statements are not prepared by PostgreSQL, since no server is given");
    }
    let trials = vec![
        trial("every_statement_is_run_by_a_test", every_statement_is_run),
        trial("every_statement_is_prepared_by_sqlite", || judged(sqlite::problems)),
        trial("every_statement_is_prepared_by_postgres", {
            let admin = given.postgres.clone().unwrap_or_default();
            move || {
                let scratch = Scratch::make(&admin, "statements")?;
                judged(|record, number| postgres::problems(scratch.url(), record, number))
            }
        })
        .with_ignored_flag(given.postgres.is_none()),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trial(name: &str, test: impl FnOnce() -> Result<Vec<String>> + Send + 'static) -> Trial {
    Trial::test(name, move || {
        let problems = test().map_err(|error| format!("{error:#}"))?;
        if problems.is_empty() { Ok(()) } else { Err(problems.join("\n\n").into()) }
    })
}

fn every_statement_is_run() -> Result<Vec<String>> {
    let records = records::read()?;
    let run: Vec<String> =
        records.iter().flat_map(|record| &record.statements).map(|statement| sources::one_line(statement)).collect();
    let missed =
        sources::fragments()?.into_iter().filter(|fragment| !run.iter().any(|run| run.contains(&fragment.text)));
    let told = missed.map(|fragment| {
        format!(
            "{}: no test has run this statement; test it, or run the tests of its crate first:\n    {}",
            fragment.file, fragment.text
        )
    });
    Ok(told.collect())
}

/// What is wrong with the statements of the sources, by tables.
fn judged(problems: impl Fn(&Record, usize) -> Result<Vec<String>>) -> Result<Vec<String>> {
    let begins: Vec<_> = sources::fragments()?.into_iter().filter(|fragment| fragment.begins).collect();
    let mut found = Vec::new();
    for (number, mut record) in records::read()?.into_iter().enumerate() {
        // Tests have statements of their own, which need not be portable.
        record.statements.retain(|statement| {
            let statement = sources::one_line(statement);
            begins.iter().any(|fragment| statement.starts_with(&fragment.text))
        });
        if !record.statements.is_empty() {
            found.extend(problems(&record, number)?);
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}
