//! The colours of a picture: pixels are counted in cells of the colour cube, the cells gathered around six centres, and each
//! centre named. Whole numbers throughout, so that every machine finds the same ones.
use std::collections::BTreeMap;

use crate::model::Swatch;

/// Colours at most.
const MOST: usize = 6;

/// A pixel that is less opaque than this is not counted.
const OPAQUE: u8 = 128;

/// Centres are this far apart at least when they are chosen, or else they are one colour to the eye.
const APART: u64 = distance([0; 3], [24; 3]);

/// How often cells are gathered anew.
const ROUNDS: usize = 8;

/// A name for every region of the cube. Those of CSS where it has a short one.
const NAMES: [(&str, [u8; 3]); 26] = [
    ("black", [0, 0, 0]),
    ("dark gray", [70, 70, 70]),
    ("gray", [128, 128, 128]),
    ("light gray", [200, 200, 200]),
    ("white", [255, 255, 255]),
    ("dark red", [110, 15, 15]),
    ("red", [220, 30, 30]),
    ("salmon", [245, 135, 120]),
    ("pink", [250, 190, 205]),
    ("brown", [115, 70, 35]),
    ("tan", [205, 170, 125]),
    ("beige", [240, 230, 205]),
    ("orange", [245, 140, 25]),
    ("yellow", [245, 220, 45]),
    ("olive", [125, 120, 40]),
    ("dark green", [20, 70, 30]),
    ("green", [45, 155, 55]),
    ("light green", [150, 220, 140]),
    ("teal", [20, 125, 125]),
    ("cyan", [70, 215, 225]),
    ("light blue", [165, 205, 240]),
    ("blue", [40, 95, 215]),
    ("navy", [20, 30, 95]),
    ("purple", [120, 45, 150]),
    ("lavender", [195, 170, 230]),
    ("magenta", [220, 50, 170]),
];

/// A cell of the cube: the sum of its pixels, and how many they are.
type Cell = ([u64; 3], u64);

/// At most six colours, the one that covers most first. None if there is nothing to see.
pub(crate) fn palette(pixels: &[[u8; 4]]) -> Vec<Swatch> {
    let cells = cells(pixels);
    let mut centres = seeds(&cells);
    let mut groups = gathered(&cells, &centres);
    for _ in 0..ROUNDS {
        centres = groups.iter().map(mean).collect();
        groups = gathered(&cells, &centres);
    }
    groups.retain(|group| group.1 > 0);
    let all = groups.iter().map(|group| group.1).sum::<u64>().max(1);
    // Which comes first among equals is decided by the colour, so that it is decided.
    groups.sort_by_key(|group| (std::cmp::Reverse(group.1), mean(group)));
    let swatch = |group: &Cell| {
        let rgb = mean(group);
        Swatch { name: name(rgb), rgb, share: u16::try_from((group.1 * 1000 + all / 2) / all).unwrap_or(1000) }
    };
    groups.iter().map(swatch).collect()
}

/// Counts pixels in 4,096 cells.
fn cells(pixels: &[[u8; 4]]) -> Vec<Cell> {
    let mut cells = BTreeMap::<[u8; 3], Cell>::new();
    for &[red, green, blue, _] in pixels.iter().filter(|pixel| matches!(pixel, [.., alpha] if *alpha >= OPAQUE)) {
        let rgb = [red, green, blue];
        add(cells.entry(rgb.map(|sample| sample >> 4)).or_default(), &(rgb.map(u64::from), 1));
    }
    cells.into_values().collect()
}

/// The fullest cell, then again and again the one that is fullest and farthest from those that there are.
fn seeds(cells: &[Cell]) -> Vec<[u8; 3]> {
    let mut seeds: Vec<[u8; 3]> = Vec::new();
    while seeds.len() < MOST {
        let worth = |cell: &&Cell| {
            let colour = mean(cell);
            match seeds.iter().map(|seed| distance(*seed, colour)).min() {
                None => cell.1,
                Some(near) if near < APART => 0,
                Some(near) => near.saturating_mul(cell.1),
            }
        };
        match cells.iter().max_by_key(worth) {
            Some(cell) if worth(&cell) > 0 => seeds.push(mean(cell)),
            _ => break,
        }
    }
    seeds
}

/// The cells around each centre, added up.
fn gathered(cells: &[Cell], centres: &[[u8; 3]]) -> Vec<Cell> {
    let mut groups = vec![Cell::default(); centres.len()];
    for cell in cells {
        let colour = mean(cell);
        let nearest = centres.iter().enumerate().min_by_key(|(_, centre)| distance(**centre, colour));
        if let Some(group) = nearest.and_then(|(at, _)| groups.get_mut(at)) {
            add(group, cell);
        }
    }
    groups
}

fn add(cell: &mut Cell, other: &Cell) {
    for (sum, more) in cell.0.iter_mut().zip(other.0) {
        *sum += more;
    }
    cell.1 += other.1;
}

fn mean(&(sums, count): &Cell) -> [u8; 3] {
    sums.map(|sum| u8::try_from((sum + count / 2) / count.max(1)).unwrap_or(u8::MAX))
}

/// Squared and weighted: green differs most to the eye, red least but one.
const fn distance([r1, g1, b1]: [u8; 3], [r2, g2, b2]: [u8; 3]) -> u64 {
    let (red, green, blue) = (r1.abs_diff(r2) as u64, g1.abs_diff(g2) as u64, b1.abs_diff(b2) as u64);
    3 * red * red + 4 * green * green + 2 * blue * blue
}

fn name(rgb: [u8; 3]) -> &'static str {
    NAMES.iter().min_by_key(|(_, colour)| distance(*colour, rgb)).map_or("", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(pixels: &[[u8; 4]]) -> Vec<(&'static str, u16)> {
        palette(pixels).iter().map(|swatch| (swatch.name, swatch.share)).collect()
    }

    #[test]
    fn what_covers_most_comes_first() {
        let red = vec![[200, 20, 20, 255]; 75];
        let blue = vec![[30, 60, 200, 255]; 25];
        assert_eq!(names(&[red.clone(), blue.clone()].concat()), [("red", 750), ("blue", 250)]);
        assert_eq!(names(&[blue, red].concat()), [("red", 750), ("blue", 250)]);
    }

    #[test]
    fn there_are_six_at_most_and_none_twice() {
        let spread: Vec<_> =
            (0..64_u8).map(|at| [at % 4 * 80, at / 4 % 4 * 80, at / 16 * 80, 255]).flat_map(|it| [it; 3]).collect();
        let palette = palette(&spread);
        assert_eq!(palette.len(), 6);
        assert!(palette.windows(2).all(|pair| pair[0].rgb != pair[1].rgb && pair[0].share >= pair[1].share));
    }

    #[test]
    fn shades_that_look_alike_are_one_colour_and_what_is_clear_is_none() {
        let shades: Vec<_> = (0..12).map(|at| [200 + at, 200, 200, 255]).collect();
        assert_eq!(names(&shades), [("light gray", 1000)]);
        assert_eq!(names(&[[255, 0, 0, 0], [255, 0, 0, 127]]), []);
    }

    #[test]
    fn every_name_is_its_own_nearest() {
        for (name, colour) in NAMES {
            assert_eq!(super::name(colour), name);
        }
    }
}
