//! Shrinking while decoding: rows of a large picture are averaged into cells as they come, so that the whole picture is
//! never held. It stops at twice the size that is wanted or less, and leaves the rest to a better filter.
use crate::model::Size;
use crate::raster::{Pixel, Raster};

/// Averages blocks of pixels of `N` samples, each `columns` wide and `rows` high (smaller at the right and lower edges).
/// Where a block is one pixel, pixels are kept as they are. Four samples are colour and alpha: a colour counts as much as
/// it is opaque.
pub(crate) struct Shrink<const N: usize> {
    from: Size,
    to: Size,
    columns: u32,
    rows: u32,
    cells: Cells<N>,
}

enum Cells<const N: usize> {
    Pixels(Vec<[u8; N]>),
    Sums(Vec<[u32; N]>),
}

/// How many columns and rows become one: the most that does not fall below `target` on either side.
fn block(from: Size, target: Size) -> (u32, u32) {
    ((from.width / target.width.max(1)).max(1), (from.height / target.height.max(1)).max(1))
}

impl<const N: usize> Shrink<N> {
    /// The most that can be shrunk from `from` without falling below `target` on either side.
    pub(crate) fn new(from: Size, target: Size) -> Self {
        let (columns, rows) = block(from, target);
        let to = Size { width: from.width.div_ceil(columns), height: from.height.div_ceil(rows) };
        let count = to.pixels() as usize;
        let cells =
            if columns * rows == 1 { Cells::Pixels(vec![[0; N]; count]) } else { Cells::Sums(vec![[0; N]; count]) };
        Self { from, to, columns, rows, cells }
    }

    /// What is held at once, in bytes.
    pub(crate) fn memory(from: Size, target: Size) -> u64 {
        let (columns, rows) = block(from, target);
        let each = if columns * rows == 1 { 1 } else { 4 + 1 };
        u64::from(from.width.div_ceil(columns)) * u64::from(from.height.div_ceil(rows)) * each * N as u64
    }

    /// Adds pixels of row `y` that lie at `first`, `first + step`, `first + 2 * step`, …
    pub(crate) fn add(&mut self, y: u32, first: u32, step: u32, pixels: impl Iterator<Item = [u8; N]>) {
        let width = self.to.width as usize;
        let start = (y / self.rows) as usize * width;
        let columns = self.columns as usize;
        let places = (first as usize..self.from.width as usize).step_by(step.max(1) as usize);
        match &mut self.cells {
            Cells::Pixels(cells) => {
                let Some(row) = cells.get_mut(start..start + width) else { return };
                for (cell, pixel) in row.iter_mut().skip(first as usize).step_by(step.max(1) as usize).zip(pixels) {
                    *cell = pixel;
                }
            }
            Cells::Sums(cells) => {
                let Some(row) = cells.get_mut(start..start + width) else { return };
                if (first, step) == (0, 1) {
                    // Whole rows are nearly all there is, and go without a division for each pixel.
                    let mut pixels = pixels;
                    for cell in row {
                        for pixel in pixels.by_ref().take(columns) {
                            add(cell, pixel);
                        }
                    }
                    return;
                }
                for (x, pixel) in places.zip(pixels) {
                    if let Some(cell) = row.get_mut(x / columns) {
                        add(cell, pixel);
                    }
                }
            }
        }
    }

    /// The averages. Pixels that were never added count as black, or as clear.
    pub(crate) fn finish(self) -> Option<Raster> {
        let pixel = if N == 4 { Pixel::Rgba } else { Pixel::Rgb };
        let sums = match self.cells {
            Cells::Pixels(cells) => return Raster::new(self.to, pixel, cells.into_flattened()),
            Cells::Sums(sums) => sums,
        };
        let mut data = Vec::with_capacity(sums.len() * N);
        for (y, row) in sums.chunks_exact(self.to.width as usize).enumerate() {
            let height = self.rows.min(self.from.height - y as u32 * self.rows);
            for (x, cell) in row.iter().enumerate() {
                let width = self.columns.min(self.from.width - x as u32 * self.columns);
                data.extend(average(cell, (width * height).max(1)));
            }
        }
        Raster::new(self.to, pixel, data)
    }
}

fn add<const N: usize>(sums: &mut [u32; N], pixel: [u8; N]) {
    // A block has at most 32 x 32 pixels, so sums of products stay far below 2^32.
    let alpha = if N == 4 { pixel.last().copied().unwrap_or(u8::MAX) } else { 1 };
    for (at, (sum, sample)) in sums.iter_mut().zip(pixel).enumerate() {
        *sum += if at == 3 { u32::from(sample) } else { u32::from(sample) * u32::from(alpha) };
    }
}

fn average<const N: usize>(cell: &[u32; N], count: u32) -> [u8; N] {
    let opaque = if N == 4 { cell.last().copied().unwrap_or(0) } else { count };
    let mut at = 0;
    cell.map(|sum| {
        let divisor = if at == 3 { count } else { opaque }.max(1);
        at += 1;
        u8::try_from((sum + divisor / 2) / divisor).unwrap_or(u8::MAX)
    })
}

/// Shrinks a whole picture, which is let go.
pub(crate) fn shrink(raster: Raster, target: Size) -> Option<Raster> {
    fn shrunk<const N: usize>(raster: &Raster, target: Size) -> Option<Raster> {
        let mut shrink = Shrink::<N>::new(raster.size(), target);
        for (y, row) in (0..).zip(raster.rows()) {
            shrink.add(y, 0, 1, row.as_chunks::<N>().0.iter().copied());
        }
        shrink.finish()
    }
    match (block(raster.size(), target), raster.pixel()) {
        ((1, 1), _) | (_, Pixel::Cmyk) => Some(raster),
        (_, Pixel::Rgb) => shrunk::<3>(&raster, target),
        (_, Pixel::Rgba) => shrunk::<4>(&raster, target),
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
        assert_eq!(shrink.finish().unwrap().data(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        let mut shrink = Shrink::new(size(4, 1), size(4, 1));
        shrink.add(0, 1, 2, [[30; 3], [70; 3]].into_iter());
        shrink.add(0, 0, 2, [[10; 3], [50; 3]].into_iter());
        assert_eq!(shrink.finish().unwrap().data(), [10, 10, 10, 30, 30, 30, 50, 50, 50, 70, 70, 70]);
    }

    #[test]
    fn blocks_become_their_average_also_at_the_edges() {
        let mut shrink = Shrink::new(size(5, 2), size(2, 1));
        for (y, values) in [[10, 20, 30, 40, 50], [20, 30, 40, 50, 60]].into_iter().enumerate() {
            shrink.add(y as u32, 0, 1, values.into_iter().map(|value| [value, 0, 255]));
        }
        let raster = shrink.finish().unwrap();
        assert_eq!(raster.size(), size(3, 1));
        assert_eq!(raster.data(), [20, 0, 255, 40, 0, 255, 55, 0, 255]);
    }

    #[test]
    fn pixels_may_come_in_any_order() {
        let mut shrink = Shrink::new(size(4, 1), size(2, 1));
        shrink.add(0, 1, 2, [[30; 3], [70; 3]].into_iter());
        shrink.add(0, 0, 2, [[10; 3], [50; 3]].into_iter());
        assert_eq!(shrink.finish().unwrap().data(), [20, 20, 20, 60, 60, 60]);
    }

    #[test]
    fn what_is_clear_lends_no_colour() {
        let pixels = [200, 100, 0, 255, 0, 0, 0, 0, 9, 9, 9, 0, 9, 9, 9, 0].to_vec();
        let raster = Raster::new(size(4, 1), Pixel::Rgba, pixels).unwrap();
        assert_eq!(shrink(raster, size(2, 1)).unwrap().data(), [200, 100, 0, 128, 0, 0, 0, 0]);
    }

    #[test]
    fn no_shape_of_picture_needs_much_memory() {
        // 6143 is the worst: 2 by 2 pixels become one, where 3 by 3 would be a little too much.
        for (width, height) in [(65_535, 1200), (1, 65_535), (8944, 8944), (6143, 6143), (4095, 4095), (2049, 2049)] {
            let from = size(width, height);
            assert!(Shrink::<4>::memory(from, from.covering()) <= 190_000_000, "{width} x {height}");
        }
    }
}
