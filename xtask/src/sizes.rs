//! `cargo xtask sizes`: how many bytes each component has, and how many a compressed download takes.

use std::io::Write as _;

use anyhow::{Context as _, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::console::Console;
use crate::workspace::Workspace;

pub(crate) fn run(console: &Console, workspace: &Workspace) -> Result<()> {
    let folder = workspace.components_dir();
    let mut rows = Vec::new();
    for entry in std::fs::read_dir(&folder).into_iter().flatten() {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".wasm") && !name.starts_with("guest_") {
            let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            rows.push((name, bytes.len(), compressed(&bytes)?));
        }
    }
    if rows.is_empty() {
        bail!("there is no component in {}: run cargo xtask build", folder.display());
    }
    rows.sort();
    console.say(&format!("{:<28}{:>12}{:>12}", "component", "bytes", "gzip"));
    for (name, plain, small) in &rows {
        console.say(&format!("{name:<28}{plain:>12}{small:>12}"));
    }
    let (plain, small) = rows.iter().fold((0, 0), |sum, row| (sum.0 + row.1, sum.1 + row.2));
    console.say(&format!("{:<28}{plain:>12}{small:>12}", "together"));
    Ok(())
}

fn compressed(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}
