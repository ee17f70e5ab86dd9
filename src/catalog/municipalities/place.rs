//! A place on the map.

/// Degrees of latitude that Japan reaches over.
const LATITUDES: std::ops::RangeInclusive<f64> = 20.0..=46.0;
/// Degrees of longitude that Japan reaches over.
const LONGITUDES: std::ops::RangeInclusive<f64> = 122.0..=154.0;
/// The mean radius of the earth in kilometres.
const RADIUS: f64 = 6371.0;

/// A place in Japan or beside it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    latitude: f64,
    longitude: f64,
}

impl Place {
    /// A place; none when it is far from Japan, or not a number.
    #[must_use]
    pub fn new(latitude: f64, longitude: f64) -> Option<Self> {
        let is_near = LATITUDES.contains(&latitude) && LONGITUDES.contains(&longitude);
        is_near.then_some(Self { latitude, longitude })
    }

    /// Degrees north.
    #[must_use]
    pub const fn latitude(self) -> f64 {
        self.latitude
    }

    /// Degrees east.
    #[must_use]
    pub const fn longitude(self) -> f64 {
        self.longitude
    }

    /// The way along the surface.
    #[must_use]
    pub fn kilometres_to(self, other: Self) -> f64 {
        let (here, there) = (self.latitude.to_radians(), other.latitude.to_radians());
        let half = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
        let (north, east) = (half(other.latitude - self.latitude), half(other.longitude - self.longitude));
        let part = (here.cos() * there.cos()).mul_add(east, north);
        2.0 * RADIUS * part.sqrt().min(1.0).asin()
    }
}
