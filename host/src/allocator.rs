//! The allocator of the program, and how soon it gives memory back to the system.

use std::env;
use std::os::unix::process::CommandExt;
use std::process::Command;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long memory that was freed is kept for the next use, in milliseconds (a setting of mimalloc).
const PURGE_DELAY: &str = "MIMALLOC_PURGE_DELAY";
/// What was taken for compiling and for a burst of requests goes back soon. By mimalloc's own choice (a second) it stays:
/// once it is due, an idle process does nothing more that would look at it.
const SOON: &str = "10";

/// Has the allocator give memory back soon, unless the environment says otherwise.
///
/// mimalloc reads its settings from the environment, and does so before `main`: the program takes its own place once, as
/// the same process, with the setting made. Where that cannot be done it goes on as it is.
pub(crate) fn give_back_soon() {
    if env::var_os(PURGE_DELAY).is_some() {
        return;
    }
    let mut arguments = env::args_os();
    if let (Ok(program), Some(name)) = (env::current_exe(), arguments.next()) {
        let error = Command::new(program).arg0(name).args(arguments).env(PURGE_DELAY, SOON).exec();
        eprintln!("vitrine: memory is given back later than it could be: {error}");
    }
}
