//! How pictures are decoded, turned upright, scaled and encoded.
