//! A right to read is no right to write.

use portcullis::fault::Fault;
use portcullis::guard::{AdmittedFind, AdmittedUpdate};
use portcullis::store::Transaction;

async fn write(transaction: &Transaction, find: AdmittedFind) -> Result<(), Fault> {
    transaction.update(find).await?;
    Ok(())
}

async fn delete(transaction: &Transaction, update: AdmittedUpdate) -> Result<(), Fault> {
    transaction.delete(update).await?;
    Ok(())
}

fn main() {}
