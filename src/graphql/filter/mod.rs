//! Conditions: from `where` arguments to a [`Filter`].
//!
//! What a condition that makes no sense means: `in: []` and `OR: []` find nothing, `AND: []` everything,
//! `equalTo: null` finds what has no value. Anything else that no row could be asked is 102.

mod budget;
mod compare;
mod elements;
mod geo;
mod quoted;
mod subquery;
mod text;

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use self::budget::Budget;
use crate::class::{Catalog, Class, Field, FieldType};
use crate::fault::{Code, Fault};
use crate::graphql::ids;
use crate::plan::{Filter, Find, Order};

/// How deep conditions may be nested.
const MAX_DEPTH: usize = 32;

/// Turns the conditions of one find into a filter, and collects the distances by which its rows are ordered.
pub(super) struct Conditions<'s> {
    catalog: &'s Catalog,
    distances: Vec<Order>,
    depth: usize,
    budget: Budget,
}

/// The operators of one field, as far as they are not null.
type Operators = Map<String, Json>;

pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::with(Code::InvalidQuery, message.into())
}

impl<'s> Conditions<'s> {
    pub(super) const fn new(catalog: &'s Catalog) -> Self {
        Self { catalog, distances: Vec::new(), depth: 0, budget: Budget::new() }
    }

    /// The distances of `nearSphere`, by which rows come before everything else.
    pub(super) fn into_distances(self) -> Vec<Order> {
        self.distances
    }

    /// The filter of a class's `where`.
    pub(super) fn of_class(
        &mut self,
        class: &Arc<Class>,
        conditions: &Map<String, Json>,
    ) -> Result<Filter<Find>, Fault> {
        if self.depth >= MAX_DEPTH {
            return Err(invalid(format!("Conditions can be nested {MAX_DEPTH} levels deep.")));
        }
        self.depth += 1;
        self.budget.spend(1)?;
        let mut filter = Filter::Always;
        for (name, condition) in conditions {
            let part = match (name.as_str(), condition) {
                (_, Json::Null) => Filter::Always,
                ("AND", Json::Array(items)) => Filter::And(self.all(class, items)?),
                ("OR", Json::Array(items)) => Filter::Or(self.all(class, items)?),
                ("NOR", Json::Array(items)) if items.is_empty() => {
                    return Err(invalid("NOR needs at least one condition."));
                }
                ("NOR", Json::Array(items)) => Filter::Or(self.all(class, items)?).negated(),
                (name, Json::Object(operators)) => self.field(class, name, operators)?,
                _ => return Err(invalid(format!("The condition on {name} is not valid."))),
            };
            filter = filter.and(part);
        }
        self.depth -= 1;
        Ok(filter)
    }

    fn all(&mut self, class: &Arc<Class>, items: &[Json]) -> Result<Vec<Filter<Find>>, Fault> {
        let conditions = items.iter().filter_map(Json::as_object);
        conditions.map(|conditions| self.of_class(class, conditions)).collect()
    }

    fn field(&mut self, class: &Arc<Class>, name: &str, operators: &Operators) -> Result<Filter<Find>, Fault> {
        if name == "id" {
            return self.field(class, "objectId", &local_ids(class, operators));
        }
        let Some(field) = class.field(name).map(Arc::clone) else {
            // Only a sub-query can name a field that is not there: its conditions are not typed.
            return Ok(Filter::Never);
        };
        if field.kind == FieldType::Acl {
            return Err(invalid("Cannot query on ACL."));
        }
        let mut filter = Filter::Always;
        for (operator, operand) in operators {
            filter = filter.and(self.operator(&field, operator, (operand, operators))?);
        }
        Ok(filter)
    }

    fn operator(
        &mut self,
        field: &Arc<Field>,
        operator: &str,
        (operand, operators): (&Json, &Operators),
    ) -> Result<Filter<Find>, Fault> {
        self.budget.spend_on(operator, operand)?;
        match operator {
            "exists" => {
                let exists = operand.as_bool().ok_or_else(|| invalid("exists is either true or false."))?;
                let there = match field.kind {
                    // A relation with objects that the caller cannot find is like one without any.
                    FieldType::Relation(_) => self.have(field, true, &Json::Object(Map::new()))?,
                    _ => compare::exists(field),
                };
                Ok(if exists { there } else { there.negated() })
            }
            "equalTo"
            | "notEqualTo"
            | "lessThan"
            | "lessThanOrEqualTo"
            | "greaterThan"
            | "greaterThanOrEqualTo"
            | "in"
            | "notIn"
            | "contains"
            | "containedBy" => match field.kind {
                FieldType::Array => self.elements(field, operator, operand),
                _ => compare::operator(field, operator, operand),
            },
            "have" | "haveNot" => self.have(field, operator == "have", operand),
            "inQueryKey" | "notInQueryKey" => self.in_query_key(field, operator == "inQueryKey", operand),
            "matchesRegex" => text::matches(field, operand, operators.get("options")),
            "text" => text::search(field, operand),
            "nearSphere" => {
                let (filter, order) = geo::near(field, operand, operators)?;
                self.distances.push(order);
                Ok(filter)
            }
            "within" | "geoWithin" | "geoIntersects" => geo::inside(field, operator, operand),
            // They only say more about another operator.
            "options" if operators.contains_key("matchesRegex") => Ok(Filter::Always),
            "maxDistance" | "maxDistanceInKilometers" | "maxDistanceInMiles" | "maxDistanceInRadians"
                if operators.contains_key("nearSphere") =>
            {
                Ok(Filter::Always)
            }
            _ => Err(invalid(format!("{operator} is no condition on {}.", field.name))),
        }
    }
}

/// Conditions on `id` may name global ids, those on `objectId` only what is stored.
fn local_ids(class: &Class, operators: &Operators) -> Operators {
    fn local(class: &Class, operand: &Json) -> Json {
        match operand {
            Json::String(id) => ids::local(&class.name, id).as_str().into(),
            Json::Array(items) => items.iter().map(|item| local(class, item)).collect(),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => operand.clone(),
        }
    }
    operators.iter().map(|(operator, operand)| (operator.clone(), local(class, operand))).collect()
}
