//! Card numbers in all the ways they are written, and what is written like them.

use super::*;

#[test]
fn every_separator_is_known() {
    for separator in [
        " ", "-", ".", "\u{A0}", "\u{2007}", "\u{202F}", "\u{2013}", "·", "/", "_", ":", ",", "|",
        "  ", " - ", "−", "=", " = ", "*", "**", "***", "#", "&", ";", ")(", ") (", "][", "}{",
        "><",
    ] {
        let written = ["4111", "1111", "1111", "1111"].join(separator);
        let expected = ["****", "****", "****", "1111"].join(separator);
        check(&written, &expected);
    }
    check("3782/822463/10005", "****/******/*0005");
    check("(4111)(1111)(1111)(1111)", "(****)(****)(****)(1111)");
    check("[3782] [822463] [10005]", "[****] [******] [*0005]");
    untouched("4111/1111-1111:1111");
    untouched("4111)1111(1111)1111");
    untouched("4111 **** **** 1111");
    untouched("2*89.90=179.80 1*4.50=4.50");
}

#[test]
fn digits_of_every_script_are_known() {
    check("٤١١١١١١١١١١١١١١١", "************١١١١");
    check("๔๑๑๑ ๑๑๑๑ ๑๑๑๑ ๑๑๑๑", "**** **** **** ๑๑๑๑");
    check("4111\u{200B}1111\u{AD}1111\u{FEFF}1111", "************1111");
}

#[test]
fn numbers_in_longer_runs_are_found() {
    check("PAN4111111111111111", "PAN************1111");
    check("0004111111111111111", "000************1111");
    check("5A084111111111111111", "5A08************1111");
    check("41111111111111112712", "************1111****");
    check("41111111111111111227", "************1111****");
    check("411111111111 1111", "************ 1111");
    check("CARD 411111 1111111111", "CARD ****** ******1111");
}

#[test]
fn what_is_masked_too_little_is_masked_more() {
    check("411111111111XXXX", "411111******XXXX");
    check("4111 1111 1111 ****", "4111 11** **** ****");
    check("4111 1111 **** 1111", "4111 11** **** 1111");
    check("********11111111", "************1111");
    untouched("4111 11** **** 1111");
    untouched("411111******1111");
    untouched("************1111");
    untouched("**** **** **** 1111");
    untouched("******** 12345678 ********");
    untouched("*12345678*");
}

#[test]
fn account_numbers_stay() {
    untouched("IBAN DE89 3704 0044 0532 0130 00");
    // Its groups read as a card's number too.
    untouched("ES91 2100 0418 4502 0005 1332");
    check("DE00 4111 1111 1111 1111 01", "DE00 **** **** **** 1111 01");
}

#[test]
fn long_numbers_that_are_no_cards_stay() {
    untouched("NFe 3526 1112 3456 7800 0190 5500 1000 0000 0110 0000 0017");
    untouched("RECEIPT 20261121140500012345");
    untouched("UID 1234567890123456789012345678");
    untouched("4901234567894 150");
}

#[test]
fn numbers_within_elements_of_a_barcode_are_found() {
    let check = |symbology, data, expected| assert_eq!(barcode(symbology, data), expected);
    check("GS1-128", "214111111111111111", "21************1111");
    check(
        "GS1-128",
        "010950110153000321550000000000000410ABC",
        "010950110153000321**************0410ABC",
    );
    check("CODE128", "10LOT\u{1D}214111111111111111", "10LOT\u{1D}21************1111");
    check("GS1-128", "{1214111111111111111", "{121************1111");
    check("GS1-128", "{110LOT{1214111111111111111", "{110LOT{121************1111");
    check("QR", "]Q3214111111111111111", "]Q321************1111");
    check("GS1-128", "(21)4111111111111111", "(21)************1111");
    check("GS1-128", "0109501101530003", "0109501101530003");
    check("EAN8", "40000006", "40000006");
}

#[test]
fn a_word_names_a_card_whatever_stands_around_it() {
    check("HU PAN6759009085668 OK TOTAL 677.29 EUR", "HU PAN*********5668 OK TOTAL 677.29 EUR");
}
