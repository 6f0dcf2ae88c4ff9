//! The outbox in SQLite: the only module that names the database. It lives on the pipeline thread.

mod row;

pub use row::{NewRow, Row, RowId};
