//! Reading: from a selection to plans, rows and JSON.
//!
//! A selection becomes two things at once: a [`Level`], which says what to fetch, and an
//! [`Output`], which says how to write it. `load` fetches a level at a time, so the number of
//! statements depends on the depth of the query alone; `write` then writes the answer straight from the rows.

mod budget;
mod connection;
mod level;
mod load;
mod output;
mod preference;
mod shape;
mod write;
mod written;

pub use budget::Limits;

pub(super) use budget::Budget;
pub(super) use level::Level;
pub(super) use load::{Loaded, LoadedConnection, Loader, Unreadable, pointed_to};
pub(super) use output::{ConnectionOutput, Output};
pub(super) use preference::Preference;
pub(super) use shape::Shaper;
pub(super) use write::{NullField, Step, Writer, write_connection, write_object};
pub(super) use written::written_row;
