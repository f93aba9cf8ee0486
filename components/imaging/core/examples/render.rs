//! Renders picture files natively and says how long each took: `render [--out DIR] FILE…`.
use std::path::{Path, PathBuf};
use std::time::Instant;

use imaging_core::{Limits, render};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out: Option<PathBuf> = None;
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--out" {
            out = arguments.next().map(PathBuf::from);
            continue;
        }
        let path = Path::new(&argument);
        let bytes = std::fs::read(path)?;
        let start = Instant::now();
        let result = render(&bytes, &Limits::default());
        let took = start.elapsed().as_secs_f64() * 1000.0;
        match result {
            Ok(rendered) => {
                let sizes: Vec<_> = rendered.renditions.iter().map(|it| it.bytes.len()).collect();
                println!("{}: {took:.0} ms, {:?} -> {sizes:?} bytes", path.display(), rendered.original);
                for rendition in out.iter().flat_map(|_| &rendered.renditions) {
                    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                    let ending = rendition.media.media_type().rsplit('/').next().unwrap_or_default();
                    let file = format!("{stem}-{}.{ending}", rendition.name);
                    std::fs::write(out.clone().unwrap_or_default().join(file), &rendition.bytes)?;
                }
            }
            Err(failure) => println!("{}: {took:.0} ms, {failure}", path.display()),
        }
    }
    Ok(())
}
