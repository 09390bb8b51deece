//! Lists: the arguments of a find, and what is wanted of its answer.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::level::Level;
use super::preference::Preference;
use super::shape::Shaper;
use crate::class::{Class, Operation};
use crate::fault::{Code, Fault};
use crate::graphql::filter;
use crate::plan::{Count, Cursor, Filter, Find, Order, Page, Related};

/// The length of a page for which nobody gave one, as in Parse.
const DEFAULT_LIMIT: u64 = 100;

/// By how many fields a list may be ordered.
const MAX_ORDER: usize = 20;

/// Which objects of a class are asked for, in which order, and which part of them.
#[derive(Debug, Clone)]
pub(in crate::graphql) struct FindArguments {
    filter: Filter<Find>,
    order: Vec<Order>,
    page: Page,
    /// Of the page, only this many rows from its end: `last` beside `first`.
    keep_last: Option<u64>,
    preference: Option<Preference>,
}

/// A list of objects, and what is wanted of it.
#[derive(Debug)]
pub(in crate::graphql) struct Connection {
    pub(super) level: Level,
    arguments: FindArguments,
    pub(super) wants: Wants,
}

/// What is wanted of a list.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is wanted or not, whatever the others")]
pub(super) struct Wants {
    pub(super) count: bool,
    pub(super) rows: bool,
    pub(super) cursors: bool,
    /// Whether there are rows before or behind the page.
    pub(super) neighbours: bool,
    /// Whether there are rows before the page.
    pub(super) previous: bool,
}

impl Connection {
    pub(super) fn new(level: Level, arguments: FindArguments) -> Self {
        Self { level, arguments, wants: Wants::default() }
    }

    pub(super) fn want_page_info<'a>(&mut self, fields: impl Iterator<Item = &'a str>) {
        for field in fields {
            match field {
                "hasNextPage" => {
                    self.wants.rows = true;
                    self.wants.neighbours = true;
                }
                "hasPreviousPage" => {
                    self.wants.rows = true;
                    self.wants.neighbours = true;
                    self.wants.previous = true;
                }
                "startCursor" | "endCursor" => {
                    self.wants.rows = true;
                    self.wants.cursors = true;
                }
                _ => {}
            }
        }
    }

    pub(super) const fn page(&self) -> &Page {
        &self.arguments.page
    }

    /// From where the client wants it, if that was said.
    pub(super) const fn preference(&self) -> Option<Preference> {
        self.arguments.preference
    }

    /// Of the fetched rows of each owner, only this many from the end are on the page.
    pub(super) fn keep_last(&self, related: Option<&Related>) -> Option<u64> {
        let page = &self.arguments.page;
        if self.cuts_by_owner(related) { page.limit } else { self.arguments.keep_last }
    }

    /// True if the page is the end of what remains of each owner's list behind `skip`. Where that begins differs from
    /// owner to owner, so the rows are cut after they are fetched.
    fn cuts_by_owner(&self, related: Option<&Related>) -> bool {
        related.is_some() && self.arguments.page.from_end && self.arguments.page.skip > 0
    }

    /// The plan for the rows of the page.
    pub(super) fn find(&self, related: Option<Related>) -> Find {
        let mut page = self.arguments.page.clone();
        if self.cuts_by_owner(related.as_ref()) {
            page = Page { limit: None, from_end: false, ..page };
        }
        Find {
            class: Arc::clone(&self.level.class),
            operation: Operation::Find,
            filter: self.arguments.filter.clone(),
            order: self.arguments.order.clone(),
            page,
            columns: self.level.columns(),
            cursors: self.wants.cursors,
            related,
        }
    }

    /// The plan for the last row that is passed over before the end of the list is taken: `skip` beside `last`.
    pub(super) fn last_skipped(&self, related: Option<&Related>) -> Option<Find> {
        let page = &self.arguments.page;
        let before = page.skip.checked_sub(1).filter(|_| page.from_end && related.is_none())?;
        let page = Page { skip: before, limit: Some(1), from_end: false, ..page.clone() };
        Some(Find { page, columns: Vec::new(), cursors: true, ..self.find(None) })
    }

    /// The plan that tells whether there is any row on any page.
    pub(super) fn first_row(&self, related: Option<Related>) -> Find {
        let page = Page { limit: Some(1), ..Page::default() };
        Find { page, columns: Vec::new(), cursors: false, ..self.find(related) }
    }

    /// The plan that tells whether there is any row behind those that are passed over, whatever the page ends before.
    pub(super) fn row_behind(&self, related: Option<Related>) -> Find {
        let page = Page { before: None, limit: Some(1), from_end: false, ..self.arguments.page.clone() };
        Find { page, columns: Vec::new(), cursors: false, ..self.find(related) }
    }

    /// The plan for the number of all rows.
    pub(super) fn count(&self, related: Option<Related>) -> Count {
        Count {
            class: Arc::clone(&self.level.class),
            filter: self.arguments.filter.clone(),
            order: self.arguments.order.clone(),
            related,
        }
    }
}

/// The arguments of a find. Invalid paging is 102.
pub(in crate::graphql) fn find_arguments(
    shaper: Shaper<'_>,
    class: &Arc<Class>,
    arguments: &Map<String, Json>,
) -> Result<FindArguments, Fault> {
    let mut conditions = filter::Conditions::new(shaper.catalog);
    let filter = match arguments.get("where") {
        Some(Json::Object(conditions_of_class)) => conditions.of_class(class, conditions_of_class)?,
        _ => Filter::Always,
    };
    let mut order = Vec::new();
    for name in arguments.get("order").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str) {
        if let Some((field, direction)) = shaper.schema.order_of(class, name) {
            order.push(Order { key: crate::plan::OrderKey::Field(field), direction });
        }
    }
    // Places come by distance; an order that is given as well decides between equal distances.
    order.splice(0..0, conditions.into_distances());
    if order.len() > MAX_ORDER {
        return Err(Fault::with(Code::InvalidQuery, format!("A list can be ordered by {MAX_ORDER} fields.")));
    }
    if order.is_empty() {
        order.push(Order::ascending(Arc::clone(class.server_field("createdAt")?)));
    }
    let (page, keep_last) = page(arguments, &order)?;
    Ok(FindArguments { filter, order, page, keep_last, preference: Preference::of(arguments) })
}

fn page(arguments: &Map<String, Json>, order: &[Order]) -> Result<(Page, Option<u64>), Fault> {
    let invalid = |message: String| Fault::with(Code::InvalidQuery, message);
    let number = |name: &str, label: &str| match arguments.get(name).and_then(Json::as_i64) {
        None => Ok(None),
        Some(number) => {
            u64::try_from(number).map(Some).or(Err(invalid(format!("{label} should be a positive number"))))
        }
    };
    let cursor = |name: &str, label: &str| match arguments.get(name).and_then(Json::as_str) {
        None | Some("") => Ok(None),
        Some(text) => match Cursor::decode(text, order) {
            Some(cursor) => Ok(Some(cursor)),
            None => Err(invalid(format!("{label} is not a valid cursor"))),
        },
    };
    let skip = number("skip", "Skip")?.unwrap_or(0);
    let after = cursor("after", "After")?;
    let first = number("first", "First")?;
    let before = cursor("before", "Before")?;
    let last = number("last", "Last")?;
    let (limit, from_end, keep_last) = match (first, last) {
        (None, None) if before.is_some() => (None, false, None),
        (None, None) => (Some(DEFAULT_LIMIT), false, None),
        (Some(first), None) => (Some(first), false, None),
        // The end of a list that is empty anyway: the page stands at its beginning, as in Parse.
        (None, Some(0)) if before.is_none() => (Some(0), false, None),
        (None, Some(last)) => (Some(last), true, None),
        (Some(first), Some(last)) => (Some(first), false, Some(last)),
    };
    Ok((Page { after, before, skip, limit, from_end, total: None }, keep_last))
}
