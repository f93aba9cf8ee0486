//! A table of figures, each beside its target.

/// One figure.
pub struct Figure {
    /// What was measured.
    pub what: String,
    /// The figure, with its unit.
    pub measured: String,
    /// The target, with its unit; empty where there is none.
    pub target: String,
    /// Whether the target was met; `None` where there is none.
    pub met: Option<bool>,
}

impl Figure {
    /// A figure without a target.
    #[must_use]
    pub fn plain(what: impl Into<String>, measured: impl Into<String>) -> Self {
        Self { what: what.into(), measured: measured.into(), target: String::new(), met: None }
    }
}

/// Prints the figures, and tells whether every target was met.
pub fn print(figures: &[Figure]) -> bool {
    let wide = figures.iter().map(|figure| figure.what.chars().count()).max().unwrap_or(0);
    println!("{:wide$}  {:>22}  {:>10}  met", "figure", "measured", "target");
    for Figure { what, measured, target, met } in figures {
        let met = met.map_or("", |met| if met { "met" } else { "missed" });
        println!("{what:wide$}  {measured:>22}  {target:>10}  {met}");
    }
    figures.iter().all(|figure| figure.met != Some(false))
}

/// The middle of some numbers; 0 where there are none.
#[must_use]
pub fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    match (sorted.get(half.wrapping_sub(1)), sorted.get(half)) {
        (Some(below), Some(above)) if sorted.len().is_multiple_of(2) => f64::midpoint(*below, *above),
        (_, Some(middle)) => *middle,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(&[7.0]), 7.0);
        assert_eq!(median(&[]), 0.0);
    }
}
