//! A folder that the user whom PostgreSQL runs as can reach: the server refuses to be root.

use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use tempfile::NamedTempFile;

use crate::process::run;

/// Whom root runs PostgreSQL as, the first that exists.
const USERS: [&str; 2] = ["postgres", "nobody"];
/// Where the data lies when that user cannot reach the folder: kept over a restart of the machine, and reached by all.
const ELSEWHERE: &str = "/var/tmp";

struct User {
    uid: u32,
    gid: u32,
}

/// A command of PostgreSQL's own, run as who may run it.
pub(super) fn command(program: &Path) -> Result<Command> {
    let mut command = Command::new(program);
    command.current_dir("/");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
    if let Some(user) = unprivileged()? {
        command.uid(user.uid).gid(user.gid);
    }
    Ok(command)
}

/// Makes the folder, or a link to one that the user can reach.
pub(super) fn prepare(home: &Path) -> Result<()> {
    if home.is_dir() {
        return Ok(());
    }
    let failed = || format!("cannot create {}", home.display());
    // A link whose folder was removed.
    if home.is_symlink() {
        std::fs::remove_file(home).with_context(failed)?;
    }
    std::fs::create_dir_all(home).with_context(failed)?;
    std::fs::set_permissions(home, std::fs::Permissions::from_mode(0o700)).with_context(failed)?;
    let Some(user) = unprivileged()? else { return Ok(()) };
    chown(home, Some(user.uid), Some(user.gid)).with_context(failed)?;
    if reaches(&user, home)? {
        return Ok(());
    }
    std::fs::remove_dir(home).with_context(failed)?;
    let folder =
        tempfile::Builder::new().prefix("vitrine-postgres-").tempdir_in(ELSEWHERE).with_context(failed)?.keep();
    chown(&folder, Some(user.uid), Some(user.gid)).with_context(failed)?;
    symlink(&folder, home).with_context(failed)
}

/// Removes the folder, and the one that it links to.
pub(super) fn remove(home: &Path) -> Result<()> {
    let failed = || format!("cannot remove {}", home.display());
    let linked = std::fs::read_link(home).ok();
    if let Some(folder) = &linked {
        std::fs::remove_file(home).with_context(failed)?;
        if folder.is_dir() {
            std::fs::remove_dir_all(folder).with_context(failed)?;
        }
    } else if home.is_dir() {
        std::fs::remove_dir_all(home).with_context(failed)?;
    }
    Ok(())
}

/// A file with a secret that the user may read; it is gone when this is dropped.
pub(super) fn secret(home: &Path, text: &str) -> Result<NamedTempFile> {
    let mut file = NamedTempFile::new_in(home).with_context(|| format!("cannot write to {}", home.display()))?;
    writeln!(file, "{text}")?;
    if let Some(user) = unprivileged()? {
        chown(file.path(), Some(user.uid), Some(user.gid))?;
    }
    Ok(file)
}

/// Whom to run as, when this process is root.
fn unprivileged() -> Result<Option<User>> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    for name in USERS {
        let id = |which: &str| run(Command::new("id").args([which, name])).ok()?.trim().parse().ok();
        if let (Some(uid), Some(gid)) = (id("-u"), id("-g")) {
            return Ok(Some(User { uid, gid }));
        }
    }
    bail!("PostgreSQL refuses to run as root, and there is no user {}", USERS.join(" or "))
}

fn reaches(user: &User, folder: &Path) -> Result<bool> {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "cd \"$1\"", "sh"]).arg(folder).uid(user.uid).gid(user.gid).current_dir("/");
    let status = shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    Ok(status.context("cannot start /bin/sh")?.success())
}
