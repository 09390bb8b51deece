//! What is asked, as plain data.
//!
//! A plan says what somebody wants, not whether they may have it: nothing but `guard` turns a plan into an
//! admitted plan, and nothing but an admitted plan reaches `store`. Plans know nothing of GraphQL or SQL, do no I/O
//! and never read a clock.

mod alter;
mod filter;
mod page;
mod read;
mod upload;
mod write;

pub use alter::Alter;
pub use filter::{Comparison, Filter, Geo, Pattern, Subquery, Test, TextSearch};
pub use page::{Cursor, Direction, Order, OrderKey, Page, Position, is_orderable};
pub use read::{Count, Find, Related};
pub use upload::Upload;
pub use write::{Changes, Create, Delete, Internal, RelationChange, Update};
