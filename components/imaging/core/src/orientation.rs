//! Which way up a picture is (EXIF tag 0x0112), and turning it.
use crate::model::{Raster, Size};

/// EXIF values 1 to 8: where the first row and first column of the stored pixels belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Orientation(u8);

/// EXIF beyond this is not a camera's, and is not read. A JPEG cannot hold more in one segment.
const LONGEST_EXIF: usize = 64 << 10;

impl Orientation {
    /// As stored.
    pub(crate) const UPRIGHT: Self = Self(1);

    /// Reads the orientation from a TIFF block (after JPEG's `Exif\0\0`, or a PNG's `eXIf`). What cannot be read is
    /// upright: a bad tag is no reason to refuse a good picture.
    pub(crate) fn from_exif(tiff: &[u8]) -> Self {
        if tiff.len() > LONGEST_EXIF {
            return Self::UPRIGHT;
        }
        let Ok(fields) = exif::Reader::new().read_raw(tiff.to_vec()) else { return Self::UPRIGHT };
        let value = fields
            .get_field(exif::Tag::Orientation, exif::In::PRIMARY)
            .and_then(|field| field.value.get_uint(0))
            .and_then(|value| u8::try_from(value).ok());
        match value {
            Some(value @ 1..=8) => Self(value),
            _ => Self::UPRIGHT,
        }
    }

    /// Whether width and height change places.
    fn turns(self) -> bool {
        self.0 >= 5
    }

    /// The size of the upright picture, or, applied to that, of the stored one.
    pub(crate) fn size(self, size: Size) -> Size {
        if self.turns() { size.transposed() } else { size }
    }

    /// Turns stored pixels upright.
    pub(crate) fn apply(self, raster: Raster) -> Raster {
        match self.0 {
            2 => mirrored(raster),
            3 => reversed(raster),
            4 => flipped(raster),
            5 => transposed(raster),
            6 => mirrored(transposed(raster)),
            7 => reversed(transposed(raster)),
            8 => flipped(transposed(raster)),
            _ => raster,
        }
    }
}

fn swap_pixels(row: &mut [u8]) {
    // Reversing all bytes also reverses each pixel's; the second pass puts those back.
    row.reverse();
    for pixel in row.chunks_exact_mut(Raster::PIXEL) {
        pixel.reverse();
    }
}

/// Left becomes right.
fn mirrored(mut raster: Raster) -> Raster {
    let stride = raster.stride();
    for row in raster.rgb_mut().chunks_exact_mut(stride) {
        swap_pixels(row);
    }
    raster
}

/// Turned by half a circle.
fn reversed(mut raster: Raster) -> Raster {
    swap_pixels(raster.rgb_mut());
    raster
}

/// Top becomes bottom.
fn flipped(raster: Raster) -> Raster {
    reversed(mirrored(raster))
}

/// Rows become columns.
fn transposed(raster: Raster) -> Raster {
    let stride = raster.stride();
    let mut rgb = Vec::with_capacity(raster.rgb().len());
    for x in (0..stride).step_by(Raster::PIXEL) {
        for row in raster.rgb().chunks_exact(stride) {
            rgb.extend_from_slice(row.get(x..x + Raster::PIXEL).unwrap_or_default());
        }
    }
    Raster::new(raster.size().transposed(), rgb).unwrap_or(raster)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pixels named by letters, as the EXIF standard draws them.
    fn picture(rows: &[&str]) -> Raster {
        let size = Size { width: rows[0].len() as u32, height: rows.len() as u32 };
        let rgb = rows.concat().bytes().flat_map(|byte| [byte, byte + 1, byte + 2]).collect();
        Raster::new(size, rgb).unwrap()
    }

    #[test]
    fn each_orientation_comes_out_upright() {
        let upright = picture(&["abc", "def"]);
        let stored: [(u8, &[&str]); 9] = [
            (1, &["abc", "def"]),
            (2, &["cba", "fed"]),
            (3, &["fed", "cba"]),
            (4, &["def", "abc"]),
            (5, &["ad", "be", "cf"]),
            (6, &["cf", "be", "ad"]),
            (7, &["fc", "eb", "da"]),
            (8, &["da", "eb", "fc"]),
            (1, &["abc", "def"]),
        ];
        for (value, rows) in stored {
            let raster = picture(rows);
            let orientation = Orientation(value);
            assert_eq!(orientation.size(raster.size()), upright.size(), "orientation {value}");
            assert_eq!(orientation.apply(raster), upright, "orientation {value}");
        }
    }

    #[test]
    fn what_is_no_exif_is_upright() {
        for tiff in [&b""[..], b"II*\0", b"MM\0*\0\0\0\x08\xFF\xFF", &[0x49; 70_000]] {
            assert_eq!(Orientation::from_exif(tiff), Orientation::UPRIGHT);
        }
    }

    #[test]
    fn values_outside_one_to_eight_are_upright() {
        let tiff = |value: u8| {
            [b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(), &[value, 0, 0, 0], &[0; 4]].concat()
        };
        assert_eq!(Orientation::from_exif(&tiff(6)), Orientation(6));
        assert_eq!(Orientation::from_exif(&tiff(0)), Orientation::UPRIGHT);
        assert_eq!(Orientation::from_exif(&tiff(9)), Orientation::UPRIGHT);
    }
}
