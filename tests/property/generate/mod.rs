//! Random worlds, and random questions about them. Everything is decided by the dice alone.

mod clp;
mod filter;
mod question;
mod rows;
mod world;

use crate::dice::Dice;
use crate::model::{Caller, ClassId, Model, ROLE, RowId, USER};

pub(crate) use clp::hide;
pub(crate) use world::world;

/// How many users have a session, and so can ask.
pub(crate) const CALLERS: usize = 4;

/// Makes up things about a model.
#[derive(Debug)]
pub(crate) struct Generator<'g> {
    pub(crate) dice: &'g mut Dice,
    pub(crate) model: &'g Model,
}

impl Generator<'_> {
    /// Somebody to ask.
    pub(crate) fn caller(&mut self) -> Caller {
        match self.dice.below(100) {
            0..68 => Caller::User(RowId { class: USER, number: self.dice.below(CALLERS) }),
            68..88 => Caller::Anonymous,
            88..93 => Caller::ReadOnlyMaster,
            _ => Caller::Master,
        }
    }

    /// A class to ask about, mostly one of the application's own.
    pub(crate) fn class(&mut self) -> ClassId {
        match self.dice.below(100) {
            0..12 => USER,
            12..20 => ROLE,
            _ => self.own_class(),
        }
    }

    /// A class of the application's own.
    fn own_class(&mut self) -> ClassId {
        ROLE + 1 + self.dice.below(self.model.classes.len() - ROLE - 1)
    }

    /// An object of a class, now and then one that is deleted. `None` if there never was one.
    fn row(&mut self, class: ClassId) -> Option<RowId> {
        let known: Vec<_> = if self.dice.percent(4) {
            self.model.ids.keys().copied().filter(|row| row.class == class).collect()
        } else {
            self.model.rows_of(class).collect()
        };
        (!known.is_empty()).then(|| self.dice.pick(&known))
    }

    fn user(&mut self) -> RowId {
        let users: Vec<_> = self.model.rows_of(USER).collect();
        self.dice.pick(&users)
    }
}
