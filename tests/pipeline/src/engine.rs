//! Engines for the worker: the real one without its sandbox, and one that dies.
use image_processor_core::{Engine, Failure, Rendered, Rendition};

/// `imaging-core`, called directly.
#[derive(Debug, Clone, Copy)]
pub struct Native;

impl Engine for Native {
    fn render(&self, picture: &[u8]) -> Result<Rendered, Failure> {
        let rendered = imaging_core::render(picture, &imaging_core::Limits::default())?;
        let renditions = rendered.renditions.into_iter().map(|rendition| Rendition {
            name: rendition.name.to_owned(),
            width: rendition.size.width,
            height: rendition.size.height,
            media: rendition.media,
            bytes: rendition.bytes,
        });
        let size = rendered.original;
        Ok(Rendered { width: size.width, height: size.height, renditions: renditions.collect() })
    }
}

/// Takes down whoever calls it, as a trap in the sandbox does.
#[derive(Debug, Clone, Copy)]
pub struct Deadly;

impl Engine for Deadly {
    fn render(&self, _: &[u8]) -> Result<Rendered, Failure> {
        std::panic::resume_unwind(Box::new("the engine trapped"))
    }
}
