//! Shrinking while decoding: rows of a large picture are averaged into cells as they come, so that the whole picture is
//! never held. It stops at twice the size that is wanted or less, and leaves the rest to a better filter.
use crate::model::{Raster, Size};

/// Averages blocks of pixels, each `columns` wide and `rows` high (smaller at the right and lower edges).
pub(crate) struct Shrink {
    from: Size,
    to: Size,
    columns: u32,
    rows: u32,
    sums: Vec<u32>,
}

impl Shrink {
    /// The most that can be shrunk from `from` without falling below `target` on either side.
    pub(crate) fn new(from: Size, target: Size) -> Self {
        let columns = (from.width / target.width.max(1)).max(1);
        let rows = (from.height / target.height.max(1)).max(1);
        let to = Size { width: from.width.div_ceil(columns), height: from.height.div_ceil(rows) };
        Self { from, to, columns, rows, sums: vec![0; to.pixels() as usize * Raster::PIXEL] }
    }

    /// What the sums hold, in bytes.
    pub(crate) fn memory(from: Size, target: Size) -> u64 {
        let side = |from: u32, target: u32| u64::from(from.div_ceil((from / target.max(1)).max(1)));
        side(from.width, target.width) * side(from.height, target.height) * (4 + 1) * Raster::PIXEL as u64
    }

    /// Adds pixels of row `y` that lie at `first`, `first + step`, `first + 2 * step`, …
    pub(crate) fn add(&mut self, y: u32, first: u32, step: u32, mut pixels: impl Iterator<Item = [u8; 3]>) {
        let stride = self.to.width as usize * Raster::PIXEL;
        let start = (y / self.rows) as usize * stride;
        let Some(row) = self.sums.get_mut(start..start + stride) else { return };
        let (cells, _) = row.as_chunks_mut::<{ Raster::PIXEL }>();
        if (first, step) == (0, 1) {
            // Whole rows are nearly all there is, and go without a division for each pixel.
            for cell in cells {
                for pixel in pixels.by_ref().take(self.columns as usize) {
                    add(cell, pixel);
                }
            }
            return;
        }
        for (x, pixel) in (first..self.from.width).step_by(step.max(1) as usize).zip(pixels) {
            if let Some(cell) = cells.get_mut((x / self.columns) as usize) {
                add(cell, pixel);
            }
        }
    }

    /// The averages. Pixels that were never added count as black.
    pub(crate) fn finish(self) -> Option<Raster> {
        let across = |x: u32| self.columns.min(self.from.width - x * self.columns);
        let widths: Vec<u32> = (0..self.to.width).map(across).collect();
        let mut rgb = Vec::with_capacity(self.sums.len());
        for (y, row) in self.sums.chunks_exact(self.to.width as usize * Raster::PIXEL).enumerate() {
            let height = self.rows.min(self.from.height - y as u32 * self.rows);
            for (cell, width) in row.chunks_exact(Raster::PIXEL).zip(&widths) {
                let count = (width * height).max(1);
                rgb.extend(cell.iter().map(|sum| u8::try_from((sum + count / 2) / count).unwrap_or(u8::MAX)));
            }
        }
        Raster::new(self.to, rgb)
    }
}

fn add(sums: &mut [u32; Raster::PIXEL], pixel: [u8; Raster::PIXEL]) {
    for (sum, sample) in sums.iter_mut().zip(pixel) {
        *sum += u32::from(sample);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: u32, height: u32) -> Size {
        Size { width, height }
    }

    #[test]
    fn a_picture_that_is_small_enough_is_kept_as_it_is() {
        let mut shrink = Shrink::new(size(3, 1), size(2, 1));
        shrink.add(0, 0, 1, [[1, 2, 3], [4, 5, 6], [7, 8, 9]].into_iter());
        assert_eq!(shrink.finish().unwrap().rgb(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }

    #[test]
    fn blocks_become_their_average_also_at_the_edges() {
        let mut shrink = Shrink::new(size(5, 2), size(2, 1));
        for (y, values) in [[10, 20, 30, 40, 50], [20, 30, 40, 50, 60]].into_iter().enumerate() {
            shrink.add(y as u32, 0, 1, values.into_iter().map(|value| [value, 0, 255]));
        }
        let raster = shrink.finish().unwrap();
        assert_eq!(raster.size(), size(3, 1));
        assert_eq!(raster.rgb(), [20, 0, 255, 40, 0, 255, 55, 0, 255]);
    }

    #[test]
    fn pixels_may_come_in_any_order() {
        let mut shrink = Shrink::new(size(4, 1), size(2, 1));
        shrink.add(0, 1, 2, [[30; 3], [70; 3]].into_iter());
        shrink.add(0, 0, 2, [[10; 3], [50; 3]].into_iter());
        assert_eq!(shrink.finish().unwrap().rgb(), [20, 20, 20, 60, 60, 60]);
    }

    #[test]
    fn no_shape_of_picture_needs_much_memory() {
        for (width, height) in [(65_535, 1200), (1, 65_535), (8944, 8944), (2559, 2559), (1281, 1281)] {
            let from = size(width, height);
            assert!(Shrink::memory(from, from.fit(1280)) <= 100 << 20, "{width} x {height}");
        }
    }
}
