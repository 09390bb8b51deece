//! Conditions.

use super::Generator;
use super::rows::TEXTS;
use crate::model::{ClassId, Field, Filter, Kind, Subquery, Test, Value};

impl Generator<'_> {
    /// A condition on the objects of a class.
    pub(crate) fn filter(&mut self, class: ClassId, depth: usize) -> Filter {
        if depth > 0 && self.dice.percent(40) {
            let count = match self.dice.below(20) {
                0 => 0,
                1..5 => 1,
                5..15 => 2,
                _ => 3,
            };
            let parts: Vec<_> = (0..count).map(|_| self.filter(class, depth - 1)).collect();
            return match self.dice.below(3) {
                0 => Filter::And(parts),
                1 => Filter::Or(parts),
                _ => Filter::Nor(parts),
            };
        }
        let fields = &self.model.class(class).fields;
        let id = Field { name: "objectId", kind: Kind::Pointer(class) };
        let field = match self.dice.below(fields.len() + 1) {
            0 => id,
            position => fields[position - 1],
        };
        let mut tests = vec![self.test(class, field, depth)];
        if self.dice.percent(15) {
            let other = self.test(class, field, depth);
            // One operator can be there only once.
            if std::mem::discriminant(&tests[0]) != std::mem::discriminant(&other) {
                tests.push(other);
            }
        }
        Filter::Field(field.name, tests)
    }

    fn test(&mut self, class: ClassId, field: Field, depth: usize) -> Test {
        match field.kind {
            Kind::Pointer(_) if field.name == "objectId" => self.id_test(class, depth),
            Kind::Text => match self.dice.below(12) {
                0 => Test::Begins(self.dice.pick(&["a", "A", "b", "u", "R"])),
                1 => self.key_test(class, Kind::Text, depth),
                _ => self.ordered(field.kind),
            },
            Kind::Number if self.dice.percent(10) => self.key_test(class, Kind::Number, depth),
            Kind::Number => self.ordered(field.kind),
            Kind::Flag => match self.dice.below(10) {
                0..4 => Test::Equal(self.nullable(field.kind)),
                4..7 => Test::NotEqual(self.nullable(field.kind)),
                7..9 => self.exists(),
                _ => self.key_test(class, Kind::Flag, depth),
            },
            Kind::Pointer(target) | Kind::Relation(target) => {
                let inner = |me: &mut Self| Box::new(me.filter(target, depth.saturating_sub(1)));
                match self.dice.below(10) {
                    0..5 if depth > 0 => Test::Have(inner(self)),
                    5..8 if depth > 0 => Test::HaveNot(inner(self)),
                    _ => self.exists(),
                }
            }
            Kind::Array => match self.dice.below(10) {
                0..4 => Test::AnyOf(self.elements(2)),
                4..6 => Test::NoneOf(self.elements(2)),
                6..8 => Test::AllOf(self.elements(2)),
                _ => self.exists(),
            },
        }
    }

    fn id_test(&mut self, class: ClassId, depth: usize) -> Test {
        let some = |me: &mut Self| (0..me.dice.below(4)).map(|_| me.known_row(class)).collect();
        match self.dice.below(10) {
            0..3 => Test::Equal(self.known_row(class)),
            3..6 => Test::In(some(self)),
            6..8 => Test::NotIn(some(self)),
            8 => self.key_test(class, Kind::Text, depth),
            _ => Test::NotEqual(self.known_row(class)),
        }
    }

    fn known_row(&mut self, class: ClassId) -> Option<Value> {
        self.row(class).map(Value::Pointer)
    }

    /// A comparison of values that have an order.
    fn ordered(&mut self, kind: Kind) -> Test {
        let several = |me: &mut Self| (0..me.dice.below(4)).map(|_| me.nullable(kind)).collect();
        match self.dice.below(20) {
            0..4 => Test::Equal(self.nullable(kind)),
            4..7 => Test::NotEqual(self.nullable(kind)),
            7..9 => Test::Less(self.operand(kind)),
            9..11 => Test::LessOrEqual(self.operand(kind)),
            11..13 => Test::Greater(self.operand(kind)),
            13..15 => Test::GreaterOrEqual(self.operand(kind)),
            15..17 => Test::In(several(self)),
            17..19 => Test::NotIn(several(self)),
            _ => self.exists(),
        }
    }

    fn nullable(&mut self, kind: Kind) -> Option<Value> {
        (!self.dice.percent(8)).then(|| self.operand(kind))
    }

    fn exists(&mut self) -> Test {
        Test::Exists(self.dice.percent(50))
    }

    /// A value among those of another query, with a key of the same kind.
    fn key_test(&mut self, class: ClassId, kind: Kind, depth: usize) -> Test {
        let class = if self.dice.percent(50) { class } else { self.class() };
        let fields = self.model.class(class).fields.iter();
        let mut keys: Vec<_> = fields.filter(|field| field.kind == kind).map(|field| field.name).collect();
        if kind == Kind::Text {
            keys.push("objectId");
        }
        if keys.is_empty() {
            return self.exists();
        }
        let filter = (depth > 0 && self.dice.percent(60)).then(|| Box::new(self.filter(class, depth - 1)));
        let query = Subquery { class, key: self.dice.pick(&keys), filter };
        if self.dice.percent(70) { Test::InKey(query) } else { Test::NotInKey(query) }
    }

    /// A condition that many objects meet, to be added to others.
    pub(crate) fn wide_filter(&mut self, class: ClassId) -> Filter {
        if self.dice.percent(50) {
            return self.filter(class, 2);
        }
        let text = Value::Text(self.dice.pick(&TEXTS).to_owned());
        let field = self.protectable(class);
        match self.model.class(class).kind(field) {
            Kind::Text => Filter::Field(field, vec![Test::NotEqual(Some(text))]),
            Kind::Number | Kind::Flag | Kind::Pointer(_) | Kind::Array | Kind::Relation(_) => {
                Filter::Field(field, vec![self.exists()])
            }
        }
    }
}
