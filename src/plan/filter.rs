//! Conditions on rows.
//!
//! Conditions have two truth values: a comparison with a missing value is false, and [`Filter::Not`] is a true negation,
//! which includes rows where the value is missing.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::class::Field;
use crate::value::{GeoPoint, ObjectId, Polygon, Value};

/// A condition on the rows of one class. `Sub` is a query on another class: a plan while the condition is part of
/// a plan, and an admitted plan once it is admitted.
#[derive(Debug, Clone)]
pub enum Filter<Sub> {
    /// Every row.
    Always,
    /// No row.
    Never,
    /// Rows that meet all conditions.
    And(Vec<Self>),
    /// Rows that meet at least one condition.
    Or(Vec<Self>),
    /// Rows that do not meet the condition.
    Not(Box<Self>),
    /// Rows with one of these ids.
    Ids(Vec<ObjectId>),
    /// Rows whose field passes the test.
    Field(Arc<Field>, Test),
    /// Rows of which a query on another class knows something.
    Subquery(Arc<Field>, Subquery, Box<Sub>),
}

/// How a field and a query on another class belong together.
#[derive(Debug, Clone)]
pub enum Subquery {
    /// The field, a pointer, points to a row of the query.
    PointsTo,
    /// The field, a relation, contains a row of the query.
    RelatesTo,
    /// The field's value is the value of this field in a row of the query; for an array, one of its elements is.
    ValueOf(Arc<Field>),
}

/// How two values compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The same.
    Equal,
    /// Smaller. Text compares by bytes, `false` is smaller than `true`.
    Less,
    /// Smaller or the same.
    LessOrEqual,
    /// Greater.
    Greater,
    /// Greater or the same.
    GreaterOrEqual,
}

/// A test of one field of a row.
#[derive(Debug, Clone)]
pub enum Test {
    /// There is a value. A relation has none: what is in it is asked by a sub-query.
    Exists,
    /// The value compares so with this one, which is never null. An array is equal to an array; it compares equal to
    /// anything else if it contains it.
    Compare(Comparison, Value),
    /// The value is one of these; for an array, one of its elements is, or it is one of these arrays.
    In(Vec<Value>),
    /// The text matches a regular expression.
    Matches(Pattern),
    /// The text contains words.
    Search(TextSearch),
    /// An array contains all of these.
    ContainsAll(Vec<Json>),
    /// An array contains at least one of these.
    ContainsAny(Vec<Json>),
    /// An array contains nothing but these.
    ContainedBy(Vec<Json>),
    /// The member of an object at this path compares so with a JSON value.
    Member(Vec<String>, Comparison, Json),
    /// An object has, at this path, one of these values.
    MemberIn(Vec<String>, Vec<Json>),
    /// A place or an area lies so.
    Geo(Geo),
}

/// A regular expression. Its syntax has been checked, and it has no back-references or look-around, so that no match takes
/// more than linear time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the four options are independent")]
pub struct Pattern {
    /// The expression, without options.
    pub expression: String,
    /// `i`: case does not matter.
    pub ignore_case: bool,
    /// `m`: `^` and `$` match at line breaks.
    pub multi_line: bool,
    /// `s`: `.` matches a line break.
    pub dot_matches_new_line: bool,
    /// `x`: white space in the expression is passed over.
    pub ignore_white_space: bool,
}

/// A search for words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextSearch {
    /// What to look for.
    pub term: String,
    /// The language whose word forms count as the same, such as `english`.
    pub language: Option<String>,
    /// True if case matters.
    pub case_sensitive: bool,
    /// True if diacritics matter.
    pub diacritic_sensitive: bool,
}

impl TextSearch {
    /// The languages whose word forms and stop words both databases know, by PostgreSQL's names; `simple` has none.
    pub const LANGUAGES: &[&str] = &[
        "danish",
        "dutch",
        "english",
        "finnish",
        "french",
        "german",
        "hungarian",
        "italian",
        "norwegian",
        "portuguese",
        "russian",
        "simple",
        "spanish",
        "swedish",
        "turkish",
    ];
}

/// Where a place or an area lies. Distances are in radians on a sphere.
#[derive(Debug, Clone)]
pub enum Geo {
    /// The place is known, and within the distance of this one, if there is a limit.
    Near(GeoPoint, Option<f64>),
    /// The place is inside the box between its south-western and its north-eastern corner.
    InBox(GeoPoint, GeoPoint),
    /// The place is inside the area or on its border.
    InPolygon(Polygon),
    /// The place is within the distance of this one.
    InCircle(GeoPoint, f64),
    /// The area contains this place.
    Around(GeoPoint),
}

impl<Sub> Filter<Sub> {
    /// True if it asks nothing of a row.
    pub fn asks_nothing(&self) -> bool {
        match self {
            Self::Always => true,
            Self::And(all) => all.iter().all(Self::asks_nothing),
            Self::Never | Self::Or(_) | Self::Not(_) | Self::Ids(_) | Self::Field(..) | Self::Subquery(..) => false,
        }
    }

    /// The condition that both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Always, filter) | (filter, Self::Always) => filter,
            (Self::And(mut all), filter) => {
                all.push(filter);
                Self::And(all)
            }
            (filter, other) => Self::And(vec![filter, other]),
        }
    }

    /// The condition that this does not hold.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Always => Self::Never,
            Self::Never => Self::Always,
            filter => Self::Not(Box::new(filter)),
        }
    }

    /// The same condition with every query on another class replaced; the first failure ends it.
    pub fn try_map<New, E>(self, map: &mut impl FnMut(Sub) -> Result<New, E>) -> Result<Filter<New>, E> {
        Ok(match self {
            Self::Always => Filter::Always,
            Self::Never => Filter::Never,
            Self::And(filters) => {
                Filter::And(filters.into_iter().map(|filter| filter.try_map(map)).collect::<Result<_, E>>()?)
            }
            Self::Or(filters) => {
                Filter::Or(filters.into_iter().map(|filter| filter.try_map(map)).collect::<Result<_, E>>()?)
            }
            Self::Not(filter) => Filter::Not(Box::new(filter.try_map(map)?)),
            Self::Ids(ids) => Filter::Ids(ids),
            Self::Field(field, test) => Filter::Field(field, test),
            Self::Subquery(field, kind, query) => Filter::Subquery(field, kind, Box::new(map(*query)?)),
        })
    }

    /// Calls `visit` with every field of the class itself that the condition mentions.
    pub fn visit_fields(&self, visit: &mut impl FnMut(&Arc<Field>)) {
        match self {
            Self::Always | Self::Never | Self::Ids(_) => {}
            Self::And(filters) | Self::Or(filters) => filters.iter().for_each(|filter| filter.visit_fields(visit)),
            Self::Not(filter) => filter.visit_fields(visit),
            Self::Field(field, _) | Self::Subquery(field, ..) => visit(field),
        }
    }
}
