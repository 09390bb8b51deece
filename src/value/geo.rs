//! Points and areas on earth.

/// The radius of the sphere on which distances are measured, in kilometres.
pub const EARTH_RADIUS_KM: f64 = 6371.0;

/// Miles in a kilometre, as Parse converts them: the sphere has a radius of 3,958.8 miles.
pub const MILES_PER_KM: f64 = 3958.8 / 6371.0;

/// A place on earth, in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GeoPoint {
    latitude: f64,
    longitude: f64,
}

impl GeoPoint {
    /// The place, if the latitude is within ±90 and the longitude within ±180.
    pub fn new(latitude: f64, longitude: f64) -> Option<Self> {
        let valid = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        valid.then_some(Self { latitude, longitude })
    }

    /// Degrees north.
    pub const fn latitude(self) -> f64 {
        self.latitude
    }

    /// Degrees east.
    pub const fn longitude(self) -> f64 {
        self.longitude
    }
}

/// An area on earth: a closed ring of at least three places.
#[derive(Debug, Clone, PartialEq)]
pub struct Polygon(Vec<GeoPoint>);

impl Polygon {
    /// The area inside these corners, closed if it is not. `None` with fewer than three different corners.
    pub fn new(mut corners: Vec<GeoPoint>) -> Option<Self> {
        if corners.first() != corners.last() || corners.len() == 1 {
            corners.extend(corners.first().copied());
        }
        let mut distinct: Vec<GeoPoint> = Vec::new();
        for corner in &corners {
            if !distinct.contains(corner) {
                distinct.push(*corner);
            }
            if distinct.len() >= 3 {
                return Some(Self(corners));
            }
        }
        None
    }

    /// The corners; the last is the first.
    pub fn corners(&self) -> &[GeoPoint] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{GeoPoint, Polygon};

    fn polygon(corners: &[(f64, f64)]) -> Option<usize> {
        let corners = corners.iter().filter_map(|&(lat, lon)| GeoPoint::new(lat, lon)).collect();
        Polygon::new(corners).map(|polygon| polygon.corners().len())
    }

    #[test]
    fn points_are_on_earth() {
        assert!(GeoPoint::new(90.0, -180.0).is_some());
        assert!(GeoPoint::new(91.0, 0.0).is_none());
        assert!(GeoPoint::new(0.0, 180.1).is_none());
        assert!(GeoPoint::new(f64::NAN, 0.0).is_none());
    }

    #[test]
    fn polygons_are_closed_and_have_three_corners() {
        assert_eq!(polygon(&[(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)]), Some(4));
        assert_eq!(polygon(&[(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (0.0, 0.0)]), Some(4));
        assert_eq!(polygon(&[(0.0, 0.0), (0.0, 1.0), (0.0, 0.0)]), None);
        assert_eq!(polygon(&[(0.0, 0.0)]), None);
        assert_eq!(polygon(&[]), None);
    }
}
