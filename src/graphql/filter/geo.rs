//! Conditions on places and areas.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::invalid;
use crate::class::{Field, FieldType};
use crate::fault::{Code, Fault};
use crate::graphql::input;
use crate::plan::{Direction, Filter, Find, Geo, Order, OrderKey, Test};
use crate::value::{EARTH_RADIUS_KM, MILES_PER_KM};

/// How many corners an area may have that every place is compared with.
const MAX_CORNERS: usize = 1000;

/// Places near another one, and the order by distance that they come in.
pub(super) fn near(
    field: &Arc<Field>,
    operand: &Json,
    operators: &Map<String, Json>,
) -> Result<(Filter<Find>, Order), Fault> {
    if field.kind != FieldType::GeoPoint {
        return Err(invalid(format!("{} is no place.", field.name)));
    }
    let point = input::geo_point(operand)?;
    let units = [
        ("maxDistance", 1.0),
        ("maxDistanceInRadians", 1.0),
        ("maxDistanceInKilometers", EARTH_RADIUS_KM),
        ("maxDistanceInMiles", EARTH_RADIUS_KM * MILES_PER_KM),
    ];
    let mut limit: Option<f64> = None;
    for (name, radius) in units {
        let Some(distance) = operators.get(name).and_then(Json::as_f64) else { continue };
        if distance < 0.0 {
            return Err(Fault::with(Code::InvalidJson, "A distance is not negative."));
        }
        let radians = distance / radius;
        limit = Some(limit.map_or(radians, |known| known.min(radians)));
    }
    let filter = Filter::Field(Arc::clone(field), Test::Geo(Geo::Near(point, limit)));
    let key = OrderKey::Distance(Arc::clone(field), point);
    Ok((filter, Order { key, direction: Direction::Ascending }))
}

/// Places inside something, or areas around a place.
pub(super) fn inside(field: &Arc<Field>, operator: &str, operand: &Json) -> Result<Filter<Find>, Fault> {
    let malformed = |message: &'static str| Fault::with(Code::InvalidJson, message);
    let part = |name: &str| operand.get(name).filter(|part| !part.is_null());
    let geo = match (operator, &field.kind) {
        ("within", FieldType::GeoPoint) => {
            let corner = |name| part("box").and_then(|corners| corners.get(name)).unwrap_or(&Json::Null);
            Geo::InBox(input::geo_point(corner("bottomLeft"))?, input::geo_point(corner("upperRight"))?)
        }
        ("geoWithin", FieldType::GeoPoint) => match (part("polygon"), part("centerSphere")) {
            (Some(Json::Array(corners)), None) if corners.len() > MAX_CORNERS => {
                return Err(invalid(format!("The polygon of a condition has at most {MAX_CORNERS} corners.")));
            }
            (Some(corners), None) => Geo::InPolygon(input::polygon(corners)?),
            (None, Some(sphere)) => {
                let centre = input::geo_point(sphere.get("center").unwrap_or(&Json::Null))?;
                let distance = sphere.get("distance").and_then(Json::as_f64).filter(|distance| *distance >= 0.0);
                Geo::InCircle(centre, distance.ok_or_else(|| malformed("A distance is not negative."))?)
            }
            _ => return Err(malformed("geoWithin needs either a polygon or a centerSphere.")),
        },
        ("geoIntersects", FieldType::Polygon) => {
            Geo::Around(input::geo_point(part("point").ok_or_else(|| malformed("geoIntersects needs a point."))?)?)
        }
        _ => return Err(invalid(format!("{operator} is no condition on {}.", field.name))),
    };
    Ok(Filter::Field(Arc::clone(field), Test::Geo(geo)))
}
