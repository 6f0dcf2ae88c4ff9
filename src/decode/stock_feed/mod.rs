//! Lines of a stock feed: changes and snapshot counts that a back office or another till system writes.
//!
//! | | columns | JSON, one object a line |
//! |---|---|---|
//! | a change | `trans_id,item_id,store_id,date_time,quantity,change_type_id` | its keys |
//! | a count | `item_id,employee_id,store_id,date_time,quantity` | its keys, no reason |
//!
//! A line with names of columns sets the columns of those that follow; without one the number of fields tells which of
//! the two a line is. A time without a zone is the store's.
//!
//! # Constraints
//! - Each line is a [`StockLine`] or a [`FeedError`]: none is passed over in silence but names of columns.
//! - Errors never quote a line: anything may be plugged in where a feed belongs, a till with cards too.

mod columns;
mod read;

#[cfg(test)]
mod tests;

use tillgate_events::{StockReason, UtcMs};

pub use read::FeedReader;

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StockLine {
    /// Stock changed.
    Change {
        /// The line's own number, as its system gives it out: braces off, in lower case.
        id: String,
        /// Of which product.
        product: ProductRef,
        /// When.
        at: UtcMs,
        /// Pieces, never 0.
        quantity: i64,
        /// Why.
        reason: StockReason,
    },
    /// Stock was counted.
    Count {
        /// Which product.
        product: ProductRef,
        /// When.
        at: UtcMs,
        /// At least 0.
        quantity: i64,
    },
    /// The online store's own note of an order that a store hands over: that store books it.
    Noted,
}

/// How a line names a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProductRef {
    /// By its number.
    Id(u64),
    /// By an article number, a GTIN or a PLU.
    Code(String),
}

/// Why a line says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// Neither of the two.
    #[error("neither columns that are known nor a JSON object")]
    Form,
    /// Something has to be there.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// It is there and makes no sense.
    #[error("`{0}` is not {1}")]
    Bad(&'static str, &'static str),
    /// It is about another store.
    #[error("it is another store's")]
    OtherStore,
}
