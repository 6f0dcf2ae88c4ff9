//! Dialect files that are right and wrong.

use super::*;

fn setting() -> Setting {
    Setting { currency: Currency::new("EUR").unwrap(), decimal: None }
}

#[test]
fn every_built_in_dialect_compiles() {
    for (id, _) in BUILTIN {
        let dialect = Dialect::builtin(id, &setting()).unwrap();
        assert_eq!(dialect.map_err(|error| error.to_string()).unwrap().id, *id);
    }
}
