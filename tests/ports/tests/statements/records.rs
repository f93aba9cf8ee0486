//! What the tests of the other crates have run.

use std::path::Path;
use std::{env, fs};

use anyhow::{Context as _, Result, ensure};
use vitrine_db::sql::first_word;

const END: &str = "\n-- end of statement\n";

/// Statements, and the tables that they ran on.
pub(crate) struct Record {
    /// The test program.
    pub(crate) program: String,
    pub(crate) schema: Vec<String>,
    pub(crate) statements: Vec<String>,
}

/// All that was recorded, beside this program's folder, by test programs that are there still and have not changed since.
pub(crate) fn read() -> Result<Vec<Record>> {
    let program = env::current_exe()?;
    let programs = program.parent().context("a folder of programs")?;
    let folder = programs.with_file_name("statements");
    let mut records = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("nothing was recorded in {}", folder.display()))? {
        let path = entry?.path();
        if !is_current(&path, programs) {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let all = text.split(END).map(str::trim).filter(|statement| !statement.is_empty()).map(str::to_owned);
        let (schema, statements) = all.partition(|statement| {
            matches!(first_word(statement).to_ascii_lowercase().as_str(), "create" | "alter" | "drop")
        });
        let program = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        records.push(Record { program, schema, statements });
    }
    ensure!(!records.is_empty(), "run the tests of the other crates first: nothing is in {}", folder.display());
    Ok(records)
}

/// Whether the program that wrote a record is not newer than it. Its name is that of the record up to the first dot.
fn is_current(record: &Path, programs: &Path) -> bool {
    let name = record.file_name().and_then(|name| name.to_str()).and_then(|name| name.split('.').next());
    let made = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
    let program = name.and_then(|name| made(&programs.join(name)));
    program.zip(made(record)).is_some_and(|(program, record)| program <= record)
}
