//! What rules make of slips, orders, scans and all else that is no sale.

use super::rules::{check, facts};
use super::*;
use crate::decode::{OrderMode, StockReason};

#[test]
fn stock_slips_give_a_reason_and_signed_pieces() {
    let rules = "[[rule]]\nevent = \"skip\"\nre = '^GOODS IN\\b'\ngoto = \"goods_in\"\n\
        [[rule]]\nevent = \"skip\"\nre = '^WASTE\\b'\ngoto = \"waste\"\n\
        [[rule]]\nevent = \"stock\"\nin = [\"goods_in\"]\nset = { reason = \"restock\" }\n\
        re = '^(?P<sku>\\d{4,14})\\s+(?P<desc>.+?)\\s+%{qty:qty}$'\n\
        [[rule]]\nevent = \"stock\"\nin = [\"waste\"]\nset = { reason = \"damage\" }\nre = '^(?P<sku>\\d{4,14})$'\n\
        [[rule]]\nevent = \"stock\"\nset = { reason = \"transfer_out\" }\nre = '^OUT (?P<desc>\\w+) %{qty:qty} TO (?P<place>.+)$'\n";
    let lines =
        "GOODS IN 12/11\n4711 TEA 24\n4712 HAM 1.5\nWASTE\n4711\nOUT TEA -2 TO STORE 9\n^L\n4711\n";
    check(
        rules,
        lines,
        &[
            "[stock restock 4711 TEA x 24]",
            "[stock restock 4712 HAM x 1.5]",
            "[stock damage 4711 x 1]",
            "[stock transfer_out TEA x -2 STORE 9]",
            "End(Cut)",
        ],
    );
    for name in ["restock", "shrink", "damage", "transfer_in", "transfer_out", "count"] {
        let rule = format!(
            "[[rule]]\nevent = \"stock\"\nset = {{ reason = \"{name}\" }}\nre = '^(?P<sku>\\d+)$'\n"
        );
        let [PosFact::Stock(moved)] = &facts(&rule, "4711")[..] else { panic!("{name}") };
        assert_eq!(moved.reason.name(), name);
    }
    assert_eq!(StockReason::Count.name(), "count");
}

#[test]
fn barcodes_have_rules_and_modes_of_their_own() {
    let rules = "[[rule]]\non = \"barcode\"\nevent = \"skip\"\nre = '^MODE-RESTOCK$'\ngoto = \"restock\"\n\
        [[rule]]\non = \"barcode\"\nevent = \"skip\"\nre = '^MODE-END$'\ngoto = \"header\"\n\
        [[rule]]\non = \"barcode\"\nin = [\"restock\"]\nevent = \"stock\"\nset = { reason = \"restock\" }\nre = '^(?P<sku>\\d{8,14})$'\n\
        [[rule]]\non = \"barcode\"\nevent = \"number\"\nre = '^R(?P<number>\\d+)$'\n";
    let scans = "[40123455]\n[MODE-RESTOCK]\n[40123455]\n[40123455]\n[MODE-END]\n[40123455]\n[R77]\nR78\n^L\n";
    let raw = "Barcode { symbology: \"QR\", data: \"40123455\" }";
    let stock = "[stock restock 40123455 x 1]";
    check(
        rules,
        scans,
        &[raw, stock, stock, raw, "Number(\"77\")", "Unmatched(\"R78\")", "End(Cut)"],
    );
}

#[test]
fn orders_loyalty_cash_and_operators_are_read() {
    let rules = "[[rule]]\nevent = \"order\"\nset = { mode = \"pick_up\" }\nre = '^PICKUP ORDER (?P<number>\\S+)$'\n\
        [[rule]]\nevent = \"order\"\nset = { mode = \"ship_from_store\" }\nre = '^SHIP ORDER (?P<number>\\S+)$'\n\
        [[rule]]\nevent = \"order_item\"\nre = '^%{int:qty} OF (?P<desc>.+)$'\n\
        [[rule]]\nevent = \"loyalty\"\nre = '^CLUB (?P<member>\\d+)(?: POINTS (?P<points>-?[\\d,]+))?$'\n\
        [[rule]]\nevent = \"price_override\"\nre = '^OVERRIDE (?P<desc>\\w+) %{money:was} -> %{money:amount} (?P<reason>.*)$'\n\
        [[rule]]\nevent = \"cash_in\"\nre = '^FLOAT %{money:amount}$'\n\
        [[rule]]\nevent = \"cash_out\"\nre = '^PAID OUT %{money:amount} (?P<reason>.*)$'\n\
        [[rule]]\nevent = \"sign_on\"\nre = '^SIGN ON (?P<operator>.*)$'\n\
        [[rule]]\nevent = \"sign_off\"\nre = '^SIGN OFF$'\n\
        [[rule]]\nevent = \"drawer_opened\"\nre = '^DRAWER OPEN$'\n\
        [[rule]]\nevent = \"drawer_closed\"\nre = '^DRAWER SHUT$'\n\
        [[rule]]\nevent = \"deposit\"\nre = '^(?P<desc>PFAND) %{money:amount}$'\n";
    for (line, expected) in [
        ("PICKUP ORDER W-12", "[order pick_up W-12]"),
        ("SHIP ORDER W-13", "[order ship_from_store W-13]"),
        ("2 OF TEA", "[order item TEA x 2]"),
        ("CLUB 7788", "[loyalty 7788]"),
        ("CLUB 7788 POINTS -1,250", "[loyalty 7788 -1250 points]"),
        ("OVERRIDE TEA 2.50 -> 2.00 DENT", "[price override TEA was 250 now 200 DENT]"),
        ("FLOAT 100.00", "[cash in 10000]"),
        ("PAID OUT -5.00 MILK", "[cash out 500 MILK]"),
        ("SIGN ON 12 ANNA", "[signed on 12 ANNA]"),
        ("SIGN OFF", "[signed off]"),
        ("DRAWER OPEN", "[drawer open]"),
        ("DRAWER SHUT", "[drawer closed]"),
        ("PFAND -0.25", "deposit - PFAND: 1000 x - = -25"),
    ] {
        let end = if line.starts_with("PFAND") { "\n^L" } else { "" };
        let mut expected = vec![expected];
        expected.extend((!end.is_empty()).then_some("End(Cut)"));
        check(rules, &format!("{line}{end}"), &expected);
    }
    assert_eq!(OrderMode::PickUp.name(), "pick_up");
}
