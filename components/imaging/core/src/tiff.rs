//! The directories of a TIFF (TIFF 6.0, section 2), a chain of which each says where the next one is: counted, and what they
//! declare checked, before a decoder looks at them.
use crate::error::{Defect, Failure, Format};
use crate::model::{Limits, Size};

/// Bytes of one entry of a directory.
const ENTRY: usize = 12;

/// `ImageWidth` and `ImageLength`.
const SIZE: [u16; 2] = [256, 257];

/// Counts directories, to one beyond the limit: a chain that leads back to itself is one without end. A chain that leads out
/// of the file ends there.
pub(crate) fn pages(file: &[u8], limits: &Limits) -> Result<u32, Failure> {
    let little = file.starts_with(b"II");
    let short = |at: usize| {
        let bytes = *file.get(at..)?.first_chunk()?;
        Some(if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let long = |at: usize| {
        let bytes = *file.get(at..)?.first_chunk()?;
        Some(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    };
    // Of type SHORT, or else of LONG, which is where a value of one pixel can be.
    let side = |entry: usize| {
        if short(entry.saturating_add(2)) == Some(3) {
            short(entry.saturating_add(8)).map(u32::from)
        } else {
            long(entry.saturating_add(8))
        }
    };
    let mut pages = 0;
    let mut at = long(4);
    while let Some((start, entries)) = at.filter(|&at| at != 0).and_then(|at| Some((at as usize, short(at as usize)?)))
    {
        pages += 1;
        limits.check_frames(pages)?;
        let places = (0..usize::from(entries)).map(|entry| start.saturating_add(2 + entry * ENTRY));
        let declared = |tag| places.clone().find(|&entry| short(entry) == Some(tag)).and_then(side);
        if let [Some(width), Some(height)] = SIZE.map(declared) {
            limits.check_size(Size { width, height })?;
        }
        at = long(start.saturating_add(2 + usize::from(entries) * ENTRY));
    }
    if pages == 0 { Err(Failure::Corrupt(Format::Tiff, Defect::Header)) } else { Ok(pages) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Quantity;

    #[test]
    fn directories_are_counted_in_both_byte_orders() {
        let empty = |next: u8| [0, 0, next, 0, 0, 0];
        let two = [b"II*\0\x08\0\0\0".as_slice(), &empty(14), &empty(0)].concat();
        assert_eq!(pages(&two, &Limits::default()), Ok(2));
        assert_eq!(pages(b"MM\0*\0\0\0\x08\0\0\0\0\0\0", &Limits::default()), Ok(1));
        assert_eq!(pages(b"MM\0*\0\0\0\x08", &Limits::default()), Err(Failure::Corrupt(Format::Tiff, Defect::Header)));
    }

    #[test]
    fn a_chain_without_end_is_refused() {
        let ring = b"II*\0\x08\0\0\0\0\0\x08\0\0\0";
        let excess = Failure::TooLarge { quantity: Quantity::Frames, value: 201, limit: 200 };
        assert_eq!(pages(ring, &Limits::default()), Err(excess));
    }
}
