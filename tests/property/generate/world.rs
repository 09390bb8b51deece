//! A world: classes, rows, roles and permissions, without the ids that a database will give.

use super::Generator;
use crate::dice::Dice;
use crate::model::{Class, ClassId, Clp, Field, Kind, Model, ROLE, Row, RowId, USER, Value};

/// The classes of the application's own.
const OWN: [&str; 3] = ["Apple", "Lemon", "Melon"];

/// A random world.
pub(crate) fn world(dice: &mut Dice) -> Model {
    let mut model = Model { classes: classes(dice), ..Model::default() };
    for class in 0..model.classes.len() {
        let count = match class {
            USER => 7,
            ROLE => 5,
            _ => 4 + dice.below(9),
        };
        for number in 0..count {
            model.rows.insert(RowId { class, number }, Row::default());
        }
    }
    let rows: Vec<RowId> = model.rows.keys().copied().collect();
    for row in rows {
        let made = Generator { dice, model: &model }.content(row);
        model.rows.insert(row, made);
    }
    for class in 0..model.classes.len() {
        let clp = Generator { dice, model: &model }.clp(class);
        model.classes[class].clp = clp;
    }
    model
}

fn classes(dice: &mut Dice) -> Vec<Class> {
    let field = |name, kind| Field { name, kind };
    let class = |name, fields| Class { name, fields, clp: Clp::open() };
    let users = class(
        "_User",
        vec![
            field("username", Kind::Text),
            field("email", Kind::Text),
            field("nick", Kind::Text),
            field("age", Kind::Number),
            field("pal", Kind::Pointer(USER)),
            field("crew", Kind::Array),
        ],
    );
    let roles = class(
        "_Role",
        vec![field("name", Kind::Text), field("users", Kind::Relation(USER)), field("roles", Kind::Relation(ROLE))],
    );
    let own = OWN.map(|name| {
        let fields = vec![
            field("text", Kind::Text),
            field("other", Kind::Text),
            field("rank", Kind::Number),
            field("flag", Kind::Flag),
            field("owner", Kind::Pointer(USER)),
            field("driver", Kind::Pointer(USER)),
            field("link", Kind::Pointer(own_class(dice))),
            field("team", Kind::Array),
            field("many", Kind::Relation(own_class(dice))),
            field("fans", Kind::Relation(USER)),
        ];
        class(name, fields)
    });
    [users, roles].into_iter().chain(own).collect()
}

fn own_class(dice: &mut Dice) -> ClassId {
    ROLE + 1 + dice.below(OWN.len())
}

impl Generator<'_> {
    /// What is in a row at first.
    fn content(&mut self, row: RowId) -> Row {
        let mut content = Row { acl: self.acl(), ..Row::default() };
        for field in self.model.class(row.class).fields.clone() {
            match field.kind {
                Kind::Relation(target) => {
                    let all: Vec<_> = self.model.rows_of(target).collect();
                    let members = self.dice.some(&all, if target == ROLE { 2 } else { 3 });
                    content.links.insert(field.name, members.into_iter().collect());
                }
                Kind::Text | Kind::Number | Kind::Flag | Kind::Pointer(_) | Kind::Array => {
                    let value = match field.name {
                        "username" => Value::Text(format!("user{}", row.number)),
                        "email" => Value::Text(format!("user{}@example.org", row.number)),
                        "name" => Value::Text(format!("R{}", row.number)),
                        _ => self.value(field.kind),
                    };
                    content.values.insert(field.name, value);
                }
            }
        }
        content
    }
}
