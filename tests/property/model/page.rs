//! Orders and pages.

use std::cmp::Ordering;
use std::ops::Range;

use super::{BAD_QUERY, Cursor, Faults, List, Page, RowId, Value, View};

/// The length of a page for which nobody gave one.
const DEFAULT: usize = 100;

impl Page {
    /// Numbers are not negative, and cursors are cursors.
    pub(super) fn faults(&self) -> Faults {
        let negative = [self.skip, self.first, self.last].into_iter().flatten().any(|number| number < 0);
        let nonsense = [self.after, self.before].contains(&Some(Cursor::Nonsense));
        if negative || nonsense { Faults::from([BAD_QUERY]) } else { Faults::new() }
    }

    /// The page is the end of the list, or of what is before a cursor. The last no objects of all are at its beginning.
    pub(super) fn is_from_end(&self) -> bool {
        let counted = self.last.is_some_and(|last| last != 0) || (self.last.is_some() && self.before.is_some());
        counted && self.first.is_none()
    }
}

impl View<'_> {
    /// Sorts rows as a list wants it.
    pub(super) fn sort(&self, list: &List, rows: &mut [RowId]) {
        rows.sort_by(|one, other| self.order(list, *one, *other));
    }

    /// The part of a sorted list that is on the page.
    pub(super) fn page(&self, list: &List, rows: &[RowId]) -> Range<usize> {
        let page = &list.page;
        let passed = |row: &RowId, cursor: Option<Cursor>, wanted: Ordering| match cursor {
            Some(Cursor::At(mark)) => self.order(list, *row, mark) == wanted,
            Some(Cursor::Nonsense) | None => true,
        };
        let after = rows.iter().take_while(|row| !passed(row, page.after, Ordering::Greater)).count();
        let mut end = rows.iter().take_while(|row| passed(row, page.before, Ordering::Less)).count().max(after);
        let mut start = (after + length(page.skip.unwrap_or(0))).min(end);
        if page.last == Some(0) && page.first.is_none() && page.before.is_none() {
            end = start;
        } else if let Some(first) = page.first {
            end = end.min(start + length(first));
        } else if page.last.is_none() && page.before.is_none() {
            end = end.min(start + DEFAULT);
        }
        if let Some(last) = page.last {
            start = start.max(end.saturating_sub(length(last)));
        }
        start..end
    }

    /// How many rows of a sorted list are passed over before the page, whatever it ends before.
    pub(super) fn passed_over(&self, list: &List, rows: &[RowId]) -> usize {
        let page = Page { first: None, last: None, before: None, ..list.page };
        self.page(&List { page, ..list.clone() }, rows).start
    }

    /// Missing values come last ascending and first descending; what is equal is in the order of the ids.
    fn order(&self, list: &List, one: RowId, other: RowId) -> Ordering {
        let by_default = [("createdAt", false)];
        let keys = if list.order.is_empty() { &by_default[..] } else { &list.order[..] };
        let by_keys = keys.iter().map(|(field, down)| {
            let order = self.order_values(&self.model.value(one, field), &self.model.value(other, field));
            if *down { order.reverse() } else { order }
        });
        let by_id = self.model.id(one).cmp(self.model.id(other));
        by_keys.fold(Ordering::Equal, Ordering::then).then(by_id)
    }

    fn order_values(&self, one: &Value, other: &Value) -> Ordering {
        match (one, other) {
            (Value::Null, Value::Null) => Ordering::Equal,
            (Value::Null, _) => Ordering::Greater,
            (_, Value::Null) => Ordering::Less,
            (Value::Text(one), Value::Text(other)) => one.as_bytes().cmp(other.as_bytes()),
            (Value::Number(one), Value::Number(other)) => one.total_cmp(other),
            (Value::Flag(one), Value::Flag(other)) => one.cmp(other),
            (Value::Pointer(one), Value::Pointer(other)) => self.model.id(*one).cmp(self.model.id(*other)),
            _ => panic!("values without an order: {one:?}, {other:?}"),
        }
    }
}

fn length(number: i32) -> usize {
    usize::try_from(number).expect("negative numbers are refused before")
}
