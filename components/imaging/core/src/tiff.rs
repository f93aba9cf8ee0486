//! Counting the pages of a TIFF (TIFF 6.0, section 2): a chain of directories, each of which says where the next one is.
use crate::error::{Defect, Failure, Format};
use crate::model::Limits;

/// Bytes of one entry of a directory.
const ENTRY: usize = 12;

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
        Some(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) } as usize)
    };
    let next = |at: usize| Some((at, long(at.checked_add(2 + usize::from(short(at)?) * ENTRY)?)));
    let mut pages = 0;
    let mut at = long(4);
    while let Some((_, following)) = at.filter(|&at| at != 0).and_then(next) {
        pages += 1;
        limits.check_frames(pages)?;
        at = following;
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
