//! Objects: what Portcullis promises beyond the recorded scenarios, or does better than Parse Server on purpose.

mod acl;
mod conditions;
mod hidden;
mod limits;
mod links;
mod pages;
mod transactions;
mod values;
