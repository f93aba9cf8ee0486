//! A disk that is full.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;
use vitrine_faults::{Account, Demo, Reply};
use vitrine_servers::not_run;

const SOON: Duration = Duration::from_secs(60);

/// A file system of four megabytes. It is gone when this is dropped.
struct Small(TempDir);

impl Small {
    /// `None` where this user may not mount.
    fn mount() -> Result<Option<Self>> {
        let folder = tempfile::Builder::new().prefix("vitrine-small-").tempdir()?;
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"]).arg(folder.path());
        let done = mount.output().is_ok_and(|output| output.status.success());
        Ok(done.then_some(Self(folder)))
    }

    /// Fills it to the last byte.
    fn fill(&self) -> Result<PathBuf> {
        let path = self.0.path().join("ballast");
        let mut file = File::create(&path)?;
        for size in [64 << 10, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
        Ok(path)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        if let Err(error) = Command::new("umount").arg("-l").arg(self.0.path()).status() {
            eprintln!("cannot unmount {}: {error}", self.0.path().display());
        }
    }
}

/// Orders are refused while SQLite's disk is full, and taken when there is room again; what was acknowledged stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_full_disk_under_sqlite() -> Result<()> {
    let Some(disk) = Small::mount()? else {
        not_run("only root may mount a small disk");
        return Ok(());
    };
    let demo = Demo::swept_in(disk.path())?;
    let account = Account::default();
    let running = demo.start()?;
    let base = running.base();
    let place = async |prefix: &str, count: i64| {
        let mut replies = Vec::new();
        for number in 0..count {
            let id = format!("{prefix}-{number}");
            account.sending(&id, number);
            let reply = demo.client.order(&base, &id, number).await;
            if reply == Reply::Kept {
                account.acknowledged(&id);
            }
            replies.push(reply);
        }
        replies
    };
    ensure!(place("roomy", 20).await.iter().all(|reply| *reply == Reply::Kept), "{}", running.log());
    demo.settled(&running, &account, SOON).await?;

    let ballast = disk.fill()?;
    let replies = place("full", 300).await;
    let refused = replies.iter().filter(|reply| **reply != Reply::Kept).count();
    ensure!(refused > 0, "the disk was not full");
    ensure!(replies.last() == Some(&Reply::Refused(503)), "{:?}\n{}", replies.last(), running.log());
    ensure!(replies.iter().all(|reply| matches!(reply, Reply::Kept | Reply::Refused(503))), "{replies:?}");

    std::fs::remove_file(&ballast).context("the ballast")?;
    ensure!(place("again", 20).await.iter().all(|reply| *reply == Reply::Kept), "{}", running.log());
    let verdict = demo.settled(&running, &account, SOON).await?;
    eprintln!("{verdict}");
    Ok(())
}
