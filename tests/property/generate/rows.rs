//! Values, ACLs and changes.

use std::collections::BTreeSet;

use super::{CALLERS, Generator};
use crate::model::{
    Acl, Changes, ClassId, Element, Kind, LinkChange, Principal, ROLE, Rights, RowId, USER, Value, Write,
};

pub(super) const TEXTS: [&str; 10] = ["", "a", "A", "ab", "b", "B", "ä", "a'b", "%", "\\\""];
const NUMBERS: [f64; 7] = [-1.5, -1.0, 0.0, 0.5, 1.0, 2.0, 1e9];
/// Names of roles; there is no role of the last one.
pub(super) const ROLES: [&str; 6] = ["R0", "R1", "R2", "R3", "R4", "Ghost"];

impl Generator<'_> {
    /// A value of a field, now and then none.
    pub(super) fn value(&mut self, kind: Kind) -> Value {
        if self.dice.percent(20) {
            return Value::Null;
        }
        self.operand(kind)
    }

    /// A value of a field that is not null.
    pub(super) fn operand(&mut self, kind: Kind) -> Value {
        match kind {
            Kind::Text => Value::Text(self.dice.pick(&TEXTS).to_owned()),
            Kind::Number => Value::Number(self.dice.pick(&NUMBERS)),
            Kind::Flag => Value::Flag(self.dice.percent(50)),
            Kind::Pointer(target) => self.row(target).map_or(Value::Null, Value::Pointer),
            Kind::Array => Value::Array(self.elements(3)),
            Kind::Relation(_) => panic!("a relation has no value"),
        }
    }

    pub(super) fn elements(&mut self, at_most: usize) -> Vec<Element> {
        (0..self.dice.below(at_most + 1))
            .map(|_| {
                let user = self.user();
                match self.dice.below(10) {
                    0..7 => Element::User(user),
                    7..9 => Element::IdOf(user),
                    _ => Element::Text(self.dice.pick(&TEXTS).to_owned()),
                }
            })
            .collect()
    }

    pub(super) fn acl(&mut self) -> Acl {
        let both = Rights { read: true, write: true };
        let reads = Rights { read: true, write: false };
        match self.dice.below(100) {
            0..35 => Acl::public(),
            35..55 => Acl::of([(Principal::Public, reads), (self.principal(), both)]),
            55..63 => Acl::default(),
            63..75 => Acl::of([(Principal::User(self.caller_user()), both)]),
            _ => {
                let count = 1 + self.dice.below(4);
                let entry = |_| (self.principal(), self.rights());
                Acl::of((0..count).map(entry).collect::<Vec<_>>())
            }
        }
    }

    pub(super) fn principal(&mut self) -> Principal {
        match self.dice.below(10) {
            0 => Principal::Public,
            1..6 => Principal::User(self.caller_user()),
            _ => Principal::Role(self.dice.pick(&ROLES).to_owned()),
        }
    }

    pub(super) fn rights(&mut self) -> Rights {
        Rights { read: self.dice.percent(60), write: self.dice.percent(60) }
    }

    /// A user, mostly one who can ask.
    pub(super) fn caller_user(&mut self) -> RowId {
        if self.dice.percent(90) { RowId { class: USER, number: self.dice.below(CALLERS) } } else { self.user() }
    }

    /// A change of the database.
    pub(crate) fn write(&mut self) -> Write {
        match self.dice.below(100) {
            0..35 => {
                let class = if self.dice.percent(8) { ROLE } else { self.own_class() };
                let row = self.model.next(class);
                let mut changes = self.changes(class, Some(row), true);
                if class == ROLE {
                    changes.values.push(("name", Value::Text(format!("R{}", row.number))));
                    changes.acl = Some(self.acl());
                }
                Write::Create { row, changes }
            }
            35..82 => {
                let class = self.class();
                match self.row(class) {
                    Some(row) => Write::Update { row, changes: self.changes(class, None, true) },
                    None => self.write(),
                }
            }
            _ => {
                let class = self.class();
                let rows: Vec<_> = self.model.ids.keys().copied().filter(|row| row.class == class).collect();
                // Those who ask stay, and so does enough to ask about.
                let can_go = |row: &RowId| class != USER || row.number >= CALLERS;
                let rows: Vec<_> = rows.into_iter().filter(can_go).collect();
                if rows.is_empty() || self.model.rows_of(class).count() < 4 {
                    return self.write();
                }
                Write::Delete { row: self.dice.pick(&rows) }
            }
        }
    }

    /// New values. If `nested`, at most one object of another class may be made along with it.
    fn changes(&mut self, class: ClassId, new: Option<RowId>, nested: bool) -> Changes {
        let mut changes = Changes::default();
        if self.dice.percent(if new.is_some() { 40 } else { 20 }) {
            changes.acl = Some(self.acl());
        }
        let fields = self.model.class(class).fields.clone();
        let mut nest = nested && self.dice.percent(20);
        for field in self.dice.some(&fields, 4) {
            match field.kind {
                _ if matches!(field.name, "username" | "email" | "name") => {}
                Kind::Pointer(target) if nest && target > ROLE && target != class => {
                    nest = false;
                    let row = self.model.next(target);
                    changes.made.push((field.name, row, self.changes(target, Some(row), false)));
                }
                Kind::Relation(target) => {
                    let mut change = self.link_change(target);
                    if nest && target > ROLE && target != class {
                        nest = false;
                        let row = self.model.next(target);
                        change.make.push((row, self.changes(target, Some(row), false)));
                    }
                    changes.links.push((field.name, change));
                }
                Kind::Text | Kind::Number | Kind::Flag | Kind::Pointer(_) | Kind::Array => {
                    changes.values.push((field.name, self.value(field.kind)));
                }
            }
        }
        changes
    }

    fn link_change(&mut self, target: ClassId) -> LinkChange {
        let all: Vec<_> = self.model.rows_of(target).collect();
        let add: BTreeSet<_> = self.dice.some(&all, 2).into_iter().collect();
        let remove = self.dice.some(&all, 2).into_iter().filter(|row| !add.contains(row)).collect();
        LinkChange { add: add.into_iter().collect(), remove, make: Vec::new() }
    }
}
