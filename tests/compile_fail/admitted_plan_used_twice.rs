//! The store takes a proof away.

use portcullis::fault::Fault;
use portcullis::guard::{AdmittedDelete, AdmittedFind};
use portcullis::store::{Store, Transaction};

async fn read(store: &Store, find: AdmittedFind) -> Result<(), Fault> {
    store.reader().find(find).await?;
    store.reader().find(find).await?;
    Ok(())
}

async fn delete(transaction: &Transaction, delete: AdmittedDelete) -> Result<(), Fault> {
    transaction.delete(delete).await?;
    transaction.delete(delete).await?;
    Ok(())
}

fn main() {}
