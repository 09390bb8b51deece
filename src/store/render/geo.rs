//! Places and areas: distances are great circles on a sphere, in radians.

use super::Table;
use crate::class::{Field, FieldType};
use crate::plan::Geo;
use crate::store::sql::{Place, Sql};
use crate::value::GeoPoint;

/// Adds the distance of a place from a point: the haversine formula, which is exact for small distances as well.
pub(super) fn distance(sql: &mut Sql, column: Place<'_>, point: GeoPoint) {
    sql.push("2 * asin(sqrt(").smaller(
        &mut |sql| {
            sql.push("1.0");
        },
        &mut |sql| {
            sql.push("power(sin(radians(").latitude(column).push(" - ").number(point.latitude());
            sql.push(") / 2), 2) + cos(radians(").latitude(column).push(")) * cos(radians(");
            sql.number(point.latitude()).push(")) * power(sin(radians(").longitude(column).push(" - ");
            sql.number(point.longitude()).push(") / 2), 2)");
        },
    );
    sql.push("))");
}

/// Adds the condition that a place or an area lies so.
pub(super) fn lies(sql: &mut Sql, table: Table<'_>, field: &Field, geo: &Geo) {
    let column = table.place(field);
    match (geo, &field.kind) {
        (Geo::Around(point), FieldType::Polygon) => {
            sql.surrounds(column, *point);
        }
        (Geo::Near(_, None), FieldType::GeoPoint) => {
            sql.place(column).push(" IS NOT NULL");
        }
        (Geo::Near(point, Some(limit)) | Geo::InCircle(point, limit), FieldType::GeoPoint) => {
            // The smaller of 1 and nothing is 1 to PostgreSQL, and so would be the distance of no place at all.
            sql.push("(").place(column).push(" IS NOT NULL AND ");
            distance(sql, column, *point);
            sql.push(" <= ").number(*limit).push(")");
        }
        (Geo::InBox(south_west, north_east), FieldType::GeoPoint) => {
            sql.push("(").latitude(column).push(" BETWEEN ").number(south_west.latitude()).push(" AND ");
            sql.number(north_east.latitude()).push(" AND (");
            // A box whose west lies east of its east reaches over the date line.
            let over = south_west.longitude() > north_east.longitude();
            sql.longitude(column).push(" >= ").number(south_west.longitude());
            sql.push(if over { " OR " } else { " AND " });
            sql.longitude(column).push(" <= ").number(north_east.longitude()).push("))");
        }
        (Geo::InPolygon(area), FieldType::GeoPoint) => {
            sql.is_inside(column, area);
        }
        (Geo::Around(_) | Geo::Near(..) | Geo::InCircle(..) | Geo::InBox(..) | Geo::InPolygon(_), _) => {
            sql.push("FALSE");
        }
    }
}
