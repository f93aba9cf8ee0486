//! Log lines on standard error, where Spin and the host collect them.

use tracing::{Level, level_filters::LevelFilter};

/// Starts the log of this instance. The time, the component and the level to show are the runtime's to add.
pub(crate) fn init() {
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(LevelFilter::from_level(Level::INFO))
        .with_target(false)
        .with_writer(std::io::stderr)
        .without_time()
        .finish();
    // It fails only if there is a log already, which serves as well.
    drop(tracing::subscriber::set_global_default(subscriber));
}
