//! Answers hello through the same router as the native baseline.
