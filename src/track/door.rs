//! Door facts to crossings.
