//! Conditions on objects of other classes.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::{Conditions, invalid};
use crate::class::{Class, Field, FieldType};
use crate::fault::Fault;
use crate::plan::{Filter, Find, Subquery};

impl Conditions<'_> {
    /// The objects that a pointer or relation leads to, or does not lead to.
    pub(super) fn have(&mut self, field: &Arc<Field>, positive: bool, operand: &Json) -> Result<Filter<Find>, Fault> {
        let conditions = operand.as_object().ok_or_else(|| invalid("have and haveNot need conditions."))?;
        let Some(target) = field.kind.target() else {
            return Err(invalid(format!("{} leads to no object.", field.name)));
        };
        let is_pointer = matches!(field.kind, FieldType::Pointer(_));
        let kind = if is_pointer { Subquery::PointsTo } else { Subquery::RelatesTo };
        let target = self.catalog.class(target.as_str()).map(Arc::clone);
        let filter = match target {
            Some(target) => {
                let filter = self.nested(&target, conditions)?;
                Filter::Subquery(Arc::clone(field), kind, Box::new(Find { filter, ..Find::all(target) }))
            }
            None => Filter::Never,
        };
        Ok(if positive { filter } else { filter.negated() })
    }

    /// Objects whose value is, or is not, among the values of a field in the results of another query.
    pub(super) fn in_query_key(
        &mut self,
        field: &Arc<Field>,
        positive: bool,
        operand: &Json,
    ) -> Result<Filter<Find>, Fault> {
        let query = operand.get("query");
        let class_name = query.and_then(|query| query.get("className")).and_then(Json::as_str).unwrap_or_default();
        let key = operand.get("key").and_then(Json::as_str).unwrap_or_default();
        if class_name.is_empty() || key.is_empty() {
            return Err(invalid("inQueryKey and notInQueryKey need the name of a class and a key."));
        }
        let class = self.catalog.class(class_name).map(Arc::clone).ok_or_else(Fault::denied)?;
        let conditions = query.and_then(|query| query.get("where")).and_then(Json::as_object);
        let filter = match conditions {
            Some(conditions) => self.nested(&class, &untyped(conditions))?,
            None => Filter::Always,
        };
        let key = if key == "id" { "objectId" } else { key };
        let key = class.field(key).map(Arc::clone);
        let is_comparable = key.as_ref().is_some_and(|key| is_comparable(field, key));
        let by =
            key.as_ref().map_or_else(|| class.server_field("objectId").map(Arc::clone), |key| Ok(Arc::clone(key)))?;
        let filter = filter.and(self.leads_to_readable(&by));
        // Whoever may not query the class, or see the key, is told so even if no value could be the same.
        let find = Find { filter, columns: key.into_iter().collect(), ..Find::all(class) };
        let filter = Filter::Subquery(Arc::clone(field), Subquery::ValueOf(by), Box::new(find));
        let filter = if is_comparable { filter } else { Filter::Never.and(filter) };
        Ok(if positive { filter } else { filter.negated() })
    }

    /// Conditions inside a sub-query order nothing outside of it.
    fn nested(&mut self, class: &Arc<Class>, conditions: &Map<String, Json>) -> Result<Filter<Find>, Fault> {
        let distances = self.distances.len();
        let filter = self.of_class(class, conditions)?;
        self.distances.truncate(distances);
        Ok(filter)
    }
}

/// The values of the two fields can be the same.
fn is_comparable(field: &Field, key: &Field) -> bool {
    match (&field.kind, &key.kind) {
        (FieldType::Array, key) => key.has_column(),
        (FieldType::Pointer(one), FieldType::Pointer(other)) => one == other,
        // An object id is text, and so is the id in a pointer.
        (FieldType::Pointer(_), FieldType::String) => key.name.as_str() == "objectId",
        (one, other) => one == other && field.kind.has_column(),
    }
}

/// The `where` of a sub-query may have plain values in place of operators: they mean equality.
fn untyped(conditions: &Map<String, Json>) -> Map<String, Json> {
    let typed = |(name, condition): (&String, &Json)| {
        let name = ours(name);
        let typed = match (name, condition) {
            ("AND" | "OR" | "NOR", Json::Array(items)) => items
                .iter()
                .map(|item| item.as_object().map_or_else(|| item.clone(), |item| untyped(item).into()))
                .collect(),
            (_, Json::Object(operators)) if operators.keys().all(|key| is_operator(ours(key))) => {
                operators.iter().map(|(operator, operand)| (ours(operator).to_owned(), operand.clone())).collect()
            }
            (_, Json::Object(value)) if value.get("__type").and_then(Json::as_str) == Some("Pointer") => {
                json!({"have": {"objectId": {"equalTo": value.get("objectId")}}})
            }
            _ => json!({ "equalTo": condition }),
        };
        (name.to_owned(), typed)
    };
    conditions.iter().map(typed).collect()
}

/// Parse's own words for operators, which its clients may use where nothing is typed.
fn ours(name: &str) -> &str {
    match name {
        "$and" => "AND",
        "$or" => "OR",
        "$nor" => "NOR",
        "$eq" => "equalTo",
        "$ne" => "notEqualTo",
        "$lt" => "lessThan",
        "$lte" => "lessThanOrEqualTo",
        "$gt" => "greaterThan",
        "$gte" => "greaterThanOrEqualTo",
        "$in" => "in",
        "$nin" => "notIn",
        "$all" => "contains",
        "$containedBy" => "containedBy",
        "$exists" => "exists",
        "$regex" => "matchesRegex",
        "$options" => "options",
        name => name,
    }
}

fn is_operator(name: &str) -> bool {
    const OPERATORS: &[&str] = &[
        "equalTo",
        "notEqualTo",
        "lessThan",
        "lessThanOrEqualTo",
        "greaterThan",
        "greaterThanOrEqualTo",
        "in",
        "notIn",
        "contains",
        "containedBy",
        "exists",
        "have",
        "haveNot",
        "inQueryKey",
        "notInQueryKey",
        "matchesRegex",
        "options",
        "text",
        "nearSphere",
        "maxDistance",
        "maxDistanceInKilometers",
        "maxDistanceInMiles",
        "maxDistanceInRadians",
        "within",
        "geoWithin",
        "geoIntersects",
    ];
    OPERATORS.contains(&name)
}
