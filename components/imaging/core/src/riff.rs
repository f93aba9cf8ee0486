//! The sizes that the streams inside of a WebP declare (RFC 9649), which a decoder believes before it compares them with the
//! size of the file.
use crate::error::{Defect, Failure, Format};
use crate::model::{Limits, Size};

/// What the streams of a file come to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Streams {
    /// Frames of an animation.
    pub(crate) frames: u32,
    /// The most pixels of one stream.
    pub(crate) pixels: u64,
}

/// Bytes before the streams of a frame: position, size, duration, flags.
const FRAME_HEADER: usize = 16;

/// Walks over all chunks and checks every size.
pub(crate) fn streams(file: &[u8], limits: &Limits) -> Result<Streams, Failure> {
    let mut streams = Streams::default();
    for (kind, chunk) in Chunks(file.get(12..).unwrap_or_default()) {
        if kind != *b"ANMF" {
            measure(&mut streams, kind, chunk, limits)?;
            continue;
        }
        streams.frames += 1;
        limits.check_frames(streams.frames)?;
        for (kind, chunk) in Chunks(chunk.get(FRAME_HEADER..).unwrap_or_default()) {
            measure(&mut streams, kind, chunk, limits)?;
        }
    }
    Ok(streams)
}

fn measure(streams: &mut Streams, kind: [u8; 4], chunk: &[u8], limits: &Limits) -> Result<(), Failure> {
    let Some(size) = declared(kind, chunk) else { return Ok(()) };
    if size.pixels() == 0 {
        return Err(Failure::Corrupt(Format::Webp, Defect::Header));
    }
    limits.check_size(size)?;
    streams.pixels = streams.pixels.max(size.pixels());
    Ok(())
}

/// The size in the first bytes of a stream; `None` of what is no stream of pixels.
fn declared(kind: [u8; 4], chunk: &[u8]) -> Option<Size> {
    match (&kind, chunk) {
        (b"VP8 ", &[_, _, _, 0x9D, 0x01, 0x2A, w0, w1, h0, h1, ..]) => {
            let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
            Some(Size { width: side(w0, w1), height: side(h0, h1) })
        }
        (b"VP8L", &[0x2F, a, b, c, d, ..]) => {
            let header = u32::from_le_bytes([a, b, c, d]);
            Some(Size { width: (header & 0x3FFF) + 1, height: (header >> 14 & 0x3FFF) + 1 })
        }
        _ => None,
    }
}

/// The chunks of a RIFF list; the last one may be cut off.
struct Chunks<'a>(&'a [u8]);

impl<'a> Iterator for Chunks<'a> {
    type Item = ([u8; 4], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (&[k0, k1, k2, k3, l0, l1, l2, l3], rest) = self.0.split_first_chunk()?;
        let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
        let chunk = rest.get(..length.min(rest.len())).unwrap_or_default();
        self.0 = rest.get(length.saturating_add(length % 2)..).unwrap_or_default();
        Some(([k0, k1, k2, k3], chunk))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Quantity;

    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let pad: &[u8] = if data.len() % 2 == 1 { &[0] } else { &[] };
        [kind, &(data.len() as u32).to_le_bytes()[..], data, pad].concat()
    }

    fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
        [b"RIFF\0\0\0\0WEBP".to_vec(), chunks.concat()].concat()
    }

    const LOSSY: [u8; 10] = [0, 0, 0, 0x9D, 0x01, 0x2A, 0x10, 0x00, 0x20, 0x00];

    #[test]
    fn sizes_are_read_where_they_are() {
        let lossless = chunk(b"VP8L", &[0x2F, 0x09, 0xC0, 0x04, 0x10]);
        let frame = chunk(b"ANMF", &[&[0; 16][..], &chunk(b"ALPH", &[1, 2, 3]), &chunk(b"VP8 ", &LOSSY)].concat());
        let limits = Limits::default();
        assert_eq!(streams(&file(&[lossless]), &limits), Ok(Streams { frames: 0, pixels: 10 * 20 }));
        assert_eq!(streams(&file(&[frame.clone(), frame]), &limits), Ok(Streams { frames: 2, pixels: 16 * 32 }));
        assert_eq!(streams(b"RIFF", &limits), Ok(Streams::default()));
    }

    #[test]
    fn a_stream_that_declares_more_than_the_file_is_refused() {
        let mut lossy = LOSSY;
        lossy[6..].copy_from_slice(&[0xFF, 0x3F, 0xFF, 0x3F]);
        let failure = streams(&file(&[chunk(b"VP8 ", &lossy)]), &Limits::default()).unwrap_err();
        assert!(matches!(failure, Failure::TooLarge { quantity: Quantity::Pixels, .. }), "{failure}");
    }
}
