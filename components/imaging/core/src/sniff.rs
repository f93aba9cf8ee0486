//! Which format a file is, by its first bytes: names and declared types are the sender's claim, bytes are not.
use crate::error::Format;

/// How far into a text file `<svg` is looked for.
const SVG_WINDOW: usize = 1024;

/// Names the format that `bytes` begins as, or `None`.
pub(crate) fn sniff(bytes: &[u8]) -> Option<Format> {
    let at = |offset: usize, magic: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    Some(match () {
        () if at(0, b"\xFF\xD8\xFF") => Format::Jpeg,
        () if at(0, b"\x89PNG\r\n\x1A\n") => Format::Png,
        () if at(0, b"GIF87a") || at(0, b"GIF89a") => Format::Gif,
        () if at(0, b"RIFF") && at(8, b"WEBP") => Format::Webp,
        () if at(0, b"II*\0") || at(0, b"MM\0*") => Format::Tiff,
        () if at(4, b"ftyp") && is_heif_brand(bytes.get(8..12)) => Format::Heif,
        () if at(0, b"%PDF-") => Format::Pdf,
        () if at(0, b"BM") && at(6, &[0; 4]) => Format::Bmp,
        () if at(0, b"qoif") => Format::Qoi,
        () if is_svg(bytes) => Format::Svg,
        () => return None,
    })
}

fn is_heif_brand(brand: Option<&[u8]>) -> bool {
    const BRANDS: [&[u8]; 9] = [b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"];
    brand.is_some_and(|brand| BRANDS.contains(&brand))
}

fn is_svg(bytes: &[u8]) -> bool {
    let start = bytes.get(..bytes.len().min(SVG_WINDOW)).unwrap_or_default();
    let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start).trim_ascii_start();
    start.starts_with(b"<") && start.windows(4).any(|window| window.eq_ignore_ascii_case(b"<svg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_known_by_their_first_bytes() {
        let cases: [(&[u8], Option<Format>); 15] = [
            (b"\xFF\xD8\xFF\xE0", Some(Format::Jpeg)),
            (b"\x89PNG\r\n\x1A\n", Some(Format::Png)),
            (b"GIF89a", Some(Format::Gif)),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some(Format::Webp)),
            (b"RIFF\0\0\0\0WAVE", None),
            (b"II*\0\x08", Some(Format::Tiff)),
            (b"\0\0\0\x1Cftypavif", Some(Format::Heif)),
            (b"\0\0\0\x1Cftypmp42", None),
            (b"%PDF-1.7", Some(Format::Pdf)),
            (b"BM\x10\0\0\0\0\0\0\0", Some(Format::Bmp)),
            (b"BMW for sale", None),
            (b"qoif\0\0\0\x01", Some(Format::Qoi)),
            (b"<?xml version=\"1.0\"?>\n<svg xmlns=\"\">", Some(Format::Svg)),
            (b"<html>", None),
            (b"", None),
        ];
        for (bytes, format) in cases {
            assert_eq!(sniff(bytes), format, "{:?}", String::from_utf8_lossy(bytes));
        }
    }
}
