//! What tests run, written down for the test that prepares it against PostgreSQL too (`tests/ports`).
//!
//! Only programs in a folder `deps` record, which is where Cargo puts test programs. Each set of tables has a file of its own
//! in the folder `statements` beside it, so that it can be made anew.

use std::{
    collections::{BTreeSet, HashSet, hash_map::DefaultHasher},
    env,
    fs::{self, File},
    hash::{Hash, Hasher as _},
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};
use vitrine_db::sql::{changes_rows, first_word, only_reads};

/// Stands on a line of its own after each statement.
const END: &str = "\n-- end of statement\n";

/// What this process has written already: the file, and the hash of the statement.
static WRITTEN: Mutex<BTreeSet<(PathBuf, u64)>> = Mutex::new(BTreeSet::new());

/// The recorder of one database, which was empty when it was opened.
pub(crate) struct Recorder {
    folder: PathBuf,
    program: String,
    schema: Mutex<Schema>,
}

#[derive(Default)]
struct Schema {
    statements: Vec<String>,
    seen: HashSet<u64>,
}

impl Recorder {
    /// A recorder, if this is a test program.
    pub(crate) fn of_tests() -> Option<Self> {
        let path = env::current_exe().ok()?;
        let program = path.file_stem()?.to_str()?.to_owned();
        let deps = path.parent().filter(|folder| folder.ends_with("deps"))?;
        Some(Self { folder: deps.parent()?.join("statements"), program, schema: Mutex::default() })
    }

    /// Notes a statement that has succeeded. That it cannot be written is no failure of the test that ran it: it will be
    /// missed by the test that reads it.
    pub(crate) fn note(&self, sql: &str) {
        let mut schema = self.schema.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(first_word(sql).to_ascii_lowercase().as_str(), "create" | "alter" | "drop") {
            schema.statements.push(sql.to_owned());
            schema.seen.clear();
        } else if (only_reads(sql) || changes_rows(sql)) && schema.seen.insert(hash(sql)) {
            drop(self.write(&schema.statements, sql));
        }
    }

    fn write(&self, schema: &[String], sql: &str) -> std::io::Result<()> {
        let path = self.folder.join(format!("{}.{:016x}.sql", self.program, hash(schema)));
        let mut written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
        let begins = !written.iter().any(|(known, _)| *known == path);
        if !written.insert((path.clone(), hash(sql))) {
            return Ok(());
        }
        let mut file = open(&path, begins)?;
        if begins {
            for statement in schema {
                write!(file, "{statement}{END}")?;
            }
        }
        write!(file, "{sql}{END}")
    }
}

fn open(path: &Path, anew: bool) -> std::io::Result<File> {
    if anew {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        return File::create(path);
    }
    File::options().append(true).open(path)
}

fn hash(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}
