//! Plans as CSV and TOML: what each line means, and where a mistake is said to be.

use proptest::prelude::*;

use super::*;

fn yardstick() -> Yardstick {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    Yardstick { zone, docks: vec!["north".to_owned(), "south".to_owned()] }
}

/// A plan, and either its deliveries or its mistakes, each as a line.
fn check(file: &str, text: &str, expected: &[&str]) {
    let told: Vec<String> = match parse(file, text, &yardstick()) {
        Ok(plan) => plan.deliveries.iter().map(shown).collect(),
        Err(mistakes) => mistakes.iter().map(|it| it.to_string().replace("\n  hint", "")).collect(),
    };
    assert_eq!(told, expected, "{text}");
}

fn shown(it: &Delivery) -> String {
    let text = |it: &Option<String>| it.clone().unwrap_or_else(|| "-".to_owned());
    let (truck, dock) = (text(&it.truck_id), text(&it.dock));
    format!(
        "{} {truck} {dock} {} {:?} {:?}",
        it.shipment_id, it.planned, it.unload_minutes, it.dc_id
    )
}

#[test]
fn a_plan_is_read_from_csv_in_any_order_of_columns() {
    check(
        "p.csv",
        "planned_arrival,truck_id,shipment_id\n2026-11-21 06:30,t14,S1\n\n2026-11-21T06:30:00Z, ,\"S,2\"\n",
        &[
            "S1 t14 - 2026-11-21T05:30:00.000Z None None",
            "S,2 - - 2026-11-21T06:30:00.000Z None None",
        ],
    );
    check(
        "p.csv",
        "\u{feff}shipment_id,truck_id,dock,planned_arrival,unload_min,dc_id\r\nS1,t14,north,2026-07-01T06:30,40,9\r\n",
        &["S1 t14 north 2026-07-01T04:30:00.000Z Some(40) Some(9)"],
    );
    check("p.csv", "shipment_id,planned_arrival\n", &[]);
}

#[test]
fn a_plan_is_read_from_toml() {
    check(
        "p.toml",
        "[[delivery]]\nshipment_id = \"S1\"\ntruck_id = \"t14\"\ndock = \"north\"\n\
         planned_arrival = 2026-11-21T06:30:00\nunload_min = 40\n\n\
         [[delivery]]\nshipment_id = \"S2\"\nplanned_arrival = \"2026-11-21 07:00\"\n",
        &[
            "S1 t14 north 2026-11-21T05:30:00.000Z Some(40) None",
            "S2 - - 2026-11-21T06:00:00.000Z None None",
        ],
    );
}

#[test]
fn all_mistakes_of_csv_are_told_at_once_with_line_and_column() {
    check(
        "p.csv",
        "shipment_id,truck_id,dock,planned_arrival,unload_min\n\
         S1,t14,nort,2026-11-21 06:30,40\nS1,t15,south,tomorrow,0\n,t16,,2026-11-21 06:30,\nS4,t17\n",
        &[
            "p.csv:2:8: `dock`: no [[dock]] has the name `nort`: did you mean `north`?",
            "p.csv:3:1: `shipment_id`: the shipment `S1` is there twice: first on line 2",
            "p.csv:3:14: `planned_arrival`: `tomorrow` is no date with a time: as 2026-11-21 14:30 in the store's \
             time, or 2026-11-21T14:30:00+01:00",
            "p.csv:3:23: `unload_min`: `0` is not a number of minutes from 1 to 1440",
            "p.csv:4:1: `shipment_id`: nothing stands here",
            "p.csv:5:1: 2 fields where the first line has 5: put a field that has commas in it into double quotes",
        ],
    );
    check(
        "p.csv",
        "shipment,planned_arrival,planned_arrival\n",
        &[
            "p.csv:1:1: unknown column `shipment`: did you mean `shipment_id`?",
            "p.csv:1:26: the column `planned_arrival` is there twice",
            "p.csv:1:1: there is no column `shipment_id`: the first line is: \
             shipment_id,truck_id,dock,planned_arrival,unload_min,dc_id",
        ],
    );
    check(
        "p.csv",
        "shipment_id;x\nS1;2\n",
        &["p.csv:1:1: the columns are not separated by commas: save it as CSV with commas"],
    );
}

#[test]
fn all_mistakes_of_toml_are_told_at_once_with_line_and_column() {
    check(
        "p.toml",
        "[[delivery]]\nshipment_id = \"S1\"\nplanned_arrival = \"2026-11-21\"\ndock = \"west\"\nlate = true\n",
        &[
            "p.toml:3:19: `planned_arrival`: `2026-11-21` is no date with a time: as 2026-11-21 14:30 in the store's \
             time, or 2026-11-21T14:30:00+01:00",
            "p.toml:4:8: `dock`: no [[dock]] has the name `west`: there are: north, south",
            "p.toml:5:1: unknown key `late` in [[delivery]]: it has these: shipment_id, planned_arrival, truck_id, \
             dock, unload_min, dc_id",
        ],
    );
}

proptest! {
    #[test]
    fn any_text_is_a_plan_or_has_mistakes_at_places_that_it_has(
        text in "(shipment_id,planned_arrival,dock\n)?[S1,\"\n:0-9 \\-norh=\\[\\]]{0,80}", toml in any::<bool>(),
    ) {
        let file = if toml { "p.toml" } else { "p.csv" };
        if let Err(mistakes) = parse(file, &text, &yardstick()) {
            prop_assert!(!mistakes.is_empty());
            for mistake in mistakes {
                let line = text.split('\n').nth(mistake.line - 1);
                prop_assert!(line.is_some(), "{mistake}");
                prop_assert!(mistake.column <= line.unwrap().chars().count() + 1, "{mistake}");
            }
        }
    }
}
