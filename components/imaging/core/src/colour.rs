//! Colour profiles (ICC.1), turned into sRGB. A profile that is too long, broken or of no use here is ignored, as browsers
//! do: the picture is then read as sRGB, which is no worse than what its sender sees.
use std::sync::Arc;

use moxcms::{ColorProfile, DataColorSpace, Layout, ParsingOptions, TransformExecutor, TransformOptions};

use crate::model::Size;
use crate::raster::{Pixel, Raster};

/// The longest profile that is read, in bytes. Those of printing presses have about two million.
pub(crate) const LONGEST: usize = 4 << 20;

/// The largest table inside of a profile, in bytes; and the longest curve, in steps.
const BOUNDS: (usize, usize) = (4 << 20, 65_536);

/// A profile that can be used.
#[derive(Clone)]
pub(crate) struct Profile(Arc<ColorProfile>);

type Transform = Arc<dyn TransformExecutor<u8> + Send + Sync>;

impl Profile {
    /// Reads a profile of red, green and blue, of gray, or of inks; nothing else.
    pub(crate) fn read(icc: &[u8]) -> Option<Self> {
        if icc.len() >= LONGEST {
            return None;
        }
        let (max_allowed_clut_size, max_allowed_trc_size) = BOUNDS;
        let options = ParsingOptions { max_profile_size: LONGEST, max_allowed_clut_size, max_allowed_trc_size };
        let profile = ColorProfile::new_from_slice_with_options(icc, options).ok()?;
        let known = [DataColorSpace::Rgb, DataColorSpace::Gray, DataColorSpace::Cmyk];
        known.contains(&profile.color_space).then(|| Self(Arc::new(profile)))
    }

    /// Whether it describes inks.
    pub(crate) fn is_of_inks(&self) -> bool {
        self.0.color_space == DataColorSpace::Cmyk
    }

    /// The same picture in sRGB; `None` where the profile does not belong to such pixels, or says sRGB itself.
    fn convert(&self, raster: &Raster) -> Option<Raster> {
        let space = self.0.color_space;
        match raster.pixel() {
            Pixel::Cmyk if space == DataColorSpace::Cmyk => {
                // ICC counts ink, JPEG its absence.
                let ink: Vec<u8> = raster.data().iter().map(|sample| !sample).collect();
                let rgb = through(&self.transform(Layout::Rgba, Layout::Rgb)?, &ink, raster.size(), Pixel::Rgb)?;
                Raster::new(raster.size(), Pixel::Rgb, rgb)
            }
            Pixel::Rgb | Pixel::Rgba if space == DataColorSpace::Gray => {
                let tones: Vec<u8> = (0..=u8::MAX).collect();
                let line = Size { width: 256, height: 1 };
                let table = through(&self.transform(Layout::Gray, Layout::Rgb)?, &tones, line, Pixel::Rgb)?;
                Some(retoned(raster, table.as_chunks().0))
            }
            pixel @ (Pixel::Rgb | Pixel::Rgba) if space == DataColorSpace::Rgb => {
                if self.is_srgb()? {
                    return None;
                }
                let layout = if pixel == Pixel::Rgb { Layout::Rgb } else { Layout::Rgba };
                let data = through(&self.transform(layout, layout)?, raster.data(), raster.size(), pixel)?;
                Raster::new(raster.size(), pixel, data)
            }
            _ => None,
        }
    }

    /// Whether colours spread over the whole cube come out as they went in, but for rounding.
    fn is_srgb(&self) -> Option<bool> {
        const STEPS: [u8; 6] = [0, 51, 102, 153, 204, 255];
        let cube: Vec<u8> =
            STEPS.iter().flat_map(|&r| STEPS.iter().flat_map(move |&g| STEPS.map(|b| [r, g, b]))).flatten().collect();
        let line = Size { width: 216, height: 1 };
        let out = through(&self.transform(Layout::Rgb, Layout::Rgb)?, &cube, line, Pixel::Rgb)?;
        Some(cube.iter().zip(&out).all(|(one, other)| one.abs_diff(*other) <= 1))
    }

    fn transform(&self, from: Layout, to: Layout) -> Option<Transform> {
        let options = TransformOptions { prefer_fixed_point: true, ..TransformOptions::default() };
        self.0.create_transform_8bit(from, &ColorProfile::new_srgb(), to, options).ok()
    }
}

/// The picture in sRGB: by its profile if it has one that is of use, and inks without one as decoders do.
pub(crate) fn to_srgb(raster: Raster, profile: Option<&Profile>) -> Raster {
    match profile.and_then(|profile| profile.convert(&raster)) {
        Some(converted) => converted,
        None if raster.pixel() == Pixel::Cmyk => without_inks(&raster).unwrap_or(raster),
        None => raster,
    }
}

/// What is not covered by the colour, of what is not covered by black.
fn without_inks(raster: &Raster) -> Option<Raster> {
    let over =
        |paper: u8, black: u8| u8::try_from((u16::from(paper) * u16::from(black) + 127) / 255).unwrap_or(u8::MAX);
    let (pixels, _) = raster.data().as_chunks::<4>();
    let data =
        pixels.iter().flat_map(|&[cyan, magenta, yellow, black]| [cyan, magenta, yellow].map(|it| over(it, black)));
    Raster::new(raster.size(), Pixel::Rgb, data.collect())
}

fn through(transform: &Transform, from: &[u8], size: Size, to: Pixel) -> Option<Vec<u8>> {
    let mut out = vec![0; size.pixels() as usize * to.bytes()];
    transform.transform(from, &mut out).ok()?;
    Some(out)
}

/// Gives each pixel the colour of its gray, which is its first sample.
fn retoned(raster: &Raster, table: &[[u8; 3]]) -> Raster {
    let mut toned = raster.clone();
    for pixel in toned.data_mut().chunks_exact_mut(raster.pixel().bytes()) {
        let tone = pixel.first().and_then(|&gray| table.get(usize::from(gray)));
        for (sample, tone) in pixel.iter_mut().zip(tone.into_iter().flatten()) {
            *sample = *tone;
        }
    }
    toned
}
