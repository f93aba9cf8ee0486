//! Digests of renditions, as they were once: whoever changes them, or builds for a machine on which they differ, sees it here.
//! A scenario looks for the digests of `PATTERN` in what the component makes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use imaging_core::{Limits, render};
use png::{BitDepth, ColorType};
use sha2::{Digest, Sha256};
use support::*;

/// Of the picture that [`pattern`] makes; `thumb`, `small`, `medium`, `large`, `full`.
const PATTERN: [&str; 5] = [
    "09588305317e56e87f5875ec0c37b0ddc456f88b631bb3403bfe4305a2cc7c37",
    "4d7ebe69be68e58e18baa6a504724f24aa20964fe2236e46b6375586464ae20e",
    "72bc61a111525c414545c268666d81c79ef15ff22fcf76a3256d6cf9459c6d9c",
    "10151b8efa7398a0d702398a1b65604f7f881ce7f97fea537917d84bce819305",
    "10151b8efa7398a0d702398a1b65604f7f881ce7f97fea537917d84bce819305",
];

/// Of `data/p3.png`, which a colour profile changes.
const PROFILE: [&str; 5] = [
    "c27f3edf348ffc4c312cd0e17b99dcb97561f1545e489b118c78ee86b0e5766c",
    "e3fc154e241a132e5f65a2bd1c10ec5cffafa14fd2e717fb93d3b49e3e90b388",
    "e3fc154e241a132e5f65a2bd1c10ec5cffafa14fd2e717fb93d3b49e3e90b388",
    "e3fc154e241a132e5f65a2bd1c10ec5cffafa14fd2e717fb93d3b49e3e90b388",
    "e3fc154e241a132e5f65a2bd1c10ec5cffafa14fd2e717fb93d3b49e3e90b388",
];

fn digests(file: &[u8]) -> Vec<String> {
    let renditions = render(file, &Limits::default()).unwrap().renditions;
    renditions.iter().map(|it| Sha256::digest(&it.bytes).iter().map(|byte| format!("{byte:02x}")).collect()).collect()
}

/// 900 by 600 pixels that nothing but arithmetic decides.
fn pattern() -> Vec<u8> {
    let pixel = |x: u32, y: u32| [x * y / 9, (x * x + y) / 13, (x + y * y) / 17].map(|value| value as u8);
    let pixels: Vec<u8> = (0..600).flat_map(|y| (0..900).flat_map(move |x| pixel(x, y))).collect();
    png(900, 600, ColorType::Rgb, BitDepth::Eight, &pixels)
}

#[test]
fn renditions_are_those_that_they_always_were() {
    assert_eq!(digests(&pattern()), PATTERN);
    assert_eq!(digests(include_bytes!("data/p3.png")), PROFILE);
}
