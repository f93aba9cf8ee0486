//! What every HTTP edge shares: problems, JSON bodies, cursors and request ids.
