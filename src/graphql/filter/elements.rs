//! Conditions on the elements of arrays.
//!
//! An element that points to an object which the caller cannot read is not shown, so no condition may see it either: beside
//! each pointer that a condition mentions stands a query for its object, which the guard admits like any other.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::{Conditions, invalid};
use crate::class::{Field, FieldType, Operation};
use crate::fault::Fault;
use crate::graphql::read::pointed_to;
use crate::plan::{Comparison, Filter, Find, Subquery, Test};
use crate::value::{JsonText, ObjectId, Value};

type Condition = Filter<Find>;

impl Conditions<'_> {
    /// One of the operators that compare an array with values.
    pub(super) fn elements(&self, field: &Arc<Field>, operator: &str, operand: &Json) -> Result<Condition, Fault> {
        JsonText::check(operand)?;
        Ok(match operator {
            "equalTo" => self.equal(field, operand),
            "notEqualTo" => self.equal(field, operand).negated(),
            "in" => self.one_of(field, list(operator, operand)?),
            "notIn" => self.one_of(field, list(operator, operand)?).negated(),
            "contains" => {
                let items = list(operator, operand)?;
                self.all_readable(field, items).fold(test(field, Test::ContainsAll(items.to_vec())), Filter::and)
            }
            "containedBy" => self.contained_by(field, list(operator, operand)?),
            _ => return Err(invalid(format!("{} has no order to compare by.", field.name))),
        })
    }

    /// The array is this one, or has this element; null is no array at all.
    fn equal(&self, field: &Arc<Field>, operand: &Json) -> Condition {
        match operand {
            Json::Null => test(field, Test::Exists).negated(),
            Json::Array(items) => {
                let same = test(field, Test::Compare(Comparison::Equal, Value::Array(JsonText::new(operand))));
                self.all_readable(field, items).fold(same, Filter::and)
            }
            Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_) => {
                self.any_of(field, std::iter::once(operand))
            }
        }
    }

    /// The array has one of these elements; null among them is no array at all.
    fn one_of(&self, field: &Arc<Field>, items: &[Json]) -> Condition {
        let any = self.any_of(field, items.iter().filter(|item| !item.is_null()));
        if items.iter().any(Json::is_null) {
            return Filter::Or(vec![test(field, Test::Exists).negated(), any]);
        }
        any
    }

    fn any_of<'j>(&self, field: &Arc<Field>, items: impl Iterator<Item = &'j Json>) -> Condition {
        let mut plain = Vec::new();
        let mut pointers: IndexMap<&str, (Vec<Json>, Vec<ObjectId>)> = IndexMap::new();
        for item in items {
            let Some((class, id)) = pointed_to(item) else {
                plain.push(item.clone());
                continue;
            };
            let (elements, ids) = pointers.entry(class).or_default();
            elements.push(item.clone());
            ids.push(ObjectId::new(id));
        }
        // A condition on no element mentions the field all the same, which the caller may have to be kept from.
        let plain = (!plain.is_empty() || pointers.is_empty()).then(|| test(field, Test::ContainsAny(plain)));
        let pointers = pointers.into_iter().map(|(class, (elements, ids))| {
            test(field, Test::ContainsAny(elements)).and(self.readable(field, class, ids))
        });
        Filter::Or(plain.into_iter().chain(pointers).collect())
    }

    /// Of the pointers in the list, those that are in the array lead to readable objects; otherwise the answer would tell
    /// which unreadable ones are in it.
    fn contained_by(&self, field: &Arc<Field>, items: &[Json]) -> Condition {
        let nothing_else = test(field, Test::ContainedBy(items.to_vec()));
        let pointers = items.iter().filter_map(|item| pointed_to(item).map(|(class, id)| (item, class, id)));
        pointers.fold(nothing_else, |filter, (item, class, id)| {
            let absent = test(field, Test::ContainsAny(vec![item.clone()])).negated();
            filter.and(Filter::Or(vec![absent, self.readable(field, class, vec![ObjectId::new(id)])]))
        })
    }

    /// For each pointer in the list, the condition that the array has it and its object is readable.
    fn all_readable<'j>(&'j self, field: &'j Arc<Field>, items: &'j [Json]) -> impl Iterator<Item = Condition> + 'j {
        let pointers = items.iter().filter_map(pointed_to);
        pointers.map(|(class, id)| self.readable(field, class, vec![ObjectId::new(id)]))
    }

    /// The array points to one of these objects, and the caller may read it.
    fn readable(&self, field: &Arc<Field>, class: &str, ids: Vec<ObjectId>) -> Condition {
        let Some(class) = self.catalog.class(class) else { return Filter::Never };
        let objects = Find::by_ids(Arc::clone(class), ids, Vec::new());
        Filter::Subquery(Arc::clone(field), Subquery::PointsTo, Box::new(objects))
    }

    /// The condition that a field of the class, if it is a pointer, leads to an object that the caller may read.
    pub(super) fn leads_to_readable(&self, field: &Arc<Field>) -> Condition {
        let FieldType::Pointer(target) = &field.kind else { return Filter::Always };
        let Some(target) = self.catalog.class(target.as_str()) else { return Filter::Never };
        let objects = Find { operation: Operation::Get, ..Find::all(Arc::clone(target)) };
        Filter::Subquery(Arc::clone(field), Subquery::PointsTo, Box::new(objects))
    }
}

fn list<'j>(operator: &str, operand: &'j Json) -> Result<&'j [Json], Fault> {
    operand.as_array().map(Vec::as_slice).ok_or_else(|| invalid(format!("{operator} needs a list.")))
}

fn test(field: &Arc<Field>, test: Test) -> Condition {
    Filter::Field(Arc::clone(field), test)
}
