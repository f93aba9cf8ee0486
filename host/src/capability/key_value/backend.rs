//! A key-value store in one SQLite file, laid out as Spin lays it out, so that both can serve the same data folder.

use super::Error;
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, params};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Spin keeps several stores in one file; a label bound to a file of its own is its store `default`.
const STORE: &str = "default";

/// How long a writer waits for another process.
const BUSY: Duration = Duration::from_secs(10);

/// What the keys of one list may take, in bytes: they are in the host's memory before the guest takes them.
const MAX_KEYS: usize = 16 * 1024 * 1024;

/// A key-value store in one file.
///
/// Reads run where they are asked for: they take microseconds. Writes wait for the disk, so they run on threads that
/// may block, one at a time.
pub struct Backend {
    path: PathBuf,
    writer: Arc<tokio::sync::Mutex<Connection>>,
    readers: Mutex<Vec<Connection>>,
}

impl Backend {
    /// Opens the file, and makes it when there is none.
    ///
    /// # Errors
    /// When the file cannot be opened or written.
    pub fn open(path: &Path) -> rusqlite::Result<Self> {
        let writer = connect(path)?;
        writer.execute_batch(
            "CREATE TABLE IF NOT EXISTS spin_key_value (
                store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key)
            )",
        )?;
        Ok(Self { path: path.to_owned(), writer: Arc::new(tokio::sync::Mutex::new(writer)), readers: Mutex::default() })
    }

    /// The value of a key.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT value FROM spin_key_value WHERE store = ?1 AND key = ?2")?
                .query_row(params![STORE, key], |row| row.get(0))
                .optional()
        })
    }

    /// Whether a key has a value.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn exists(&self, key: &str) -> Result<bool, Error> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT 1 FROM spin_key_value WHERE store = ?1 AND key = ?2")?
                .exists(params![STORE, key])
        })
    }

    /// Gives a key a value; it is on the disk when this returns.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn set(&self, key: String, value: Vec<u8>) -> Result<(), Error> {
        self.write(move |connection| {
            connection
                .prepare_cached(
                    "INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3)
                     ON CONFLICT (store, key) DO UPDATE SET value = excluded.value",
                )?
                .execute(params![STORE, key, value])
        })
        .await
    }

    /// Removes a key; it need not exist.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn delete(&self, key: String) -> Result<(), Error> {
        self.write(move |connection| {
            connection
                .prepare_cached("DELETE FROM spin_key_value WHERE store = ?1 AND key = ?2")?
                .execute(params![STORE, key])
        })
        .await
    }

    /// Every key.
    ///
    /// # Errors
    /// When the file cannot be read, or the keys take more than 16 MiB.
    pub async fn keys(&self) -> Result<Vec<String>, Error> {
        let path = self.path.clone();
        let list = move || {
            let connection = connect(&path)?;
            let mut statement = connection.prepare("SELECT key FROM spin_key_value WHERE store = ?1")?;
            let (mut keys, mut size) = (Vec::new(), 0);
            for key in statement.query_map(params![STORE], |row| row.get::<_, String>(0))? {
                let key = key?;
                size += size_of::<String>() + key.len();
                if size > MAX_KEYS {
                    return Ok(None);
                }
                keys.push(key);
            }
            Ok::<_, rusqlite::Error>(Some(keys))
        };
        match tokio::task::spawn_blocking(list).await {
            Ok(Ok(Some(keys))) => Ok(keys),
            Ok(Ok(None)) => {
                let limit = MAX_KEYS >> 20;
                Err(Error::Other(format!("the keys of this store take more than {limit} MiB: keep a list of your own")))
            }
            Ok(Err(error)) => Err(failed(error)),
            Err(error) => Err(Error::Other(error.to_string())),
        }
    }

    fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Error> {
        let idle = self.readers.lock().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path).map_err(failed)?,
        };
        let result = query(&connection).map_err(failed);
        self.readers.lock().push(connection);
        result
    }

    async fn write(
        &self,
        statement: impl FnOnce(&Connection) -> rusqlite::Result<usize> + Send + 'static,
    ) -> Result<(), Error> {
        let connection = self.writer.clone().lock_owned().await;
        match tokio::task::spawn_blocking(move || statement(&connection)).await {
            Ok(result) => result.map(|_| ()).map_err(failed),
            Err(error) => Err(Error::Other(error.to_string())),
        }
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

fn failed(error: rusqlite::Error) -> Error {
    Error::Other(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn values_come_back_and_survive_opening_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let backend = Backend::open(&path).unwrap();
        assert!(backend.get("k").unwrap().is_none());
        backend.set("k".into(), vec![1, 2]).await.unwrap();
        backend.set("k".into(), vec![3]).await.unwrap();
        drop(backend);
        let backend = Backend::open(&path).unwrap();
        assert_eq!(backend.get("k").unwrap(), Some(vec![3]));
        assert!(backend.exists("k").unwrap());
        assert_eq!(backend.keys().await.unwrap(), ["k"]);
        backend.delete("k".into()).await.unwrap();
        assert!(!backend.exists("k").unwrap());
    }

    #[tokio::test]
    async fn a_list_of_keys_that_takes_too_much_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let backend = Backend::open(&folder.path().join("a.db")).unwrap();
        for end in ["a", "b"] {
            let key = "k".repeat(MAX_KEYS / 2 - 2 * size_of::<String>()) + end;
            backend.set(key, vec![1]).await.unwrap();
        }
        assert_eq!(backend.keys().await.unwrap().len(), 2);
        backend.set("c".repeat(4 * size_of::<String>()), vec![1]).await.unwrap();
        let error = backend.keys().await.unwrap_err();
        assert!(matches!(&error, Error::Other(text) if text.contains("16 MiB")), "{error:?}");
    }
}
