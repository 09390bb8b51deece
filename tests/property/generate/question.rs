//! Questions.

use super::Generator;
use crate::model::{ClassId, Cursor, Kind, List, Page, Pick, Question};

impl Generator<'_> {
    /// A question that changes nothing.
    pub(crate) fn question(&mut self) -> Question {
        let class = self.class();
        if self.dice.percent(25)
            && let Some(row) = self.row(class)
        {
            return Question::Get { row, global: self.dice.percent(20), picks: self.picks(class, 2) };
        }
        let mut list = self.list(class, 2);
        if list.finds() && self.dice.percent(25) {
            for place in [&mut list.page.after, &mut list.page.before] {
                if self.dice.percent(50) {
                    *place = Some(self.cursor(class));
                }
            }
        }
        Question::List { class, list }
    }

    /// What is wanted of an object.
    pub(crate) fn picks(&mut self, class: ClassId, depth: usize) -> Vec<Pick> {
        let fields = self.model.class(class).fields.clone();
        let mut picks = Vec::new();
        for field in self.dice.some(&fields, 6) {
            match field.kind {
                Kind::Text | Kind::Number | Kind::Flag => picks.push(Pick::Plain(field.name)),
                Kind::Array => picks.push(Pick::Array(field.name)),
                Kind::Pointer(target) if depth > 0 => {
                    picks.push(Pick::Pointer(field.name, self.picks(target, depth - 1)));
                }
                Kind::Relation(target) if depth > 0 => {
                    picks.push(Pick::Relation(field.name, self.list(target, depth - 1)));
                }
                Kind::Pointer(_) | Kind::Relation(_) => {}
            }
        }
        if self.dice.percent(10) {
            picks.push(Pick::Acl);
        }
        picks
    }

    /// What is wanted of a list.
    fn list(&mut self, class: ClassId, depth: usize) -> List {
        let filter = self.dice.percent(60).then(|| self.filter(class, depth + 1));
        let (edges, count) = match self.dice.below(10) {
            0..6 => (true, false),
            6..8 => (true, true),
            _ => (false, true),
        };
        List {
            filter,
            order: self.order(class),
            page: self.page(),
            edges: edges.then(|| self.picks(class, depth)),
            count,
            page_info: edges && self.dice.percent(25),
        }
    }

    fn order(&mut self, class: ClassId) -> Vec<(&'static str, bool)> {
        if self.dice.percent(60) {
            return Vec::new();
        }
        let fields = self.model.class(class).fields.iter();
        let orderable = fields.filter(|field| !matches!(field.kind, Kind::Array | Kind::Relation(_)));
        let names: Vec<_> = orderable.map(|field| field.name).chain(["objectId", "createdAt"]).collect();
        let names = self.dice.few(&names, 3);
        names.into_iter().map(|name| (name, self.dice.percent(50))).collect()
    }

    fn page(&mut self) -> Page {
        if self.dice.percent(60) {
            return Page::default();
        }
        let mut number = |chance| {
            let number = if self.dice.percent(2) { -1 } else { self.dice.pick(&[0, 1, 1, 2, 2, 3, 5, 20]) };
            self.dice.percent(chance).then_some(number)
        };
        Page { skip: number(30), first: number(60), last: number(25), after: None, before: None }
    }

    /// A row to read on from, which the caller need not be able to see.
    fn cursor(&mut self, class: ClassId) -> Cursor {
        let rows: Vec<_> = self.model.rows_of(class).collect();
        match (rows.is_empty(), self.dice.percent(4)) {
            (false, false) => Cursor::At(self.dice.pick(&rows)),
            _ => Cursor::Nonsense,
        }
    }
}
