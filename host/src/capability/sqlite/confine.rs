//! What a component's statements may do, and which of them may run on a thread that serves requests.
//!
//! SQLite asks the authorizer while it compiles a statement, also when it does so again because the schema has changed.

use rusqlite::ffi::SQLITE_ATTACH;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Pragmas that touch nothing but the component's own database. Of all others some are settings of the whole process
/// (heap limits, the folder of temporary files), and some take memory that no limit of the component counts (caches,
/// temporary tables in memory).
const PRAGMAS: &[&str] = &[
    "analysis_limit",
    "application_id",
    "auto_vacuum",
    "automatic_index",
    "busy_timeout",
    "case_sensitive_like",
    "cell_size_check",
    "checkpoint_fullfsync",
    "collation_list",
    "compile_options",
    "count_changes",
    "data_version",
    "defer_foreign_keys",
    "encoding",
    "foreign_key_check",
    "foreign_key_list",
    "foreign_keys",
    "freelist_count",
    "full_column_names",
    "fullfsync",
    "function_list",
    "ignore_check_constraints",
    "incremental_vacuum",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "journal_mode",
    "journal_size_limit",
    "legacy_alter_table",
    "max_page_count",
    "module_list",
    "optimize",
    "page_count",
    "page_size",
    "pragma_list",
    "query_only",
    "quick_check",
    "read_uncommitted",
    "recursive_triggers",
    "reverse_unordered_selects",
    "schema_version",
    "secure_delete",
    "short_column_names",
    "synchronous",
    "table_info",
    "table_list",
    "table_xinfo",
    "trusted_schema",
    "user_version",
    "wal_autocheckpoint",
    "wal_checkpoint",
];

/// The longest that SQLite itself may wait for a lock, on a thread that may block, in milliseconds.
const MAX_BUSY_MS: u64 = 60_000;

/// Functions of which one call takes no more time than reading its arguments. (`count` is not among them: over a whole
/// table it is one step that reads every page.)
const QUICK: &[&str] = &[
    "->",
    "->>",
    "abs",
    "avg",
    "changes",
    "coalesce",
    "date",
    "datetime",
    "hex",
    "ifnull",
    "iif",
    "json_extract",
    "julianday",
    "last_insert_rowid",
    "length",
    "lower",
    "max",
    "min",
    "nullif",
    "random",
    "round",
    "strftime",
    "substr",
    "substring",
    "sum",
    "time",
    "total",
    "typeof",
    "unicode",
    "unixepoch",
    "upper",
];

/// Functions of which one call takes time that grows with the product of the lengths of its arguments. Nothing
/// interrupts one that runs.
const SEARCHES: &[&str] = &["glob", "instr", "like", "ltrim", "match", "regexp", "replace", "rtrim", "trim", "unhex"];

/// What is known of the statement that is compiled or runs on a connection, and of the connection's settings.
#[derive(Default)]
pub(super) struct Confinement {
    at_once: AtomicBool,
    long: AtomicBool,
    searches: AtomicBool,
    pragma: AtomicBool,
    busy_ms: AtomicU64,
}

impl Confinement {
    /// Whether SQLite may compile this.
    pub(super) fn authorize(&self, context: &AuthContext<'_>) -> Authorization {
        match context.action {
            // The database without a name is VACUUM's.
            AuthAction::Attach { filename: "" } => Authorization::Allow,
            // A connection may not attach another file, which could be another component's database. SQLite names the
            // file here only where the statement holds it as a literal; what it does not name is refused as well. And a
            // database in memory would be memory that no limit counts.
            AuthAction::Attach { .. } | AuthAction::Unknown { code: SQLITE_ATTACH, .. } => Authorization::Deny,
            AuthAction::Pragma { pragma_name, pragma_value } if harmless(pragma_name, pragma_value) => {
                self.pragma.store(true, Ordering::Relaxed);
                self.takes_long()
            }
            AuthAction::Pragma { .. } => Authorization::Deny,
            AuthAction::Function { function_name } => {
                if contains(SEARCHES, function_name) {
                    self.searches.store(true, Ordering::Relaxed);
                }
                if contains(QUICK, function_name) { Authorization::Allow } else { self.takes_long() }
            }
            _ => Authorization::Allow,
        }
    }

    /// The statement is none that runs on a thread that serves.
    fn takes_long(&self) -> Authorization {
        self.long.store(true, Ordering::Relaxed);
        if self.at_once.load(Ordering::Relaxed) { Authorization::Deny } else { Authorization::Allow }
    }

    /// The next statement is compiled and run `at_once`, on a thread that serves, or on one that may block.
    pub(super) fn begin(&self, at_once: bool) {
        for flag in [&self.long, &self.searches, &self.pragma] {
            flag.store(false, Ordering::Relaxed);
        }
        self.at_once.store(at_once, Ordering::Relaxed);
    }

    /// Whether the statement, as it was compiled since it began, may not run at once.
    pub(super) fn long(&self) -> bool {
        self.long.load(Ordering::Relaxed)
    }

    /// Whether it calls functions that take time by the product of lengths.
    pub(super) fn searches(&self) -> bool {
        self.searches.load(Ordering::Relaxed)
    }

    /// Whether it was a pragma.
    pub(super) fn pragma(&self) -> bool {
        self.pragma.load(Ordering::Relaxed)
    }

    /// How long SQLite itself waits for a lock, as the guest has set it.
    pub(super) fn busy(&self) -> Duration {
        Duration::from_millis(self.busy_ms.load(Ordering::Relaxed))
    }

    /// Notes how long that is.
    pub(super) fn set_busy(&self, milliseconds: u64) {
        self.busy_ms.store(milliseconds, Ordering::Relaxed);
    }
}

fn harmless(name: &str, value: Option<&str>) -> bool {
    let value = value.map(|value| value.trim().to_ascii_lowercase());
    match (name.to_ascii_lowercase().as_str(), value.as_deref()) {
        // The journal would be in memory that no limit counts.
        ("journal_mode", Some("memory")) => false,
        ("busy_timeout", Some(value)) => value.parse::<i64>().is_ok_and(|value| value <= MAX_BUSY_MS as i64),
        (name, _) => contains(PRAGMAS, name),
    }
}

/// Whether a sorted list holds a name, however it is written.
fn contains(sorted: &[&str], name: &str) -> bool {
    let lower = |byte: u8| byte.to_ascii_lowercase();
    sorted.binary_search_by(|entry| entry.bytes().cmp(name.bytes().map(lower))).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted() {
        for list in [PRAGMAS, QUICK, SEARCHES] {
            assert!(list.is_sorted(), "{list:?}");
        }
    }

    #[test]
    fn a_pragma_is_harmless_by_its_name_and_value() {
        for (name, value) in [("Journal_Mode", Some("WAL")), ("busy_timeout", Some("5000")), ("TABLE_INFO", Some("t"))]
        {
            assert!(harmless(name, value), "{name}");
        }
        let denied = ["hard_heap_limit", "soft_heap_limit", "temp_store", "Temp_Store_Directory", "cache_size"];
        for name in denied.into_iter().chain(["cache_spill", "mmap_size", "threads", "writable_schema", "unheard_of"]) {
            assert!(!harmless(name, None) && !harmless(name, Some("1")), "{name}");
        }
        for (name, value) in [("journal_mode", "MEMORY"), ("busy_timeout", "60001"), ("busy_timeout", "0x7fffffff")] {
            assert!(!harmless(name, Some(value)), "{name} {value}");
        }
    }
}
