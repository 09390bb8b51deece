//! The store does not take plans.

use portcullis::fault::Fault;
use portcullis::plan::{Alter, Count, Create, Delete, Find, Update};
use portcullis::store::{Store, Transaction};

async fn read(store: &Store, find: Find, count: Count) -> Result<(), Fault> {
    store.reader().find(find).await?;
    store.reader().count(count).await?;
    Ok(())
}

async fn write(transaction: &Transaction, create: Create, update: Update, delete: Delete) -> Result<(), Fault> {
    transaction.create(create).await?;
    transaction.update(update).await?;
    transaction.delete(delete).await?;
    Ok(())
}

async fn alter(store: &Store, alter: Alter) -> Result<(), Fault> {
    store.alter(alter).await?;
    Ok(())
}

fn main() {}
