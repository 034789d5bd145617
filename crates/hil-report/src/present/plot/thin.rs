//! Fewer points for the same picture: of each stretch of a line, what is least and what is greatest in it.

/// A point of a line. What has no finite `y` is a gap.
pub(super) type Point = (f64, f64);

/// At most about `most` points of the line, every spike among them. A gap stays a gap, as one point without a `y`.
pub(super) fn thin(points: &[Point], most: usize) -> Vec<Point> {
    if points.len() <= most {
        return points.to_vec();
    }
    // Three points come of each stretch: its extremes, and its gap.
    let stretch = points.len().div_ceil((most / 3).max(1));
    points.chunks(stretch).flat_map(extremes).collect()
}

/// The least and the greatest point in their order, and then a gap if there is one.
fn extremes(stretch: &[Point]) -> impl Iterator<Item = Point> + use<> {
    let drawn = || stretch.iter().enumerate().filter(|(_, point)| is_drawn(**point));
    let least = drawn().min_by(|a, b| a.1.1.total_cmp(&b.1.1));
    let greatest = drawn().max_by(|a, b| a.1.1.total_cmp(&b.1.1));
    let mut kept: Vec<_> = least.into_iter().chain(greatest).collect();
    kept.sort_by_key(|(at, _)| *at);
    kept.dedup_by_key(|(at, _)| *at);
    let gap = stretch.iter().find(|point| !is_drawn(**point)).copied();
    kept.into_iter().map(|(_, point)| *point).chain(gap).collect::<Vec<_>>().into_iter()
}

/// Whether a point has a place in the picture.
pub(super) const fn is_drawn(point: Point) -> bool {
    point.0.is_finite() && point.1.is_finite()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(count: u32, y: impl Fn(u32) -> f64) -> Vec<Point> {
        (0..count).map(|x| (f64::from(x), y(x))).collect()
    }

    #[test]
    fn few_points_stay() {
        let points = line(100, f64::from);
        assert_eq!(thin(&points, 100), points);
    }

    #[test]
    fn a_single_spike_of_a_million_stays() {
        let points = line(1_000_000, |x| match x {
            777_777 => 9.0,
            3 => -9.0,
            _ => f64::from(x % 7) / 100.0,
        });
        let thinned = thin(&points, 2000);
        assert!(thinned.len() <= 2000, "{}", thinned.len());
        assert!(thinned.contains(&(777_777.0, 9.0)) && thinned.contains(&(3.0, -9.0)));
        assert!(thinned.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn gaps_stay_and_take_no_room() {
        let points =
            line(90_000, |x| if (40_000..50_000).contains(&x) || x % 2 == 0 { f64::NAN } else { 1.0 });
        let thinned = thin(&points, 900);
        assert!(thinned.len() <= 900);
        assert!(thinned.iter().filter(|point| !is_drawn(**point)).count() >= 290);
        assert!(!thinned.iter().any(|point| is_drawn(*point) && (40_000.0..50_000.0).contains(&point.0)));
    }
}
