//! Which way up a picture is (EXIF tag 0x0112), and turning it.
use crate::model::Size;
use crate::raster::Raster;

/// EXIF values 1 to 8: where the first row and first column of the stored pixels belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Orientation(u8);

/// EXIF beyond this is not a camera's, and is not read. A JPEG cannot hold more in one segment.
const LONGEST_EXIF: usize = 64 << 10;

impl Orientation {
    /// As stored.
    pub(crate) const UPRIGHT: Self = Self(1);

    /// The orientation of that number, or upright if it is none.
    pub(crate) fn of(value: u32) -> Self {
        u8::try_from(value).ok().filter(|value| (1..=8).contains(value)).map_or(Self::UPRIGHT, Self)
    }

    /// Reads the orientation from a TIFF block (after JPEG's `Exif\0\0`, or a PNG's `eXIf`). What cannot be read is
    /// upright: a bad tag is no reason to refuse a good picture.
    pub(crate) fn from_exif(tiff: &[u8]) -> Self {
        if tiff.len() > LONGEST_EXIF {
            return Self::UPRIGHT;
        }
        // Some writers repeat JPEG's prefix where the format has no need of it.
        let tiff = tiff.strip_prefix(b"Exif\0\0").unwrap_or(tiff);
        let Ok(fields) = exif::Reader::new().read_raw(tiff.to_vec()) else { return Self::UPRIGHT };
        let field = fields.get_field(exif::Tag::Orientation, exif::In::PRIMARY);
        field.and_then(|field| field.value.get_uint(0)).map_or(Self::UPRIGHT, Self::of)
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

fn swap_pixels(row: &mut [u8], bytes: usize) {
    // Reversing all bytes also reverses each pixel's; the second pass puts those back.
    row.reverse();
    for pixel in row.chunks_exact_mut(bytes) {
        pixel.reverse();
    }
}

/// Left becomes right.
fn mirrored(mut raster: Raster) -> Raster {
    let (stride, bytes) = (raster.stride(), raster.pixel().bytes());
    for row in raster.data_mut().chunks_exact_mut(stride) {
        swap_pixels(row, bytes);
    }
    raster
}

/// Turned by half a circle.
fn reversed(mut raster: Raster) -> Raster {
    let bytes = raster.pixel().bytes();
    swap_pixels(raster.data_mut(), bytes);
    raster
}

/// Top becomes bottom.
fn flipped(raster: Raster) -> Raster {
    reversed(mirrored(raster))
}

/// Rows become columns.
fn transposed(raster: Raster) -> Raster {
    let (stride, bytes) = (raster.stride(), raster.pixel().bytes());
    let mut data = Vec::with_capacity(raster.data().len());
    for x in (0..stride).step_by(bytes) {
        for row in raster.rows() {
            data.extend_from_slice(row.get(x..x + bytes).unwrap_or_default());
        }
    }
    Raster::new(raster.size().transposed(), raster.pixel(), data).unwrap_or(raster)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Pixel;

    /// Pixels named by letters, as the EXIF standard draws them.
    fn picture(rows: &[&str]) -> Raster {
        let size = Size { width: rows[0].len() as u32, height: rows.len() as u32 };
        let data = rows.concat().bytes().flat_map(|byte| [byte, byte + 1, byte + 2, byte + 3]).collect();
        Raster::new(size, Pixel::Rgba, data).unwrap()
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
